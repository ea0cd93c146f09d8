/** What the live stream says, as one union; and how a raw event becomes one of them. */
import type { Brief, Order } from "../api/types";

export type LiveStatus = "connecting" | "live" | "lost";

export type LiveMessage =
  | { kind: "status"; status: LiveStatus; at: number }
  | { kind: "hello"; asOf: string }
  | { kind: "incidents"; asOf: string; changed: Brief[]; gone: string[] }
  | { kind: "orders"; changed: Order[]; gone: string[] }
  | { kind: "figures"; asOf: string }
  /** The login no longer holds. */
  | { kind: "bye" }
  /** What we hold may have holes: read everything again. */
  | { kind: "reread"; because: "reconnected" | "resync" };

export const EVENTS = ["hello", "incidents", "orders", "figures", "resync", "bye"] as const;
export type EventName = (typeof EVENTS)[number];

interface Raw {
  as_of?: string;
  changed?: unknown[];
  gone?: string[];
}

/** Parse at the edge, once; null for what cannot be read. */
export function parse(event: EventName, data: string): LiveMessage | null {
  let raw: Raw;
  try {
    raw = JSON.parse(data || "{}") as Raw;
  } catch {
    return null;
  }
  const asOf = raw.as_of ?? new Date().toISOString();
  const gone = raw.gone ?? [];
  switch (event) {
    case "hello":
      return { kind: "hello", asOf };
    case "incidents":
      return { kind: "incidents", asOf, changed: (raw.changed ?? []) as Brief[], gone };
    case "orders":
      return { kind: "orders", changed: (raw.changed ?? []) as Order[], gone };
    case "figures":
      return { kind: "figures", asOf };
    case "bye":
      return { kind: "bye" };
    case "resync":
      return { kind: "reread", because: "resync" };
  }
}
