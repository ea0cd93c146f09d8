/** Cut a text at its marks. Offsets are in code points, as Python counts them. */
import type { Mark } from "../api/types";

type Span = Pick<Mark, "start" | "end" | "kind">;

export interface Piece {
  text: string;
  kind: string | null;
  /** Where it begins, in code points. */
  start: number;
}

export function pieces(text: string, marks: Span[]): Piece[] {
  const points = [...text];
  const cut = (from: number, to: number) => points.slice(from, to).join("");
  const found: Piece[] = [];
  let at = 0;
  for (const mark of [...marks].sort((a, b) => a.start - b.start)) {
    if (mark.start < at || mark.end <= mark.start || mark.end > points.length) continue;
    if (mark.start > at) found.push({ text: cut(at, mark.start), kind: null, start: at });
    found.push({ text: cut(mark.start, mark.end), kind: mark.kind, start: mark.start });
    at = mark.end;
  }
  if (at < points.length) found.push({ text: cut(at, points.length), kind: null, start: at });
  return found;
}
