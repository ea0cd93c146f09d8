import { expect, test } from "vitest";
import {
  bits,
  bytes,
  clock,
  distance,
  figure,
  isoDay,
  longDay,
  metresBetween,
  moment,
  percent,
  span,
  timeLeft,
} from "./format";

const AT = "2026-07-14T11:20:04Z";

test("instants are told by the city's clock", () => {
  expect(clock(AT)).toBe("19:20");
  expect(clock("2026-07-14T16:05:00Z")).toBe("00:05");
  expect(isoDay("2026-07-14T16:05:00Z")).toBe("2026-07-15");
  expect(longDay(AT, "zh")).toBe("2026-07-14 周二");
  expect(longDay(AT, "en")).toBe("Tue 14 Jul 2026");
});

test("a moment says only what is needed", () => {
  expect(moment(AT, "2026-07-14T12:00:00Z", "zh")).toBe("19:20");
  expect(moment(AT, "2026-07-15T12:00:00Z", "zh")).toBe("7月14日 19:20");
  expect(moment(AT, "2026-07-15T12:00:00Z", "en")).toBe("14 Jul 19:20");
  expect(moment("2025-12-31T04:00:00Z", AT, "zh")).toBe("2025年12月31日 12:00");
});

test("spans show their two largest parts", () => {
  const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
  expect(span(30_000, "zh")).toBe("不到 1 分");
  expect(span(5 * minute, "en")).toBe("5 min");
  expect(span(2 * hour + 5 * minute, "zh")).toBe("2小时 5分");
  expect(span(13 * hour + 40 * minute, "zh")).toBe("13小时");
  expect(span(3 * day + 4 * hour, "en")).toBe("3 d 4 h");
  expect(span(-1, "zh")).toBe("不到 1 分");
});

test("time left is negative once a deadline has passed", () => {
  expect(timeLeft("2026-07-14T11:00:00Z", AT)).toBe(-1_204_000);
});

test("distances are rounded as people say them", () => {
  expect([12, 63, 944, 951, 1440, 12_300].map((m) => distance(m, "zh"))).toEqual([
    "12 米",
    "60 米",
    "940 米",
    "1.0 公里",
    "1.4 公里",
    "12 公里",
  ]);
  expect(distance(320, "en")).toBe("320 m");
});

test("a degree of latitude is 111 km", () => {
  expect(metresBetween([120.86, 32], [120.86, 33])).toBeCloseTo(111_195, -1);
});

test("figures and shares", () => {
  expect(percent(0.9621)).toBe("96%");
  expect(percent(0.9999)).toBe("99%");
  expect(percent(1)).toBe("100%");
  expect(figure(12345.678)).toBe("12,345.68");
  expect(bytes(34_200)).toBe("34 KB");
  expect([bits(2.14), bits(-0.4)]).toEqual(["+2.1", "−0.4"]);
});
