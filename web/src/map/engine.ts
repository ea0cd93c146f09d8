/** Makes a MapLibre map; the worker's address must be given by hand under Vite. */
import { Map as LibreMap, setWorkerUrl, type PaddingOptions } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { Bbox } from "./bounds";
import { groundStyle, MAP_FONT } from "./style";

setWorkerUrl(workerUrl);

export type { Bbox };

export function makeMap(container: HTMLElement, bbox: Bbox, padding: PaddingOptions): LibreMap {
  const map = new LibreMap({
    container,
    style: groundStyle(),
    bounds: bbox,
    fitBoundsOptions: { padding },
    attributionControl: false,
    localIdeographFontFamily: MAP_FONT,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
    minZoom: 6,
    maxZoom: 18,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  return map;
}
