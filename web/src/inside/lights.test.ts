import { expect, it } from "vitest";
import { lightShape } from "./lights";

it("tells four lights apart by shape alone", () => {
  const shapes = ["green", "yellow", "red", "done"].map((light) => lightShape(light).shape);
  expect(new Set(shapes).size).toBe(4);
});
