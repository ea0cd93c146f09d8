import { expect, test } from "vitest";
import type { Step } from "../api/types";
import { actOf, standing } from "./acts";

function stepOf(id: string, verb: string, detail: Record<string, unknown>): Step {
  return {
    id,
    verb,
    detail,
    at: "2026-07-14T11:00:00Z",
    actor: "",
    unit_name: "",
    unit_name_en: "",
    from_stage: null,
    to_stage: null,
    reason: "",
    order: null,
  };
}

test("what stands can be taken back, what was taken back cannot", () => {
  const steps = [
    stepOf("1", "split", { act: 1, other: "8" }),
    stepOf("2", "merge", { act: 2, other: "9" }),
    stepOf("3", "unmerge", { undone: 2, other: "9", kept: [] }),
    stepOf("4", "merge", { act: 3, other: "8" }),
    stepOf("5", "merge", {}), // the other one is out of sight
    stepOf("6", "merge", { other: "7" }), // from before acts were kept
    stepOf("7", "assign", { act: 4, other: "8" }),
  ];
  expect([...standing(steps, "5")]).toEqual([
    ["1", { verb: "split", one: "5", other: "8" }],
    ["4", { verb: "merge", one: "5", other: "8" }],
  ]);
});

test("a verb's answer says what to take back", () => {
  expect(actOf("merge", "1", { other: "2" }, { id: "1" })).toEqual({
    verb: "merge",
    one: "1",
    other: "2",
  });
  expect(actOf("split", "1", { report: "4" }, { id: "3" })).toEqual({
    verb: "split",
    one: "1",
    other: "3",
  });
  expect(actOf("void", "1", {}, { id: "1" })).toBeNull();
});
