import { expect, test } from "vitest";
import type { Tally } from "../api/types";
import { cityField, cityInstant, countOf } from "./notices";

const tally: Tally[] = [
  { channel: "sms", state: "waiting", count: 2 },
  { channel: "sms", state: "sending", count: 1 },
  { channel: "email", state: "dead", count: 4 },
];

test("what waits and what is being sent are counted together", () => {
  expect(countOf(tally, "open")).toBe(3);
  expect(countOf(tally, "dead")).toBe(4);
  expect(countOf(tally, "all")).toBe(7);
  expect(countOf(tally, "sent")).toBe(0);
});

test("a shift is written by the city's clock", () => {
  expect(cityField(new Date("2026-07-14T11:02:00Z"))).toBe("2026-07-14T19:02");
  expect(new Date(cityInstant("2026-07-14T19:02")).toISOString()).toBe("2026-07-14T11:02:00.000Z");
});
