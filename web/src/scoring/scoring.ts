/** Small things of scoring: months, sums, and how shares are drawn. */
import type { ScoreMeasured, ScoreOrder } from "../api/types";

export const INDICATORS = [
  "response",
  "on_time",
  "resolved",
  "satisfied",
  "first_right",
  "returns",
  "explained",
] as const;
export type Indicator = (typeof INDICATORS)[number];

export const REASONS = [
  "unreasonable",
  "no_power",
  "force_majeure",
  "legacy",
  "misassigned",
  "in_court",
] as const;

/** 2026-06 of 2026-06-01. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

/** 86.4; a unit of which nothing is known has no points. */
export function points(value: number | null): string {
  return value === null ? "–" : value.toFixed(1);
}

/** 86 %, of a share; never rounded up to a hundred. */
export function share(value: number): string {
  const rounded = Math.round(value * 1000) / 10;
  return `${(value < 1 && rounded === 100 ? 99.9 : rounded).toFixed(1)}%`;
}

/** Where a bar begins and ends, as percentages of its field. */
export function band(one: { low: number; high: number }): { left: string; width: string } {
  const low = Math.max(0, Math.min(1, one.low));
  const high = Math.max(low, Math.min(1, one.high));
  return { left: `${low * 100}%`, width: `${(high - low) * 100}%` };
}

/** The sums that a page of orders must come to: what stands beside the number that was followed. */
export function sums(orders: ScoreOrder[], indicator: string): { hits: number; misses: number } {
  const total = { hits: 0, misses: 0 };
  for (const order of orders) {
    const mark = order.marks.find((m) => m.indicator === indicator);
    total.hits += mark?.hits ?? 0;
    total.misses += mark?.misses ?? 0;
  }
  return total;
}

/** Orders that say something about an indicator; all of them without one. */
export function behind(orders: ScoreOrder[], indicator: string): ScoreOrder[] {
  if (!indicator) return orders;
  return orders.filter(
    (o) => o.share > 0 && o.marks.some((m) => m.indicator === indicator && m.value !== null),
  );
}

export function measuredOf(
  row: { measured: ScoreMeasured[] },
  indicator: string,
): ScoreMeasured | undefined {
  return row.measured.find((m) => m.indicator === indicator);
}
