import { expect, test } from "vitest";
import { briefOf, orderOf } from "../testing";
import { SHAPES } from "../ui/shapes";
import { byPress, isOpen, LOOKS, orderState, STATES } from "./state";

test("every state has a shape and a colour of its own", () => {
  expect(new Set(STATES.map((s) => LOOKS[s].shape)).size).toBe(STATES.length);
  expect(new Set(STATES.map((s) => LOOKS[s].token)).size).toBe(STATES.length);
  for (const state of STATES) expect(SHAPES[LOOKS[state].shape].length).toBeGreaterThan(0);
});

test("the shapes are those of the look", () => {
  expect(Object.fromEntries(STATES.map((s) => [s, LOOKS[s].shape]))).toEqual({
    new: "ring",
    handling: "disc",
    due_soon: "triangle",
    overdue: "square",
    danger: "diamond",
    closed: "tick",
    unsure: "dashed",
  });
});

test("danger comes before overdue before the nearest deadline before age", () => {
  const list = [
    briefOf({ id: "old", due_at: null, opened_at: "2026-07-14T09:00:00Z" }),
    briefOf({ id: "young", due_at: null, opened_at: "2026-07-14T10:00:00Z" }),
    briefOf({ id: "due", due_at: "2026-07-14T12:00:00Z" }),
    briefOf({ id: "late", state: "overdue" }),
    briefOf({ id: "danger", state: "danger" }),
  ];
  expect(list.sort(byPress).map((i) => i.id)).toEqual(["danger", "late", "due", "old", "young"]);
});

test("merged, refused and closed incidents are not open", () => {
  expect(isOpen(briefOf({}))).toBe(true);
  expect(isOpen(briefOf({ stage: "merged" }))).toBe(false);
  expect(isOpen(briefOf({ closed_at: "2026-07-14T12:00:00Z" }))).toBe(false);
});

test("an order's look follows its clock", () => {
  const at = (time: string) => Date.parse(`2026-07-14T${time}:00Z`);
  expect(orderState(orderOf({}), at("11:10"))).toBe("new");
  expect(orderState(orderOf({ stage: "signed" }), at("11:10"))).toBe("handling");
  expect(orderState(orderOf({ stage: "signed" }), at("14:30"))).toBe("due_soon");
  expect(orderState(orderOf({ overdue: true }), at("16:00"))).toBe("overdue");
  expect(orderState(orderOf({ stage: "closed", danger: true }), at("16:00"))).toBe("closed");
});
