/** The list's filters: read from the address, written to the address, and tried on a delta. */
import type { LocationQuery } from "vue-router";
import type { Brief } from "../api/types";

export const FILTER_KEYS = [
  "q",
  "state",
  "stage",
  "area",
  "domain",
  "matter",
  "unit",
  "since",
  "until",
  "closed_since",
  "order",
] as const;

export type FilterKey = (typeof FILTER_KEYS)[number];
export type Filters = Partial<Record<FilterKey, string>>;

export function filtersOf(query: LocationQuery): Filters {
  const filters: Filters = {};
  for (const key of FILTER_KEYS) {
    const value = query[key];
    const several = Array.isArray(value) ? value : [value];
    const joined = several.filter((v): v is string => Boolean(v)).join(",");
    if (joined) filters[key] = joined;
  }
  return filters;
}

/**
 * Codes have fifteen digits: 4 for the city, 2 county, 3 township, 3 community, 3 grid, filled with
 * zeros. 320682000000000 covers 320682001000000; 320600000000000 covers both.
 */
export function covers(area: string, code: string): boolean {
  const groups = area.replace(/(000)+$/, "");
  const stem = groups.length === 6 && groups.endsWith("00") ? groups.slice(0, 4) : groups;
  return code.startsWith(stem);
}

/**
 * Whether a changed incident belongs in a list. Null when only the back end can say
 * (words, time range in days, unit by id).
 */
export function fits(incident: Brief, filters: Filters): boolean | null {
  const { state, stage, area, domain, matter } = filters;
  if (state && !state.split(",").includes(incident.state)) return false;
  if (stage && !stage.split(",").includes(incident.stage)) return false;
  if (area && !covers(area, incident.area)) return false;
  if (domain && incident.domain !== domain) return false;
  if (matter && incident.matter !== matter) return false;
  if (filters.q || filters.unit || filters.since || filters.until || filters.closed_since)
    return null;
  return true;
}

/** What the back end is asked: local dates become instants, several values repeat their name. */
export function toQuery(filters: Filters): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = { ...filters };
  for (const key of ["state", "stage"] as const) {
    if (filters[key]?.includes(",")) query[key] = filters[key].split(",");
  }
  if (filters.since && filters.since.length === 10)
    query["since"] = `${filters.since}T00:00:00+08:00`;
  if (filters.until && filters.until.length === 10)
    query["until"] = `${filters.until}T23:59:59+08:00`;
  return query;
}
