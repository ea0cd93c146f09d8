import { expect, test } from "vitest";
import type { Brief } from "../api/types";
import { factsOf, gapOf, metresApart } from "./facts";

const incident = (more: Partial<Brief>): Brief =>
  ({
    matter: "city.lamp",
    area: "320682100000000",
    area_name: "如皋如城街道",
    place: "海阳路",
    first_at: "2026-07-14T08:00:00Z",
    last_at: "2026-07-14T09:00:00Z",
    lon: null,
    lat: null,
    unit: null,
    stage: "received",
    ...more,
  }) as Brief;

const said = (one: Partial<Brief>, other: Partial<Brief>) =>
  Object.fromEntries(factsOf(incident(one), incident(other)).map(({ name, same }) => [name, same]));

test("equal, different, and not to be compared", () => {
  expect(said({}, { matter: "city.road", unit: "nt.cgj" })).toEqual({
    matter: false,
    area: true,
    place: true,
    time: true,
    people: null,
    unit: null,
    stage: true,
  });
});

test("an area that is only known to be somewhere in the city does not differ", () => {
  expect(said({}, { area: "320600000000000", area_name: "" }).area).toBeNull();
});

test.each([
  ["海阳路", "海阳路12号", null, true],
  ["海阳路", "仙鹤路", null, false],
  ["", "仙鹤路", null, null],
  ["菜场门口", "海阳路88号", [120.5, 32.1], true],
  ["菜场门口", "海阳路88号", [120.6, 32.1], false],
])("%s and %s at %s", (a, b, at, same) => {
  const where = at ? { lon: at[0]!, lat: at[1]! } : {};
  expect(said({ place: a, lon: 120.5, lat: 32.1 }, { place: b, ...where }).place).toBe(same);
});

test("the gap is between the spans of time", () => {
  const later = incident({ first_at: "2026-07-14T11:30:00Z", last_at: "2026-07-14T12:00:00Z" });
  expect(gapOf(incident({}), later)).toBe(9_000_000);
  expect(gapOf(later, incident({}))).toBe(9_000_000);
  expect(gapOf(later, later)).toBe(0);
});

test("metres need both positions", () => {
  expect(metresApart(incident({}), incident({ lon: 120, lat: 32 }))).toBeNull();
  const here = incident({ lon: 120, lat: 32 });
  expect(metresApart(here, incident({ lon: 120, lat: 32.001 }))).toBeCloseTo(111, 0);
});
