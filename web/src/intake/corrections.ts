/** What the clerk puts right of what was read; kept with the report, to learn from. */
import type { Correction, Mark, Preview } from "../api/types";
import { isMarkKind, readAs } from "../incidents/marks";

export interface Candidate {
  /** What it becomes; empty: nothing of this kind. */
  now: string;
  /** Shown when it is not the value itself. */
  label?: string;
}

type Words = (key: string) => string;

/** What a mark may be instead, the likeliest first; the last one says that it is nothing. */
export function candidates(mark: Mark, preview: Preview, language: string, t: Words): Candidate[] {
  const named = (zh: string, en: string) => (language === "en" ? en || zh : zh);
  const was = readAs(mark, language);
  const found: string[] = [];
  if (mark.kind === "matter") {
    found.push(...preview.runners_up.map((m) => named(m.name, m.name_en)));
  } else if (mark.kind === "place") {
    found.push(...preview.places.map((p) => named(p.name, p.name_en)));
  } else if (mark.kind === "object") {
    found.push(...preview.marks.filter((m) => m.kind === "object").map((m) => readAs(m, language)));
  } else if (mark.kind === "time") {
    found.push(...preview.when.map((w) => named(w.said, w.said_en)));
  } else if (mark.kind === "urgency") {
    found.push(...["1", "2", "3"].map((n) => t(`urgency.${n}`)));
  }
  const others = [...new Set(found)].filter((value) => value && value !== was).slice(0, 6);
  return [...others.map((now) => ({ now })), { now: "", label: t(`correction.none_${mark.kind}`) }];
}

export function correctionOf(mark: Mark, now: string, language: string): Correction {
  return {
    kind: isMarkKind(mark.kind) ? mark.kind : "matter",
    was: readAs(mark, language),
    now,
    start: mark.start,
    end: mark.end,
  };
}

/** One correction for a span: the later one stands; taken back when it says what was read. */
export function withCorrection(all: Correction[], one: Correction): Correction[] {
  const others = all.filter((c) => c.start !== one.start || c.end !== one.end);
  return one.now === one.was ? others : [...others, one];
}

/** Those whose words still stand where they stood, counted in the text as it is sent. */
export function standing(all: (Correction & { words: string })[], text: string): Correction[] {
  const points = [...text];
  const shift = points.length - [...text.trimStart()].length;
  const length = [...text.trim()].length;
  return all
    .filter((c) => points.slice(c.start, c.end).join("") === c.words)
    .map(({ kind, was, now, start, end }) => ({
      kind,
      was,
      now,
      start: start - shift,
      end: end - shift,
    }))
    .filter((c) => c.start >= 0 && c.end <= length);
}
