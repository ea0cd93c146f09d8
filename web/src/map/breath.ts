/** Rings around points: two breaths for what is new, a steady pulse for danger. */
import { Marker, type Map } from "maplibre-gl";

const LONGEST_MS = 3_000;
/** Past this many at once, motion says nothing more. */
const MOST = 24;

export interface Breaths {
  /** Breathe twice, then rest. */
  once(points: { lon: number; lat: number; colour: string }[]): void;
  /** Pulse at exactly these points until told otherwise. */
  keep(points: { id: string; lon: number; lat: number; colour: string }[]): void;
  remove(): void;
}

function ring(map: Map, lon: number, lat: number, colour: string, name: string): Marker {
  const element = document.createElement("div");
  element.className = name;
  element.setAttribute("aria-hidden", "true");
  element.style.setProperty("--mark", colour);
  return new Marker({ element }).setLngLat([lon, lat]).addTo(map);
}

export function breaths(map: Map): Breaths {
  const passing = new Set<Marker>();
  const kept = new globalThis.Map<string, Marker>();
  return {
    once(points) {
      for (const { lon, lat, colour } of points.slice(0, MOST - passing.size)) {
        const marker = ring(map, lon, lat, colour, "breath");
        passing.add(marker);
        setTimeout(() => {
          marker.remove();
          passing.delete(marker);
        }, LONGEST_MS);
      }
    },
    keep(points) {
      const wanted = new Set(points.map((p) => p.id));
      for (const [id, marker] of kept) {
        if (wanted.has(id)) continue;
        marker.remove();
        kept.delete(id);
      }
      for (const { id, lon, lat, colour } of points.slice(0, MOST)) {
        const known = kept.get(id);
        if (known) known.setLngLat([lon, lat]);
        else kept.set(id, ring(map, lon, lat, colour, "breath pulse"));
      }
    },
    remove() {
      for (const marker of [...passing, ...kept.values()]) marker.remove();
      passing.clear();
      kept.clear();
    },
  };
}
