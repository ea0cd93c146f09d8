/** What changed between two versions of merging's weights, as a page lays it out. */
import type { MergingWeights, WeightsScore, WeightsVersion } from "../api/types";

export interface Change {
  name: string;
  label: string;
  label_en: string;
  was: number;
  now: number;
}

/** Below this a change says nothing that could be seen. */
export const LEAST = 0.05;

/** Every measure of either version, the largest change first; a missing one weighs nothing. */
export function changesOf(before: WeightsVersion, after: WeightsVersion): Change[] {
  const was = new Map(before.measures.map((m) => [m.name, m]));
  const now = new Map(after.measures.map((m) => [m.name, m]));
  return [...new Map([...was, ...now]).values()]
    .map(({ name, label, label_en }) => ({
      name,
      label,
      label_en,
      was: was.get(name)?.bits ?? 0,
      now: now.get(name)?.bits ?? 0,
    }))
    .filter((change) => change.was !== change.now)
    .sort((a, b) => Math.abs(b.now - b.was) - Math.abs(a.now - a.was));
}

/** Where bits lie on a bar whose middle is zero, in percent. */
export function placeOf(bits: number, widest: number): number {
  return 50 + (widest > 0 ? (bits / widest) * 48 : 0);
}

export type FigureName = "loss" | "right" | "precision" | "recall";
export const FIGURES: readonly FigureName[] = ["loss", "right", "precision", "recall"];

/** Positive when the new figure is better; 0 when it is the same or there is nothing to compare. */
export function gain(name: FigureName, before: WeightsScore, after: WeightsScore): number {
  const [was, now] = [before[name], after[name]];
  if (was === null || now === null) return 0;
  return name === "loss" ? was - now : now - was;
}

export interface Shown {
  version: WeightsVersion;
  against: WeightsVersion;
  proposed: boolean;
}

/** What the page explains: the proposal beside what is in use, else what is in use beside the shipped one. */
export function shownOf(found: MergingWeights): Shown | null {
  const current = found.versions.find((v) => v.version === found.current);
  const shipped = found.versions.find((v) => v.version === 0);
  const proposal = found.versions.find((v) => v.state === "proposed" && v.usable);
  if (!current || !shipped) return null;
  if (proposal) return { version: proposal, against: current, proposed: true };
  return current.version > 0 ? { version: current, against: shipped, proposed: false } : null;
}

/** How many decisions people made; what merely stood is not among them. */
export function saidBy(kinds: Record<string, number>): number {
  return Object.entries(kinds).reduce((sum, [kind, n]) => (kind === "stood" ? sum : sum + n), 0);
}

/** Which of the kinds say that two were one. */
export const SAYS_SAME: ReadonlySet<string> = new Set(["accepted", "merged", "unsplit", "stood"]);
