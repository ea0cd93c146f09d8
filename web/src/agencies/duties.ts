/** Rows of the responsibility list as the page searches, shows and edits them. */
import type { Duty } from "../api/types";

export const STAGES = ["accept", "handle", "enforce", "supervise"] as const;
export const TIERS = ["township", "county", "city"] as const;
export const LIMITS = ["sign", "contact", "normal", "urgent", "very_urgent"] as const;
export const UNITS = ["hours", "working_hours", "days", "working_days"] as const;
export const TOWNSHIP = "镇街";

/** «5 working_days» as its two parts. */
export function partsOf(limit: string | undefined): [number, string] {
  const [amount = "1", unit = "hours"] = (limit ?? "").split(" ");
  return [Number(amount) || 1, unit];
}

export function basisText(basis: { document: string; article: string; edition: string }): string {
  return `《${basis.document}》${basis.edition ? `（${basis.edition}）` : ""}${basis.article}`;
}

/** What a person types: one citation a line, a question mark behind what was not looked up. */
export function basisLines(duty: Pick<Duty, "basis">): string {
  return duty.basis.map((b) => basisText(b) + (b.checked ? "" : "?")).join("\n");
}

/** Citations from lines; a line without an article keeps its words, and the list's check says so. */
export function readBasis(lines: string) {
  return lines
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const checked = !line.endsWith("?") && !line.endsWith("？");
      const said = line.replace(/[?？]$/, "").trim();
      const found = /^《?(.+?)》?\s*(?:[（(](\d{4})[）)])?\s*(第\S+条\S*)$/.exec(said);
      return {
        document: found?.[1] ?? said,
        edition: found?.[2] ?? "",
        article: found?.[3] ?? "",
        checked,
      };
    });
}

/** Whether every word typed stands somewhere in the row. */
export function matches(duty: Duty, words: string): boolean {
  const text = [
    duty.matter,
    duty.name,
    duty.name_en,
    ...duty.path,
    duty.lead,
    ...duty.assist,
    duty.file_when,
    duty.close_when,
    ...duty.basis.map(basisText),
  ]
    .join("\n")
    .toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The body of one row for a draft. */
export function bodyOf(duty: Duty) {
  return {
    stage: duty.stage,
    tier: duty.tier,
    lead: duty.lead,
    area: duty.area,
    assist: duty.assist,
    basis: duty.basis,
    file_when: duty.file_when,
    close_when: duty.close_when,
    file_when_en: duty.file_when_en,
    close_when_en: duty.close_when_en,
    limits: duty.limits,
    valid_from: duty.valid_from,
    valid_to: duty.valid_to,
    excludes: duty.excludes.map((one) => one.matter),
  };
}
