import { expect, test } from "vitest";
import { begun, cityInstant, cityLocal, isFull, said, type Field } from "./fields";

const FIELDS: Field[] = [
  { key: "text", label: "", kind: "area" },
  { key: "units", label: "", kind: "units" },
  { key: "at", label: "", kind: "moment" },
  { key: "place", label: "", kind: "text", optional: true },
  { key: "all", label: "", kind: "check" },
  { key: "hours", label: "", kind: "number", value: 8 },
];

test("a form begins empty but for what it is given", () => {
  expect(begun(FIELDS)).toEqual({
    text: "",
    units: [],
    at: "",
    place: "",
    all: false,
    hours: 8,
  });
});

test("it is full when everything that must be said is said", () => {
  const values = begun(FIELDS);
  expect(isFull(FIELDS, values)).toBe(false);
  const full = { ...values, text: "垫付工资", units: ["nt.a"], at: "2026-07-14T20:00" };
  expect(isFull(FIELDS, full)).toBe(true);
  expect(isFull(FIELDS, { ...full, text: "  " })).toBe(false);
  expect(isFull(FIELDS, { ...full, hours: 0 })).toBe(false);
});

test("times are the city's, whatever the browser's zone", () => {
  expect(cityInstant("2026-07-14T20:00")).toBe("2026-07-14T20:00:00+08:00");
  expect(cityLocal(Date.parse("2026-07-14T20:00:00+08:00"))).toBe("2026-07-14T20:00");
  expect(said(FIELDS, { ...begun(FIELDS), text: " 垫付 ", at: "2026-07-14T20:00" })).toMatchObject({
    text: "垫付",
    at: "2026-07-14T20:00:00+08:00",
  });
});
