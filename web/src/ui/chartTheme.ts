/** Colours and type shared by every chart, read from the tokens of the style that is on. */
import { token } from "./style";

export interface ChartTheme {
  ink: string;
  faint: string;
  line: string;
  main: string;
  accent: string;
  font: string;
}

export function chartTheme(): ChartTheme {
  return {
    ink: token("--text-1"),
    faint: token("--text-3"),
    line: token("--line"),
    main: token("--state-handling"),
    accent: token("--accent"),
    font: token("--font"),
  };
}
