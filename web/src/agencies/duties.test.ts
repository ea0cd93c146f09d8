import { expect, test } from "vitest";
import type { Duty } from "../api/types";
import { basisLines, matches, partsOf, readBasis } from "./duties";

const duty = {
  matter: "noise.social",
  name: "生活娱乐噪声",
  name_en: "Noise of everyday life",
  path: ["生态环境", "噪声", "生活娱乐噪声"],
  lead: "公安局",
  assist: ["城管局"],
  file_when: "广场舞",
  close_when: "噪声停止",
  basis: [
    { document: "噪声污染防治法", article: "第六十四条", edition: "", checked: true },
    { document: "治安管理处罚法", article: "第五十八条", edition: "2012", checked: false },
  ],
} as unknown as Duty;

test("citations survive being typed", () => {
  expect(basisLines(duty)).toBe(
    "《噪声污染防治法》第六十四条\n《治安管理处罚法》（2012）第五十八条?",
  );
  expect(readBasis(basisLines(duty))).toEqual(duty.basis);
  expect(readBasis("噪声污染防治法 第六十四条\n\n没有条号")).toEqual([
    { document: "噪声污染防治法", article: "第六十四条", edition: "", checked: true },
    { document: "没有条号", article: "", edition: "", checked: true },
  ]);
});

test("a row is found by words of any of its parts", () => {
  expect(matches(duty, "广场舞 公安")).toBe(true);
  expect(matches(duty, "第五十八条")).toBe(true);
  expect(matches(duty, "广场舞 水利")).toBe(false);
  expect(matches(duty, "")).toBe(true);
});

test("a limit falls into its parts", () => {
  expect(partsOf("5 working_days")).toEqual([5, "working_days"]);
  expect(partsOf(undefined)).toEqual([1, "hours"]);
});
