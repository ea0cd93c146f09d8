/** A layer is a function that says how to feed it and how to take it away again. */
import type {
  GeoJSONSource,
  GeoJSONSourceSpecification,
  LayerSpecification,
  Map,
} from "maplibre-gl";

export interface MapLayer {
  show(features: GeoJSON.FeatureCollection): void;
  remove(): void;
}

export const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

type Options = Omit<GeoJSONSourceSpecification, "type" | "data">;

/** A layer specification whose source is filled in by `addLayer`. */
export type LayerOf = LayerSpecification extends infer L
  ? L extends { source: string }
    ? Omit<L, "source">
    : never
  : never;

/** Put one GeoJSON source and its layers on the map; hand back how to feed and undo it. */
export function addLayer(map: Map, id: string, layers: LayerOf[], options: Options = {}): MapLayer {
  map.addSource(id, { type: "geojson", data: EMPTY, ...options });
  for (const layer of layers) map.addLayer({ ...layer, source: id } as LayerSpecification);
  return {
    show: (features) => void map.getSource<GeoJSONSource>(id)?.setData(features),
    remove() {
      for (const layer of layers) if (map.getLayer(layer.id)) map.removeLayer(layer.id);
      if (map.getSource(id)) map.removeSource(id);
    },
  };
}

export function collection(features: GeoJSON.Feature[]): GeoJSON.FeatureCollection {
  return { type: "FeatureCollection", features };
}

export function pointFeature(
  lon: number,
  lat: number,
  properties: GeoJSON.GeoJsonProperties,
): GeoJSON.Feature {
  return { type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties };
}
