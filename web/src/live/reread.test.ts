import { expect, test, vi } from "vitest";
import { live, onReread, reread } from "./live";

test("after a gap everything shown is read once, and one failure stops nothing", async () => {
  const good = vi.fn(() => Promise.resolve());
  const left = vi.fn(() => Promise.resolve());
  const stop = onReread(left);
  onReread(() => Promise.reject(new Error("no network")));
  onReread(good);
  stop();
  const running = reread();
  expect(live.rereading).toBe(true);
  await running;
  expect(live.rereading).toBe(false);
  expect(good).toHaveBeenCalledTimes(1);
  expect(left).not.toHaveBeenCalled();
});
