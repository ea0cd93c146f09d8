/** Facts of two incidents beside each other: which are equal, which differ, which do not compare. */
import type { Brief } from "../api/types";
import { metresBetween } from "../ui/format";

export type FactName = "matter" | "area" | "place" | "time" | "people" | "unit" | "stage";

export interface Fact {
  name: FactName;
  /** null: one side is not known, or there is nothing to compare. */
  same: boolean | null;
}

const NAMES: FactName[] = ["matter", "area", "place", "time", "people", "unit", "stage"];
const NEAR_M = 150;
const DAY = 86_400_000;

/** Milliseconds between the two spans of time; 0 where they overlap. */
export function gapOf(one: Brief, other: Brief): number {
  const at = (instant: string) => Date.parse(instant);
  return Math.max(at(one.first_at) - at(other.last_at), at(other.first_at) - at(one.last_at), 0);
}

/** Metres between the two on the map; null where one has no position. */
export function metresApart(one: Brief, other: Brief): number | null {
  if (one.lon == null || one.lat == null || other.lon == null || other.lat == null) return null;
  return metresBetween([one.lon, one.lat], [other.lon, other.lat]);
}

const equal = (a: string | null, b: string | null) => (a && b ? a === b : null);

function samePlace(one: Brief, other: Brief): boolean | null {
  const [a, b] = [one.place.trim(), other.place.trim()];
  if (!a || !b) return null;
  if (a.includes(b) || b.includes(a)) return true;
  const metres = metresApart(one, other);
  return metres !== null && metres < NEAR_M;
}

export function factsOf(one: Brief, other: Brief): Fact[] {
  const same: Record<FactName, boolean | null> = {
    matter: equal(one.matter, other.matter),
    area: one.area_name && other.area_name ? one.area === other.area : null,
    place: samePlace(one, other),
    time: gapOf(one, other) < DAY,
    people: null,
    unit: equal(one.unit, other.unit),
    stage: one.stage === other.stage,
  };
  return NAMES.map((name) => ({ name, same: same[name] }));
}
