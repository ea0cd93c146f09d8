import { createPinia, setActivePinia } from "pinia";
import { beforeEach, expect, test } from "vitest";
import { hear } from "../live/live";
import { briefOf, orderOf, queueItemOf } from "../testing";
import { byClock, isIn } from "./boxes";
import { useOrders } from "./orderStore";
import { afterDelta } from "./useQueue";

beforeEach(() => setActivePinia(createPinia()));

test("the queue takes in, takes out and keeps danger first", () => {
  const before = [queueItemOf({ id: "1" }), queueItemOf({ id: "2" })];
  const after = afterDelta(
    before,
    [
      briefOf({ id: "1", stage: "assigned" }),
      briefOf({ id: "3", danger: true, opened_at: "2026-07-14T12:00:00Z" }),
    ],
    [],
  );
  expect(after.map((i) => i.id)).toEqual(["3", "2"]);
  expect(afterDelta(after, [], ["2"]).map((i) => i.id)).toEqual(["3"]);
});

test("a delta keeps the proposal already read", () => {
  const { unit, unit_name, unit_name_en } = orderOf({});
  const top = { rank: 1, unit, unit_name, unit_name_en, probability: 0.9, clues: [] };
  const [item] = afterDelta([queueItemOf({ top })], [briefOf({ reports: 4 })], []);
  expect(item).toMatchObject({ reports: 4, top });
});

test("an order's delta without verbs keeps those known", () => {
  const store = useOrders();
  const may = [{ verb: "sign", label: "签收", label_en: "Sign", why_not: null, why_not_en: null }];
  store.keep([orderOf({ may })]);
  const bare = { ...orderOf({ reply: "好了" }), may: undefined } as never;
  hear({ kind: "orders", changed: [bare], gone: [] });
  expect(store.byId.get("1")).toMatchObject({ reply: "好了", may });
  hear({ kind: "orders", changed: [], gone: ["1"] });
  expect(store.byId.size).toBe(0);
});

test("orders fall into boxes by their running clock", () => {
  const at = (time: string) => Date.parse(`2026-07-14T${time}:00Z`);
  const order = orderOf({});
  expect(isIn("sign", order, at("11:10"))).toBe(true);
  expect(isIn("due_soon", order, at("11:10"))).toBe(true);
  expect(isIn("overdue", order, at("11:40"))).toBe(true);
  const signed = orderOf({ stage: "signed" });
  expect(isIn("overdue", signed, at("11:40"))).toBe(false);
  expect(isIn("done", orderOf({ stage: "handled", overdue: true }), at("16:00"))).toBe(true);
});

test("the nearest clock comes first, danger before all", () => {
  const list = [
    orderOf({ id: "late", stage: "signed" }),
    orderOf({ id: "soon" }),
    orderOf({ id: "danger", stage: "signed", danger: true }),
  ];
  expect(list.sort(byClock).map((o) => o.id)).toEqual(["danger", "soon", "late"]);
});
