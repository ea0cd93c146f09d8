/** Small things of hand-overs and urgent reports. */
import type { Handover } from "../api/types";

export const PARTIES = ["110", "119", "120", "12345"] as const;

/** Those that nobody has answered: until somebody does the matter is ours. */
export function openOf(items: readonly Handover[]): Handover[] {
  return items.filter((item) => item.state === "offered" || item.state === "lost");
}

/** Fields that are asked for and hold nothing but blanks. */
export function lacking(
  entries: readonly { id: string; needed: boolean }[],
  filled: Readonly<Record<string, string>>,
): string[] {
  return entries.filter((e) => e.needed && !filled[e.id]?.trim()).map((e) => e.id);
}

/** Only the fields that somebody filled in. */
export function given(filled: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(filled).filter(([, text]) => text.trim()));
}
