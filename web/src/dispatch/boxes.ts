/** How a handler's orders fall into boxes: what to sign, what is in hand, what is late. */
import type { Order } from "../api/types";

export type Box = "sign" | "hand" | "due_soon" | "overdue" | "done";
export const BOXES: Box[] = ["sign", "hand", "due_soon", "overdue", "done"];

const SOON_MS = 4 * 3_600_000;

/** The clock that runs now: until signed the signing clock, then the handling clock. */
export function runningClock(order: Order): string | null {
  return order.stage === "assigned" ? (order.sign_due_at ?? order.due_at) : order.due_at;
}

export function isLate(order: Order, now: number): boolean {
  const clock = runningClock(order);
  return order.overdue || (clock !== null && Date.parse(clock) < now);
}

export function isIn(box: Box, order: Order, now: number): boolean {
  const live = order.stage === "assigned" || order.stage === "signed";
  const clock = runningClock(order);
  switch (box) {
    case "sign":
      return order.stage === "assigned";
    case "hand":
      return order.stage === "signed";
    case "due_soon":
      return live && !isLate(order, now) && clock !== null && Date.parse(clock) - now < SOON_MS;
    case "overdue":
      return live && isLate(order, now);
    case "done":
      return ["handled", "verified", "closed"].includes(order.stage);
  }
}

/** Danger, then the nearest clock. */
export function byClock(a: Order, b: Order): number {
  if (a.danger !== b.danger) return a.danger ? -1 : 1;
  const at = (o: Order) => Date.parse(runningClock(o) ?? "9999-01-01T00:00:00Z");
  return at(a) - at(b);
}
