import { expect, test } from "vitest";
import { briefOf } from "../testing";
import { covers, filtersOf, fits, toQuery } from "./filters";
import { pieces } from "./pieces";
import { bodyOf, VERBS } from "./verbs";

test("the address is read, unknown and empty parts are left out", () => {
  expect(
    filtersOf({ state: "overdue", q: "", page: "3", stage: ["assigned", "handling"] }),
  ).toEqual({
    state: "overdue",
    stage: "assigned,handling",
  });
});

test("an area covers what lies in it", () => {
  expect(covers("320613000000000", "320613002000000")).toBe(true);
  expect(covers("320613002000000", "320613002000000")).toBe(true);
  expect(covers("320613002000000", "320613003000000")).toBe(false);
  expect(covers("320600000000000", "320682001000000")).toBe(true);
});

test("a delta is placed by us only when we can know", () => {
  expect(fits(briefOf({}), { state: "new", area: "320613000000000" })).toBe(true);
  expect(fits(briefOf({}), { state: "closed" })).toBe(false);
  expect(fits(briefOf({}), { stage: "received,assigned" })).toBe(true);
  expect(fits(briefOf({}), { q: "路灯" })).toBeNull();
  expect(fits(briefOf({}), { q: "路灯", state: "closed" })).toBe(false);
});

test("several values repeat their name", () => {
  expect(toQuery({ stage: "assigned,handling" })["stage"]).toEqual(["assigned", "handling"]);
});

test("days become instants", () => {
  expect(toQuery({ since: "2026-07-14" })["since"]).toBe("2026-07-14T00:00:00+08:00");
});

test("marks are cut by code points, overlaps keep the first", () => {
  const marks = [
    { start: 1, end: 3, kind: "place", text: "路灯" },
    { start: 2, end: 4, kind: "danger", text: "" },
  ];
  expect(pieces("😀路灯不亮", marks)).toEqual([
    { text: "😀", kind: null, start: 0 },
    { text: "路灯", kind: "place", start: 1 },
    { text: "不亮", kind: null, start: 3 },
  ]);
});

test("a verb's form leaves out what was not filled in", () => {
  const fields = VERBS.incident["correct"] ?? [];
  const body = bodyOf(fields, { matter: "", urgency: "3", danger: "no", reason: " 听错了 " });
  expect(body).toEqual({ urgency: 3, danger: false, reason: "听错了" });
});
