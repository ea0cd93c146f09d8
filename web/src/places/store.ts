/** What the city is made of: boundaries, areas, units, matters; read once, kept by code. */
import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";
import { api } from "../api/calls";
import type { Area, Matter, Unit } from "../api/types";

type County = GeoJSON.Feature<GeoJSON.Geometry, { code: string; name: string; name_en: string }>;

/** The six digits of the county in any area code below it. */
export function countyOf(code: string | number | null | undefined): string {
  return String(code ?? "").slice(0, 6);
}

export const usePlaces = defineStore("places", () => {
  const counties = shallowRef<County[]>([]);
  const countyAreas = shallowRef<Area[]>([]);
  const townships = shallowRef<Area[]>([]);
  const units = shallowRef<Unit[]>([]);
  const matters = shallowRef<Matter[]>([]);

  const once = new Map<string, Promise<void>>();
  function load(what: string, read: () => Promise<void>): Promise<void> {
    let running = once.get(what);
    if (!running) {
      running = read().catch((error: unknown) => {
        once.delete(what);
        throw error;
      });
      once.set(what, running);
    }
    return running;
  }

  const loadCounties = () =>
    load("counties", async () => {
      const { features } = await api.boundaries();
      counties.value = features.map((f) => {
        const p = f.properties ?? {};
        const code = countyOf(p["code"] ?? p["adcode"] ?? p["area"]);
        return {
          ...f,
          properties: {
            code,
            name: String(p["short"] ?? p["name"] ?? code),
            name_en: String(p["name_en"] ?? p["name"] ?? code),
          },
        };
      });
    });
  const loadAreas = () =>
    load("areas", async () => {
      const [upper, lower] = await Promise.all([
        api.areas({ level: "county" }),
        api.areas({ level: "township" }),
      ]);
      countyAreas.value = upper;
      townships.value = lower;
    });
  const loadUnits = () => load("units", async () => void (units.value = await api.units({})));
  const loadMatters = () => load("matters", async () => void (matters.value = await api.matters()));

  const townshipsOf = (county: string) =>
    townships.value.filter((a) => countyOf(a.code) === countyOf(county));

  const domains = computed(() => [...new Set(matters.value.map((m) => m.domain))]);

  return {
    counties,
    countyAreas,
    townships,
    units,
    matters,
    domains,
    townshipsOf,
    loadCounties,
    loadAreas,
    loadUnits,
    loadMatters,
  };
});
