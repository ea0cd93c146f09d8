import { expect, test } from "vitest";
import type { ScoreOrder } from "../api/types";
import { band, behind, monthOf, points, share, sums } from "./scoring";

function order(id: string, value: number | null, part = 1): ScoreOrder {
  const counts = value !== null && part > 0;
  const mark = {
    indicator: "on_time",
    value,
    hits: counts ? value * 1.2 * part : 0,
    misses: counts ? ((1 - value) / 1.2) * part : 0,
    why: "",
    why_en: "",
  };
  return { order: id, share: part, marks: [mark] } as unknown as ScoreOrder;
}

test("orders behind a number are those that say something, and sum to it", () => {
  const orders = [order("1", 1), order("2", 0), order("3", null), order("4", 1, 0)];
  expect(behind(orders, "on_time").map((o) => o.order)).toEqual(["1", "2"]);
  expect(behind(orders, "")).toHaveLength(4);
  const total = sums(orders, "on_time");
  expect(total.hits).toBeCloseTo(1.2);
  expect(total.misses).toBeCloseTo(1 / 1.2);
});

test("shares and points are written without promising too much", () => {
  expect(share(0.9999)).toBe("99.9%");
  expect(share(1)).toBe("100.0%");
  expect(points(null)).toBe("–");
  expect(points(86.44)).toBe("86.4");
  expect(monthOf("2026-06-01")).toBe("2026-06");
});

test("a band stays within its field", () => {
  expect(band({ low: -0.2, high: 1.4 })).toEqual({ left: "0%", width: "100%" });
});
