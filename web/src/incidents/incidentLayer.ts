/** Incidents on the map: clusters that show their most pressing state, single shapes, danger apart. */
import {
  Popup,
  type GeoJSONSource,
  type Map,
  type MapLayerMouseEvent,
  type MapSourceDataEvent,
} from "maplibre-gl";
import type { State } from "../api/types";
import { addLayer, collection, pointFeature, type LayerOf } from "../map/layer";
import { breaths } from "../map/breath";
import { drawShape } from "../ui/shapes";
import { token } from "../ui/style";
import { LOOKS, STATES } from "./state";
import type { Point } from "./store";

export interface IncidentLayer {
  show(points: Iterable<Point>): void;
  /** Resolves when what was shown last has reached a frame. */
  painted(): Promise<void>;
  greet(points: Point[]): void;
  remove(): void;
}

interface Options {
  onPick?: (id: string) => void;
  cluster?: boolean;
  /** 1 on a desk, 1.4 on the wall. */
  scale?: number;
}

const RATIO = 2;

function addImage(map: Map, id: string, size: number, draw: (c: CanvasRenderingContext2D) => void) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * RATIO;
  const context = canvas.getContext("2d");
  if (!context) return;
  context.scale(RATIO, RATIO);
  draw(context);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  if (map.hasImage(id)) map.removeImage(id);
  map.addImage(id, pixels, { pixelRatio: RATIO });
}

function drawCluster(c: CanvasRenderingContext2D, state: State): void {
  const colour = token(LOOKS[state].token);
  c.beginPath();
  c.arc(24, 24, 18, 0, 2 * Math.PI);
  c.fillStyle = token("--panel");
  c.fill();
  c.lineWidth = 2.5;
  c.strokeStyle = colour;
  c.stroke();
  c.translate(30, 0);
  drawShape(c, LOOKS[state].shape, 18, colour, token("--panel"));
}

function addImages(map: Map, scale: number): void {
  for (const state of STATES) {
    const { shape, token: name } = LOOKS[state];
    const size = (state === "danger" ? 26 : 19) * scale;
    addImage(map, `mark-${state}`, size, (c) =>
      drawShape(c, shape, size, token(name), token("--canvas")),
    );
    addImage(map, `cluster-${state}`, 48, (c) => drawCluster(c, state));
  }
}

function stateOfRank(): ["match", ...unknown[]] {
  const pairs = STATES.flatMap((s) => [LOOKS[s].rank, s]);
  return ["match", ["get", "worst"], ...pairs, "new"];
}

function layersOf(scale: number): LayerOf[] {
  const image = (prefix: string, state: unknown) => ["image", ["concat", prefix, state]];
  return [
    {
      id: "incident-mark",
      type: "symbol",
      filter: ["!", ["has", "point_count"]],
      layout: {
        "icon-image": image("mark-", ["get", "state"]) as never,
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "symbol-sort-key": ["get", "rank"],
      },
    },
    {
      id: "incident-cluster",
      type: "symbol",
      filter: ["has", "point_count"],
      layout: {
        "icon-image": image("cluster-", stateOfRank()) as never,
        "icon-size": [
          "interpolate",
          ["linear"],
          ["get", "point_count"],
          2,
          0.72 * scale,
          50,
          0.95 * scale,
          400,
          1.25 * scale,
        ],
        "icon-allow-overlap": true,
        "icon-padding": 0,
        "text-field": ["get", "point_count_abbreviated"],
        "text-size": [
          "interpolate",
          ["linear"],
          ["get", "point_count"],
          2,
          12 * scale,
          400,
          16 * scale,
        ],
        "text-allow-overlap": true,
        "text-ignore-placement": true,
        "symbol-sort-key": ["get", "worst"],
      },
      paint: { "text-color": token("--text-1") },
    },
  ];
}

const DANGER: LayerOf = {
  id: "incident-danger",
  type: "symbol",
  layout: {
    "icon-image": "mark-danger",
    "icon-allow-overlap": true,
    "icon-ignore-placement": true,
  },
};

const featureOf = (p: Point) =>
  pointFeature(p.lon, p.lat, {
    id: p.id,
    state: p.state,
    rank: LOOKS[p.state].rank,
    title: p.title,
  });

export function incidentLayer(map: Map, options: Options = {}): IncidentLayer {
  const { onPick, cluster = true, scale = 1 } = options;
  addImages(map, scale);
  const plain = addLayer(map, "incidents", layersOf(scale), {
    cluster,
    clusterRadius: 46 * scale,
    clusterMaxZoom: 13,
    clusterProperties: { worst: ["max", ["get", "rank"]] },
  });
  const danger = addLayer(map, "incidents-danger", [DANGER]);
  const rings = breaths(map);
  const stopMouse = onPick ? listen(map, onPick) : () => undefined;

  return {
    show(points) {
      const all = [...points];
      const urgent = all.filter((p) => p.state === "danger");
      plain.show(collection(all.filter((p) => p.state !== "danger").map(featureOf)));
      danger.show(collection(urgent.map(featureOf)));
      rings.keep(urgent.map((p) => ({ ...p, colour: token("--state-danger") })));
    },
    painted: () =>
      new Promise((done) => {
        const hear = (event: MapSourceDataEvent) => {
          if (event.sourceId !== "incidents" || !event.isSourceLoaded) return;
          map.off("sourcedata", hear);
          map.once("render", () => done());
          map.triggerRepaint();
        };
        map.on("sourcedata", hear);
      }),
    greet: (points) =>
      rings.once(points.map((p) => ({ ...p, colour: token(LOOKS[p.state].token) }))),
    remove() {
      stopMouse();
      rings.remove();
      danger.remove();
      plain.remove();
    },
  };
}

/** Pointer on a mark: name it, open it; on a cluster: come nearer. */
function listen(map: Map, onPick: (id: string) => void): () => void {
  const popup = new Popup({
    closeButton: false,
    closeOnClick: false,
    offset: 14,
    maxWidth: "280px",
  });
  const over = (event: MapLayerMouseEvent) => {
    map.getCanvas().style.cursor = "pointer";
    const title = event.features?.[0]?.properties["title"];
    if (title) popup.setLngLat(event.lngLat).setText(String(title)).addTo(map);
  };
  const out = () => {
    map.getCanvas().style.cursor = "";
    popup.remove();
  };
  const pick = (event: MapLayerMouseEvent) => {
    const id = event.features?.[0]?.properties["id"];
    if (id) onPick(String(id));
  };
  const enter = (event: MapLayerMouseEvent) => {
    const cluster = Number(event.features?.[0]?.properties["cluster_id"]);
    void map
      .getSource<GeoJSONSource>("incidents")
      ?.getClusterExpansionZoom(cluster)
      .then((zoom) => map.easeTo({ center: event.lngLat, zoom, duration: 400 }));
  };
  type Binding = [event: "mousemove" | "mouseleave" | "click", layer: string, run: typeof over];
  const bindings: Binding[] = [
    ...["incident-mark", "incident-danger"].flatMap((id): Binding[] => [
      ["mousemove", id, over],
      ["mouseleave", id, out],
      ["click", id, pick],
    ]),
    ["mousemove", "incident-cluster", over],
    ["mouseleave", "incident-cluster", out],
    ["click", "incident-cluster", enter],
  ];
  for (const [event, layer, run] of bindings) map.on(event, layer, run);
  return () => {
    for (const [event, layer, run] of bindings) map.off(event, layer, run);
    popup.remove();
  };
}
