/** How a clock looks: shape and colour, never colour alone. */
import type { ShapeName } from "../ui/shapes";

export function lightShape(light: string): { shape: ShapeName; colour: string } {
  switch (light) {
    case "red":
      return { shape: "square", colour: "var(--state-overdue)" };
    case "yellow":
      return { shape: "triangle", colour: "var(--state-due-soon)" };
    case "done":
      return { shape: "tick", colour: "var(--state-closed)" };
    default:
      return { shape: "disc", colour: "var(--state-handling)" };
  }
}
