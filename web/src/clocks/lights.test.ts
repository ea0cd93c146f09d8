import { expect, test } from "vitest";
import type { Order } from "../api/types";
import { LIGHTS, lightNow } from "./lights";

const at = (time: string) => `2026-07-15T${time}:00Z`;
const clock = {
  kind: "settle",
  name: "",
  name_en: "",
  light: "green",
  start_at: at("01:00"),
  due_at: at("09:00"),
  yellow_at: at("08:00"),
  cap_at: null,
  provisional: false,
  how: "",
  how_en: "",
};
const order = (light: string, clocks = [clock]) =>
  ({ light, clocks, stage: "signed" }) as Pick<Order, "light" | "clocks" | "stage">;

test("a light turns by itself between two readings", () => {
  expect(lightNow(order("green"), Date.parse(at("07:59")))).toBe("green");
  expect(lightNow(order("green"), Date.parse(at("08:00")))).toBe("yellow");
  expect(lightNow(order("yellow"), Date.parse(at("09:00")))).toBe("red");
});

test("a paused or ended clock does not turn", () => {
  const paused = { ...clock, due_at: null, yellow_at: null, light: "paused" };
  expect(lightNow(order("paused", [paused] as never), Date.parse(at("20:00")))).toBe("paused");
  expect(lightNow(order("off"), Date.parse(at("20:00")))).toBe("off");
});

test("every light has a shape of its own", () => {
  const shapes = Object.values(LIGHTS).map((l) => l.shape);
  expect(new Set(shapes).size).toBe(shapes.length);
});
