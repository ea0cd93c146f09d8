/** Where each clue lies on a diverging bar: for to the right of zero, against to the left. */
import type { Clue } from "../api/types";

export interface Segment {
  /** Position in the clues; −1 is the prior. */
  clue: number;
  bits: number;
  /** Left edge and width in percent of the whole bar; zero lies at 50. */
  left: number;
  width: number;
}

export interface Bar {
  segments: Segment[];
  plus: number;
  minus: number;
  sum: number;
  /** Where the sum lies, in percent. */
  at: number;
}

/** Below this a clue says nothing that could be seen. */
const LEAST = 0.005;

/** Largest next to zero; the prior, which is no clue, next to zero on its side. */
export function layBar(clues: Pick<Clue, "bits">[], prior: number): Bar {
  const all = [
    { clue: -1, bits: prior },
    ...clues
      .map(({ bits }, clue) => ({ clue, bits }))
      .sort((a, b) => Math.abs(b.bits) - Math.abs(a.bits)),
  ].filter((one) => Math.abs(one.bits) > LEAST);
  const total = (sign: number) =>
    all.reduce((sum, { bits }) => (Math.sign(bits) === sign ? sum + bits : sum), 0);
  const [plus, minus] = [total(1), total(-1)];
  const scale = 50 / Math.max(plus, -minus, 1);
  let [right, left] = [50, 50];
  const segments = all.map(({ clue, bits }) => {
    const width = Math.abs(bits) * scale;
    if (bits < 0) left -= width;
    else right += width;
    return { clue, bits, width, left: bits < 0 ? left : right - width };
  });
  const sum = plus + minus;
  return { segments, plus, minus, sum, at: 50 + sum * scale };
}
