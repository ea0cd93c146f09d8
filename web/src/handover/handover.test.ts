import { expect, test } from "vitest";
import type { Handover } from "../api/types";
import { given, lacking, openOf } from "./handover";

test("offered and lost hand-overs wait for an answer, the others do not", () => {
  const states = ["offered", "lost", "acknowledged", "refused", "handed_back"] as const;
  const items = states.map((state) => ({ state }) as Handover);
  expect(openOf(items).map((i) => i.state)).toEqual(["offered", "lost"]);
});

test("a needed field of blanks is lacking, one that is not needed is not", () => {
  const entries = [
    { id: "casualties", needed: true },
    { id: "needs", needed: false },
  ];
  expect(lacking(entries, { casualties: "  " })).toEqual(["casualties"]);
  expect(lacking(entries, { casualties: "无" })).toEqual([]);
});

test("what nobody filled in is not sent", () => {
  expect(given({ casualties: "无", needs: " ", cause: "" })).toEqual({ casualties: "无" });
});
