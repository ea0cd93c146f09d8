import { expect, test } from "vitest";
import type { Mark, Preview } from "../api/types";
import { candidates, correctionOf, standing, withCorrection } from "./corrections";

const mark: Mark = {
  start: 1,
  end: 3,
  kind: "time",
  text: "昨晚",
  said: "11-23 18:00",
  said_en: "11-23 18:00",
  confidence: 0.9,
};
const when = (said: string) => ({ said, said_en: said });
const preview = { when: [when("11-23 18:00"), when("每天 02:00")] } as unknown as Preview;

test("what else was read is offered first, and that it is nothing last", () => {
  expect(candidates(mark, preview, "zh", (key) => key)).toEqual([
    { now: "每天 02:00" },
    { now: "", label: "correction.none_time" },
  ]);
});

test("the later correction of a span stands, and what was read takes it back", () => {
  const first = correctionOf(mark, "今早", "zh");
  const second = correctionOf(mark, "", "zh");
  expect(withCorrection([first], second)).toEqual([second]);
  expect(withCorrection([second], correctionOf(mark, mark.said, "zh"))).toEqual([]);
});

test("only words that still stand there are sent, counted in the text as it is sent", () => {
  const one = { ...correctionOf(mark, "今早", "zh"), start: 3, end: 5, words: "昨晚" };
  expect(standing([one], "  😀昨晚停电 ")).toEqual([
    { kind: "time", was: "11-23 18:00", now: "今早", start: 1, end: 3 },
  ]);
  expect(standing([one], "  😀今晚停电")).toEqual([]);
});
