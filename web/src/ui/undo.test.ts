import { beforeEach, expect, test, vi } from "vitest";
import { toasts } from "./toasts";
import { offerUndo, undoLast } from "./undo";

beforeEach(() => void (undoLast(), toasts.splice(0)));

test("an act is taken back once, by key or by button", () => {
  const run = vi.fn(async () => undefined);
  offerUndo("merged", "undo", run);
  expect(toasts.map((t) => t.text)).toEqual(["merged"]);
  expect(undoLast()).toBe(true);
  expect(undoLast()).toBe(false);
  expect(toasts).toEqual([]);
  expect(run).toHaveBeenCalledTimes(1);
});

test("only the last act can be taken back", () => {
  const [first, second] = [vi.fn(async () => undefined), vi.fn(async () => undefined)];
  offerUndo("one", "undo", first);
  const stale = toasts[0]!.action!.run;
  offerUndo("two", "undo", second);
  expect(toasts.map((t) => t.text)).toEqual(["two"]);
  stale();
  expect(first).not.toHaveBeenCalled();
  toasts[0]!.action!.run();
  expect(second).toHaveBeenCalledTimes(1);
});
