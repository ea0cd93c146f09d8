import { expect, test } from "vitest";
import { parts } from "./disputes";

test("words are taken apart by blanks and both kinds of commas", () => {
  expect(parts(" 钢板，铁板、钢板 盖板", /[\s,，、;；]+/)).toEqual(["钢板", "铁板", "盖板"]);
  expect(parts("", /\n/)).toEqual([]);
});
