/** The seven shapes that carry a state, once, for SVG in the page and for canvas on the map. */

export type ShapeName = "ring" | "disc" | "triangle" | "square" | "diamond" | "tick" | "dashed";

export interface Stroke {
  /** SVG path on a 16 × 16 field. */
  d: string;
  fill: boolean;
  width: number;
  dash?: number[];
  /** Drawn in the panel's colour, so that it reads on top of a filled part. */
  inverse?: boolean;
}

const circle = (r: number) => `M${8 - r} 8a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;

export const SHAPES: Record<ShapeName, Stroke[]> = {
  ring: [{ d: circle(5.2), fill: false, width: 2.4 }],
  disc: [{ d: circle(6.2), fill: true, width: 0 }],
  triangle: [{ d: "M8 1.8 14.6 13.8H1.4Z", fill: true, width: 1, dash: [] }],
  square: [{ d: "M2.4 2.4H13.6V13.6H2.4Z", fill: true, width: 1 }],
  diamond: [
    { d: "M8 4 12 8 8 12 4 8Z", fill: true, width: 0 },
    { d: "M8 1 15 8 8 15 1 8Z", fill: false, width: 1.5 },
  ],
  tick: [
    { d: circle(6), fill: false, width: 1.6 },
    { d: "M5 8.2 7.2 10.4 11 6", fill: false, width: 1.8 },
  ],
  dashed: [{ d: circle(5.6), fill: false, width: 2, dash: [2.6, 2.2] }],
};

/** Draw a shape on a canvas, `size` pixels wide, with a halo that lifts it off the map. */
export function drawShape(
  context: CanvasRenderingContext2D,
  name: ShapeName,
  size: number,
  colour: string,
  halo: string,
): void {
  const scale = size / 20;
  context.save();
  context.scale(scale, scale);
  context.translate(2, 2);
  context.lineJoin = "round";
  for (const pass of ["halo", "ink"] as const) {
    for (const stroke of SHAPES[name]) {
      const path = new Path2D(stroke.d);
      context.setLineDash(pass === "ink" ? (stroke.dash ?? []) : []);
      if (pass === "halo") {
        context.strokeStyle = halo;
        context.lineWidth = stroke.width + 3;
        context.stroke(path);
        continue;
      }
      context.fillStyle = context.strokeStyle = colour;
      context.lineWidth = stroke.width;
      if (stroke.fill) context.fill(path);
      if (stroke.width > 0) context.stroke(path);
    }
  }
  context.restore();
}
