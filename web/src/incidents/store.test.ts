import { createPinia, setActivePinia } from "pinia";
import { beforeEach, expect, test, vi } from "vitest";
import { api } from "../api/calls";
import { hear } from "../live/live";
import { briefOf } from "../testing";
import { pointsOf, useIncidents } from "./store";

beforeEach(() => setActivePinia(createPinia()));

test("a delta from the live stream reaches the store and its listeners", () => {
  const store = useIncidents();
  const heard = vi.fn();
  store.onChange(heard);
  hear({
    kind: "incidents",
    asOf: "2026-07-14T11:20:00Z",
    changed: [briefOf({ id: "7" })],
    gone: [],
  });
  expect(store.byId.get("7")?.title).toBe("路灯不亮");
  expect(store.points.get("7")).toMatchObject({ lon: 120.86, state: "new" });
  expect(heard).toHaveBeenCalledWith(expect.objectContaining({ fresh: ["7"] }));
});

test("an older answer does not undo a later delta", () => {
  const store = useIncidents();
  store.apply([briefOf({ stage: "assigned", changed_at: "2026-07-14T11:05:00Z" })], [], "");
  store.keep([briefOf({ stage: "received", changed_at: "2026-07-14T11:00:00Z" })]);
  expect(store.byId.get("1")?.stage).toBe("assigned");
});

test("a known incident is not fresh, and moves its point", () => {
  const store = useIncidents();
  store.apply([briefOf({})], [], "");
  const heard = vi.fn();
  store.onChange(heard);
  store.apply(
    [briefOf({ lon: 121, state: "overdue", changed_at: "2026-07-14T12:00:00Z" })],
    [],
    "",
  );
  expect(heard).toHaveBeenCalledWith(expect.objectContaining({ fresh: [] }));
  expect(store.points.get("1")).toMatchObject({ lon: 121, state: "overdue" });
});

test("what is gone, merged or without a place leaves the map", () => {
  const store = useIncidents();
  const later = "2026-07-14T12:00:00Z";
  store.apply([briefOf({ id: "1" }), briefOf({ id: "2" }), briefOf({ id: "3" })], [], "");
  store.apply(
    [
      briefOf({ id: "2", stage: "merged", changed_at: later }),
      briefOf({ id: "3", lon: null, lat: null, changed_at: later }),
    ],
    ["1"],
    later,
  );
  expect([...store.points.keys()]).toEqual([]);
  expect(store.byId.has("1")).toBe(false);
});

test("counties count open incidents only", () => {
  const store = useIncidents();
  store.apply(
    [
      briefOf({ id: "1" }),
      briefOf({ id: "2" }),
      briefOf({ id: "3", state: "closed", stage: "closed", closed_at: "2026-07-14T11:00:00Z" }),
    ],
    [],
    "",
  );
  expect(store.openByCounty.get("320613")).toBe(2);
});

test("a re-read replaces every point", async () => {
  const store = useIncidents();
  store.apply([briefOf({ id: "9" })], [], "");
  const columns = ["id", "lon", "lat", "state", "danger", "reports", "title", "area"];
  vi.spyOn(api, "incidentMap").mockResolvedValue({
    as_of: "2026-07-14T12:00:00Z",
    without_position: 0,
    columns,
    rows: [["5", 120.8, 32, "danger", 1, 3, "煤气味", "320613002000000"]],
  });
  await store.loadPoints();
  expect([...store.points.keys()]).toEqual(["5"]);
  expect(store.pointsAsOf).toBe("2026-07-14T12:00:00Z");
});

test("map rows are read by the names of their columns, rows without a place are left out", () => {
  const points = pointsOf({
    as_of: "",
    without_position: 1,
    columns: ["title", "id", "lat", "lon", "state"],
    rows: [
      ["甲", "1", 32, 120, "closed"],
      ["乙", "2", null, null, "new"],
      ["丙", "3", 32, 120, "no such state"],
    ],
  });
  expect(points.map((p) => [p.id, p.state])).toEqual([
    ["1", "closed"],
    ["3", "new"],
  ]);
});
