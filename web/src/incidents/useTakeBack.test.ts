import { beforeEach, expect, test, vi } from "vitest";
import { api } from "../api/calls";
import type { Detail, Undo } from "../api/types";
import { question } from "../ui/ask";
import { toasts } from "../ui/toasts";
import { useTakeBack } from "./useTakeBack";

vi.mock("vue-i18n", async (real) => ({
  ...(await real<object>()),
  useI18n: () => ({ t: (key: string) => key }),
}));

const done = { id: "1" } as Detail;
const SPLIT = { verb: "split", one: "1", other: "2" } as const;
const kept = { what: "order", because: "工单保留", because_en: "工单保留" };

function told(changes: Partial<Undo>) {
  const plain: Undo = {
    possible: true,
    verb: "split",
    lead: "1",
    other: "2",
    why_not: null,
    why_not_en: null,
    kept: [],
  };
  vi.spyOn(api, "undo").mockResolvedValue({ ...plain, ...changes });
  return vi.spyOn(api, "incidentVerb").mockResolvedValue(done);
}

beforeEach(() => {
  vi.restoreAllMocks();
  toasts.splice(0);
});

test("nothing that stays: taken back without a question, whichever leads", async () => {
  const call = told({});
  expect(await useTakeBack()({ ...SPLIT, one: "2", other: "1" }, "why")).toBe(done);
  expect(api.undo).toHaveBeenCalledWith("2", "1", "split");
  expect(call).toHaveBeenCalledWith("2", "unsplit", { other: "1", reason: "why" });
  expect(toasts.map((t) => t.text)).toEqual(["suggestion.undone"]);
});

test("what stays is said first, and nothing is done without a yes", async () => {
  const call = told({ kept: [kept] });
  const refused = useTakeBack()(SPLIT, "why");
  await vi.waitFor(() => expect(question.value?.lines).toEqual(["工单保留"]));
  expect(call).not.toHaveBeenCalled();
  question.value!.answer(false);
  expect(await refused).toBeNull();
  expect(call).not.toHaveBeenCalled();
  const agreed = useTakeBack()(SPLIT, "why");
  await vi.waitFor(() => expect(question.value).not.toBeNull());
  question.value!.answer(true);
  expect(await agreed).toBe(done);
  expect(question.value).toBeNull();
});

test("what cannot be undone says why, and is not tried", async () => {
  const call = told({ possible: false, lead: null, other: null, why_not: "请先撤销那一次" });
  expect(await useTakeBack()(SPLIT, "why")).toBeNull();
  expect(call).not.toHaveBeenCalled();
  expect(toasts.map((t) => t.text)).toEqual(["请先撤销那一次"]);
});

test("an answer to a suggestion is taken back by its own call", async () => {
  const call = told({ verb: "merge" });
  const again = vi.fn(async () => done);
  expect(await useTakeBack()({ verb: "merge", one: "2", other: "1" }, "why", again)).toBe(done);
  expect(again).toHaveBeenCalledOnce();
  expect(call).not.toHaveBeenCalled();
});
