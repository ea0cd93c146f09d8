/** Development only: reads the city's own files, so that the fake server speaks of real places. */
import { existsSync, readFileSync } from "node:fs";

const CITY = new URL("../../cities/nantong/", import.meta.url);
const read = (name) => readFileSync(new URL(name, CITY), "utf8");

function table(text) {
  const [head, ...rows] = text
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]])));
}

export function loadCity() {
  const areas = table(read("areas.csv")).map((a) => ({
    ...a,
    lon: Number(a.lon),
    lat: Number(a.lat),
  }));
  const units = table(read("units.csv"));
  const boundaries = JSON.parse(read("counties.geojson"));
  const matters = existsSync(new URL("matters.toml", CITY))
    ? readMatters(read("matters.toml"))
    : [];
  return { areas, units, boundaries, matters };
}

function readMatters(toml) {
  return toml
    .split("[[matter]]")
    .slice(1)
    .map((block) => {
      const text = (key) => new RegExp(`^${key} = "(.*)"$`, "m").exec(block)?.[1] ?? "";
      return {
        id: text("id"),
        name: text("name"),
        name_en: text("name_en"),
        path: (/^path = \[(.*)\]$/m.exec(block)?.[1] ?? "").replaceAll('"', "").split(", "),
        domain: text("domain"),
        lead: text("lead"),
        tier: text("tier"),
        urgency: Number(/^urgency = (\d)/m.exec(block)?.[1] ?? 1),
        limit_text: "2 个工作日",
      };
    });
}
