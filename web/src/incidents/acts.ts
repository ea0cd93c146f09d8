/** Merges and splits in an incident's history, and the one way to take them back. */
import type { Step } from "../api/types";

/** What was done between two incidents; the back end knows which of them leads. */
export interface Act {
  verb: "merge" | "split" | "relate";
  one: string;
  other: string;
}

/** What a verb did that can be taken back; null when it was none of these. */
export function actOf(
  verb: string,
  id: string,
  body: Record<string, unknown>,
  answer: { id: string },
): Act | null {
  if (verb === "split") return { verb, one: id, other: answer.id };
  if (verb === "merge" || verb === "relate") return { verb, one: id, other: String(body.other) };
  return null;
}

/** Merges and splits of an incident's history that nobody took back yet, by their step. */
export function standing(steps: Step[], incident: string): Map<string, Act> {
  const undone = new Set(steps.map((s) => s.detail.undone));
  return new Map(
    steps.flatMap(({ id, verb, detail: { act, other } }): [string, Act][] =>
      (verb === "merge" || verb === "split") &&
      act !== undefined &&
      typeof other === "string" &&
      !undone.has(act)
        ? [[id, { verb, one: incident, other }]]
        : [],
    ),
  );
}
