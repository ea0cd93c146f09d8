/** Incidents by id, and the points of the map; deltas are merged here, pages only derive. */
import { defineStore } from "pinia";
import { computed, shallowRef, triggerRef } from "vue";
import { api } from "../api/calls";
import type { Brief, MapRows, State } from "../api/types";
import { onLive } from "../live/live";
import { isOpen, isState } from "./state";

export interface Point {
  id: string;
  lon: number;
  lat: number;
  state: State;
  danger: boolean;
  reports: number;
  title: string;
  area: string;
}

export interface Change {
  changed: Brief[];
  gone: string[];
  /** Ids never seen before. */
  fresh: string[];
}

/** Columns travel once, rows as arrays. */
export function pointsOf({ columns, rows }: MapRows): Point[] {
  const at = Object.fromEntries(columns.map((name, i) => [name, i]));
  const cell = (row: MapRows["rows"][number], name: string) => row[at[name] ?? -1];
  const points: Point[] = [];
  for (const row of rows) {
    const [lon, lat, state] = [cell(row, "lon"), cell(row, "lat"), cell(row, "state")];
    if (lon == null || lat == null) continue;
    points.push({
      id: String(cell(row, "id")),
      lon: Number(lon),
      lat: Number(lat),
      state: isState(state) ? state : "new",
      danger: Boolean(cell(row, "danger")),
      reports: Number(cell(row, "reports") ?? 1),
      title: String(cell(row, "title") ?? ""),
      area: String(cell(row, "area") ?? ""),
    });
  }
  return points;
}

export const useIncidents = defineStore("incidents", () => {
  const byId = shallowRef(new Map<string, Brief>());
  const points = shallowRef(new Map<string, Point>());
  /** Open incidents that no map can show, as of the last whole read. */
  const placeless = shallowRef(0);
  const pointsAsOf = shallowRef<string | null>(null);
  const listeners = new Set<(change: Change) => void>();

  /** Keep the newest of what we know: a slow answer must not undo a later delta. */
  function keep(incidents: Brief[]): Brief[] {
    const taken: Brief[] = [];
    for (const incident of incidents) {
      const known = byId.value.get(incident.id);
      if (known && Date.parse(known.changed_at) > Date.parse(incident.changed_at)) continue;
      byId.value.set(incident.id, incident);
      taken.push(incident);
    }
    if (taken.length) triggerRef(byId);
    return taken;
  }

  function movePoint(incident: Brief): void {
    const { id, lon, lat, state, danger, reports, title, area } = incident;
    const shows = isOpen(incident) || state === "closed";
    if (lon == null || lat == null || !shows) points.value.delete(id);
    else points.value.set(id, { id, lon, lat, state, danger, reports, title, area });
  }

  function apply(changed: Brief[], gone: string[], asOf: string): void {
    const fresh = changed
      .map((i) => i.id)
      .filter((id) => !byId.value.has(id) && !points.value.has(id));
    const taken = keep(changed);
    taken.forEach(movePoint);
    for (const id of gone) {
      byId.value.delete(id);
      points.value.delete(id);
    }
    if (gone.length) triggerRef(byId);
    if (pointsAsOf.value) pointsAsOf.value = asOf;
    triggerRef(points);
    for (const listener of listeners) listener({ changed: taken, gone, fresh });
  }

  async function loadPoints(): Promise<void> {
    const answer = await api.incidentMap();
    points.value = new Map(pointsOf(answer).map((p) => [p.id, p]));
    pointsAsOf.value = answer.as_of;
    placeless.value = answer.without_position ?? 0;
  }

  /** Open incidents per county code, from the points on the map. */
  const openByCounty = computed(() => {
    const counts = new Map<string, number>();
    for (const { area, state } of points.value.values()) {
      if (state === "closed") continue;
      const county = area.slice(0, 6);
      counts.set(county, (counts.get(county) ?? 0) + 1);
    }
    return counts;
  });

  /** Be told of every delta; the answer stops it. */
  function onChange(listener: (change: Change) => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  onLive("incidents", ({ changed, gone, asOf }) => apply(changed, gone, asOf));

  return { byId, points, pointsAsOf, placeless, openByCounty, keep, apply, loadPoints, onChange };
});
