/** Small things of disputes. */

/** What somebody typed into one field, taken apart; without blanks and repetitions. */
export function parts(text: string, by: RegExp): string[] {
  return [...new Set(text.split(by).map((part) => part.trim()))].filter(Boolean);
}
