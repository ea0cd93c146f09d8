/** Counties as a quiet choropleth of open incidents, with their names; townships when near. */
import type { Map } from "maplibre-gl";
import type { Area } from "../api/types";
import { addLayer, collection, pointFeature } from "../map/layer";
import { token } from "../ui/style";

type County = GeoJSON.Feature<GeoJSON.Geometry, { code: string; name: string; name_en: string }>;

/** Where a name may stand, in ems from its point, best first. */
const ASIDE: (string | [number, number])[] = [
  ["center", [0, 0]] as const,
  ["bottom", [0, -1.3]] as const,
  ["top", [0, 1.3]] as const,
  ["left", [1.4, 0]] as const,
  ["right", [-1.4, 0]] as const,
  ["bottom", [0, -2.4]] as const,
  ["top", [0, 2.4]] as const,
  ["left", [2.6, 0]] as const,
  ["right", [-2.6, 0]] as const,
].flatMap(([anchor, offset]) => [anchor, [...offset] as [number, number]]);

export interface CountyLayer {
  show(counties: County[], open: globalThis.Map<string, number>): void;
  label(areas: Area[], townships: Area[], name: (area: Area) => string): void;
  remove(): void;
}

/** Development zones are county-level units without a boundary of their own (codes 3206 7x). */
const isZone = (area: Area) => area.level === "county" && area.code.slice(4, 5) === "7";

export function countyLayer(map: Map, { labels = 15 } = {}): CountyLayer {
  const halo = { "text-halo-color": token("--canvas"), "text-halo-width": 1.6 };
  const ground = addLayer(map, "counties", [
    {
      id: "county-fill",
      type: "fill",
      paint: {
        "fill-color": [
          "interpolate",
          ["linear"],
          ["get", "share"],
          0,
          token("--density-0"),
          0.5,
          token("--density-1"),
          1,
          token("--density-2"),
        ],
        "fill-opacity": 0.85,
      },
    },
    {
      id: "county-line",
      type: "line",
      paint: { "line-color": token("--line-strong"), "line-width": 1, "line-opacity": 0.7 },
    },
  ]);
  const towns = addLayer(map, "townships", [
    {
      id: "township-dot",
      type: "circle",
      minzoom: 9.3,
      paint: {
        "circle-radius": 2,
        "circle-color": token("--text-3"),
        "circle-opacity": 0.7,
      },
    },
    {
      id: "township-name",
      type: "symbol",
      minzoom: 10,
      layout: {
        "text-field": ["get", "name"],
        "text-size": 12,
        "text-offset": [0, 0.9],
        "text-anchor": "top",
        "text-padding": 6,
      },
      paint: { "text-color": token("--text-2"), ...halo },
    },
  ]);
  const names = addLayer(map, "county-names", [
    {
      id: "county-name",
      type: "symbol",
      maxzoom: 11.5,
      layout: {
        "text-field": ["get", "name"],
        "text-size": ["match", ["get", "zone"], 1, labels * 0.78, labels],
        // Names give way to incidents: the nearest free side of their point.
        "text-variable-anchor-offset": ASIDE,
        "text-padding": 1,
        "text-max-width": 12,
      },
      paint: { "text-color": token("--text-2"), ...halo },
    },
  ]);
  return {
    show(counties, open) {
      const most = Math.max(1, ...open.values());
      ground.show(
        collection(
          counties.map((c) => ({
            ...c,
            properties: { ...c.properties, share: (open.get(c.properties.code) ?? 0) / most },
          })),
        ),
      );
    },
    label(areas, townships, name) {
      const points = (list: Area[]) =>
        collection(
          list.flatMap((a) =>
            a.lon == null || a.lat == null
              ? []
              : [pointFeature(a.lon, a.lat, { name: name(a), zone: isZone(a) ? 1 : 0 })],
          ),
        );
      names.show(points(areas));
      towns.show(points(townships));
    },
    remove() {
      names.remove();
      towns.remove();
      ground.remove();
    },
  };
}
