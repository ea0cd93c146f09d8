import { expect, test } from "vitest";
import { layBar } from "./clueBar";

const clues = (...bits: number[]) => bits.map((b) => ({ bits: b }));

test("for lies right of zero, against left, the largest next to zero", () => {
  const { segments, sum, plus, minus } = layBar(clues(1, 4, -2), 0);
  expect(segments.map((s) => s.clue)).toEqual([1, 2, 0]);
  expect(segments.map((s) => [s.left, s.left + s.width])).toEqual([
    [50, 90],
    [30, 50],
    [90, 100],
  ]);
  expect([plus, minus, sum]).toEqual([5, -2, 3]);
});

test("the prior is a segment of its own, next to zero", () => {
  const { segments, at } = layBar(clues(-1), -0.5);
  expect(segments.map((s) => s.clue)).toEqual([-1, 0]);
  expect(segments[0]!.left + segments[0]!.width).toBeCloseTo(50);
  expect(segments[1]!.left + segments[1]!.width).toBeCloseTo(segments[0]!.left);
  expect(at).toBeCloseTo(segments[1]!.left);
});

test("a weak sum stays small, and nothing leaves the bar", () => {
  const weak = layBar(clues(0.2), 0);
  expect(weak.segments[0]!.width).toBeCloseTo(10);
  for (const { left, width } of layBar(clues(9, 3, -8, -7), -0.8).segments) {
    expect(left).toBeGreaterThanOrEqual(0);
    expect(left + width).toBeLessThanOrEqual(100.0001);
  }
});

test("nothing is drawn of a clue that says nothing", () => {
  expect(layBar(clues(0, 0.001), 0)).toMatchObject({ segments: [], sum: 0, at: 50 });
});
