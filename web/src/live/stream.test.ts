import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parse, type LiveMessage } from "./messages";
import { LiveStream, waitBefore, type Source } from "./stream";

class FakeSource implements Source {
  onerror: ((event: Event) => void) | null = null;
  closed = false;
  private readonly listeners = new Map<string, (event: MessageEvent<string>) => void>();

  addEventListener(event: string, listener: (event: MessageEvent<string>) => void): void {
    this.listeners.set(event, listener);
  }

  close(): void {
    this.closed = true;
  }

  send(event: string, data: object): void {
    this.listeners.get(event)?.(new MessageEvent(event, { data: JSON.stringify(data) }));
  }

  fail(): void {
    this.onerror?.(new Event("error"));
  }
}

let sources: FakeSource[];
let said: LiveMessage[];
let stream: LiveStream;

beforeEach(() => {
  vi.useFakeTimers();
  sources = [];
  said = [];
  stream = new LiveStream(
    () => {
      const source = new FakeSource();
      sources.push(source);
      return source;
    },
    (message) => said.push(message),
  );
});
afterEach(() => vi.useRealTimers());

const kinds = () => said.map((m) => (m.kind === "status" ? m.status : m.kind));

test("the first hello is live and asks for no re-read", () => {
  stream.start();
  sources[0]?.send("hello", { as_of: "2026-07-14T11:00:00Z" });
  expect(kinds()).toEqual(["connecting", "live", "hello"]);
});

test("after a gap the hello asks for one re-read", () => {
  stream.start();
  sources[0]?.send("hello", {});
  sources[0]?.fail();
  expect(sources[0]?.closed).toBe(true);
  vi.advanceTimersByTime(1_000);
  sources[1]?.send("hello", {});
  sources[1]?.send("figures", {});
  expect(kinds().slice(3)).toEqual(["lost", "connecting", "live", "hello", "reread", "figures"]);
  expect(said).toContainEqual({ kind: "reread", because: "reconnected" });
});

test("resync asks for a re-read at once", () => {
  stream.start();
  sources[0]?.send("resync", {});
  expect(said).toContainEqual({ kind: "reread", because: "resync" });
});

test("waits double up to half a minute, and never reach it together", () => {
  expect([0, 1, 2, 3, 9].map((n) => waitBefore(n, () => 1))).toEqual([1e3, 2e3, 4e3, 8e3, 3e4]);
  expect(waitBefore(2, () => 0)).toBe(3_000);
});

test("a stopped stream does not come back", () => {
  stream.start();
  sources[0]?.fail();
  stream.stop();
  vi.advanceTimersByTime(60_000);
  expect(sources).toHaveLength(1);
});

test("what cannot be read is left out", () => {
  expect(parse("incidents", "{oops")).toBeNull();
  expect(parse("incidents", '{"as_of":"x"}')).toEqual({
    kind: "incidents",
    asOf: "x",
    changed: [],
    gone: [],
  });
});
