/** Small things of deliveries and rosters. */
import type { Role, Tally } from "../api/types";

export const READERS: Role[] = ["dispatcher", "supervisor", "leader", "analyst"];
export const STATES = ["all", "open", "sent", "dead", "stopped"] as const;
export type Shown = (typeof STATES)[number];

/** How many deliveries a button stands for. */
export function countOf(tally: readonly Tally[], shown: Shown): number {
  const counted = tally.filter(
    (one) =>
      shown === "all" ||
      one.state === shown ||
      (shown === "open" && (one.state === "waiting" || one.state === "sending")),
  );
  return counted.reduce((sum, one) => sum + one.count, 0);
}

/** What a field of day and time means by the city's clock, whatever zone the browser is in. */
export function cityInstant(local: string): string {
  return `${local}:00+08:00`;
}

/** The value of such a field for an instant. */
export function cityField(at: Date): string {
  return new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 16);
}
