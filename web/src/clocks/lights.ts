/** A light is a shape, a colour and a word. */
import type { Light, Order } from "../api/types";
import type { ShapeName } from "../ui/shapes";

export const LIGHTS: Record<Light, { shape: ShapeName; token: string }> = {
  green: { shape: "disc", token: "--state-closed" },
  yellow: { shape: "triangle", token: "--state-due-soon" },
  red: { shape: "square", token: "--state-overdue" },
  paused: { shape: "dashed", token: "--state-unsure" },
  off: { shape: "ring", token: "--text-3" },
};

export const isLight = (value: unknown): value is Light =>
  typeof value === "string" && value in LIGHTS;

/** The light as it is now: between two readings a clock may have turned yellow or red by itself. */
export function lightNow(order: Pick<Order, "light" | "clocks" | "stage">, now: number): Light {
  const shown = isLight(order.light) ? order.light : "green";
  if (shown === "off" || shown === "red") return shown;
  const running = order.clocks.filter((c) => c.light !== "off");
  const past = (at: string | null) => at !== null && Date.parse(at) <= now;
  if (running.some((c) => past(c.due_at))) return "red";
  if (shown === "green" && running.some((c) => past(c.yellow_at))) return "yellow";
  return shown;
}
