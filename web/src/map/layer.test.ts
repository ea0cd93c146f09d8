import type { Map as LibreMap } from "maplibre-gl";
import { expect, test } from "vitest";
import { addLayer } from "./layer";

function fakeMap() {
  const on = new Set<string>();
  const map = {
    addSource: (id: string) => on.add(`source ${id}`),
    removeSource: (id: string) => on.delete(`source ${id}`),
    getSource: (id: string) => on.has(`source ${id}`),
    addLayer: ({ id }: { id: string }) => on.add(`layer ${id}`),
    removeLayer: (id: string) => on.delete(`layer ${id}`),
    getLayer: (id: string) => on.has(`layer ${id}`),
  };
  return { map: map as unknown as LibreMap, on };
}

test("a layer takes away everything it put on", () => {
  const { map, on } = fakeMap();
  const layer = addLayer(map, "counties", [
    { id: "fill", type: "fill" },
    { id: "line", type: "line" },
  ]);
  expect(on.size).toBe(3);
  layer.remove();
  expect([...on]).toEqual([]);
});
