/** The kinds of marks in a message: each has a colour, a shape and a line of its own. */
import type { Mark } from "../api/types";
import type { ShapeName } from "../ui/shapes";

export const MARK_KINDS = [
  "danger",
  "time",
  "people",
  "place",
  "urgency",
  "object",
  "matter",
] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

export const MARK_LOOK: Record<MarkKind, { shape: ShapeName; colour: string }> = {
  danger: { shape: "diamond", colour: "var(--state-danger)" },
  time: { shape: "ring", colour: "var(--state-unsure)" },
  people: { shape: "disc", colour: "var(--evidence-against)" },
  place: { shape: "triangle", colour: "var(--state-handling)" },
  urgency: { shape: "dashed", colour: "var(--state-overdue)" },
  object: { shape: "square", colour: "var(--text-2)" },
  matter: { shape: "tick", colour: "var(--accent)" },
};

export function isMarkKind(kind: string): kind is MarkKind {
  return (MARK_KINDS as readonly string[]).includes(kind);
}

/** What a mark was read as, in the language of the page, else its words. */
export function readAs(mark: Mark, language: string): string {
  return (language === "en" ? mark.said_en : mark.said) || mark.text;
}
