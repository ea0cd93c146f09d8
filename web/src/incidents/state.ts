/** A state is a shape, a colour and a word; and a rank for what must be seen first. */
import type { Brief, OrderStage, Stage, State } from "../api/types";
import type { ShapeName } from "../ui/shapes";

export interface Look {
  shape: ShapeName;
  /** Name of the colour token. */
  token: string;
  /** Higher is more pressing; a cluster takes the look of its highest. */
  rank: number;
}

export const LOOKS: Record<State, Look> = {
  closed: { shape: "tick", token: "--state-closed", rank: 0 },
  unsure: { shape: "dashed", token: "--state-unsure", rank: 1 },
  handling: { shape: "disc", token: "--state-handling", rank: 2 },
  new: { shape: "ring", token: "--state-new", rank: 3 },
  due_soon: { shape: "triangle", token: "--state-due-soon", rank: 4 },
  overdue: { shape: "square", token: "--state-overdue", rank: 5 },
  danger: { shape: "diamond", token: "--state-danger", rank: 6 },
};

export const STATES = Object.keys(LOOKS) as State[];
export const STATES_BY_RANK = [...STATES].sort((a, b) => LOOKS[b].rank - LOOKS[a].rank);

export const STAGES: Stage[] = [
  "received",
  "assigned",
  "handling",
  "verifying",
  "closed",
  "answered",
  "refused",
  "referred",
  "void",
  "merged",
];

export function isState(value: unknown): value is State {
  return typeof value === "string" && value in LOOKS;
}

/** Danger first, then overdue, then the nearest deadline, then the oldest. */
export function byPress(a: Brief, b: Brief): number {
  const rank = LOOKS[b.state].rank - LOOKS[a.state].rank;
  if (rank !== 0) return rank;
  const due = (i: Brief) => (i.due_at ? Date.parse(i.due_at) : Infinity);
  const byDue = due(a) - due(b);
  if (byDue !== 0 && !Number.isNaN(byDue)) return byDue;
  return Date.parse(a.opened_at) - Date.parse(b.opened_at);
}

export const isOpen = (incident: Pick<Brief, "closed_at" | "stage">): boolean =>
  incident.closed_at === null &&
  !["merged", "void", "refused", "referred", "answered"].includes(incident.stage);

/** How an order looks, from its stage and clock. */
export function orderState(
  order: {
    stage: OrderStage;
    overdue: boolean;
    danger: boolean;
    due_at: string | null;
  },
  now: number,
): State {
  if (["verified", "closed", "archived"].includes(order.stage)) return "closed";
  if (["returned", "withdrawn", "void"].includes(order.stage)) return "unsure";
  if (order.danger) return "danger";
  if (order.overdue) return "overdue";
  if (order.due_at && Date.parse(order.due_at) - now < 3_600_000) return "due_soon";
  return order.stage === "assigned" ? "new" : "handling";
}
