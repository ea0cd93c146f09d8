import { describe, expect, it } from "vitest";
import type { MergingWeights, WeightsScore, WeightsVersion } from "../api/types";
import { changesOf, gain, placeOf, saidBy, shownOf } from "./weights";

const version = (
  n: number,
  state: WeightsVersion["state"],
  bits: Record<string, number> = {},
): WeightsVersion => ({
  version: n,
  state,
  usable: true,
  made_at: null,
  made_by: "",
  activated_at: null,
  activated_by: null,
  reason: "",
  figures: null,
  measures: Object.entries(bits).map(([name, b]) => ({
    name,
    label: name,
    label_en: name,
    bits: b,
  })),
});
const all = (current: number, ...versions: WeightsVersion[]): MergingWeights => ({
  current,
  night: false,
  waiting: {},
  least: 20,
  versions,
});
const score = (loss: number, precision: number | null): WeightsScore => ({
  answers: 1,
  loss,
  right: 1,
  precision,
  recall: 0,
});

describe("changes", () => {
  it("come largest first, with what only one version has", () => {
    const found = changesOf(
      version(0, "active", { a: 1, b: 2, c: 3 }),
      version(1, "proposed", { a: 0.5, b: 2, d: -1 }),
    );
    expect(found.map((c) => [c.name, c.was, c.now])).toEqual([
      ["c", 3, 0],
      ["d", 0, -1],
      ["a", 1, 0.5],
    ]);
  });

  it("lie around the middle and stay on the bar", () => {
    expect(placeOf(0, 8)).toBe(50);
    expect(placeOf(8, 8)).toBe(98);
    expect(placeOf(-8, 8)).toBe(2);
    expect(placeOf(0, 0)).toBe(50);
  });
});

describe("gain", () => {
  it("is better when surprise falls and precision grows", () => {
    expect(gain("loss", score(0.8, 0.9), score(0.5, 0.9))).toBeCloseTo(0.3);
    expect(gain("precision", score(1, 0.9), score(1, 0.8))).toBeCloseTo(-0.1);
    expect(gain("precision", score(1, null), score(1, 0.8))).toBe(0);
  });
});

describe("what is explained", () => {
  const shipped = version(0, "retired");
  it("is the proposal beside what is in use", () => {
    const found = shownOf(all(1, version(2, "proposed"), version(1, "active"), shipped));
    expect([found?.version.version, found?.against.version, found?.proposed]).toEqual([2, 1, true]);
  });
  it("is what is in use beside the shipped one, where nothing is proposed", () => {
    const found = shownOf(all(1, version(1, "active"), shipped));
    expect([found?.version.version, found?.against.version, found?.proposed]).toEqual([
      1,
      0,
      false,
    ]);
  });
  it("is nothing where nothing was learnt", () => {
    expect(shownOf(all(0, version(0, "active")))).toBeNull();
    const foreign = { ...version(2, "proposed"), usable: false };
    expect(shownOf(all(0, foreign, version(0, "active")))).toBeNull();
  });
});

it("counts what people said, not what merely stood", () => {
  expect(saidBy({ accepted: 3, split: 2, stood: 400 })).toBe(5);
});
