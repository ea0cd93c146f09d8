/** The page's side of the live stream: who listens to what, and how fresh we are. */
import { reactive, readonly } from "vue";
import { BASE } from "../api/client";
import type { LiveMessage, LiveStatus } from "./messages";
import { LiveStream } from "./stream";
import type { ToWorker } from "./worker";

type Kind = LiveMessage["kind"];
type Of<K extends Kind> = Extract<LiveMessage, { kind: K }>;
type Listener<K extends Kind> = (message: Of<K>) => void;

const listeners = new Map<Kind, Set<(message: LiveMessage) => void>>();

const state = reactive({
  status: "connecting" as LiveStatus,
  /** Epoch milliseconds of the last word from the centre. */
  heardAt: 0,
  rereading: false,
});

export const live = readonly(state);

/** Listen to one kind of message; the answer stops listening. */
export function onLive<K extends Kind>(kind: K, listener: Listener<K>): () => void {
  const set = listeners.get(kind) ?? new Set();
  listeners.set(kind, set);
  const wrapped = (message: LiveMessage) => listener(message as Of<K>);
  set.add(wrapped);
  return () => void set.delete(wrapped);
}

export function hear(message: LiveMessage): void {
  if (message.kind === "status") state.status = message.status;
  if (message.kind !== "status" || message.status === "live") state.heardAt = Date.now();
  for (const listener of listeners.get(message.kind) ?? []) listener(message);
}

const readers = new Set<() => Promise<unknown>>();

/** Have this read run after every gap; the answer takes it out again. */
export function onReread(read: () => Promise<unknown>): () => void {
  readers.add(read);
  return () => void readers.delete(read);
}

/** Read everything that is shown again, and show that it is being read. */
export async function reread(): Promise<void> {
  state.rereading = true;
  try {
    await Promise.allSettled([...readers].map((read) => read()));
  } finally {
    state.rereading = false;
  }
}

let disconnect: (() => void) | null = null;

/** Open the stream for this account; a second call for the same page does nothing. */
export function connect(who: string): void {
  if (disconnect) return;
  const url = `${BASE}/live`;
  disconnect = throughWorker(url, who) ?? alone(url);
}

export function hangUp(): void {
  disconnect?.();
  disconnect = null;
  state.status = "connecting";
}

function throughWorker(url: string, who: string): (() => void) | null {
  if (typeof SharedWorker === "undefined") return null;
  try {
    const worker = new SharedWorker(new URL("./worker.ts", import.meta.url), {
      type: "module",
      name: "chengshu-live",
    });
    const tell = (message: ToWorker) => worker.port.postMessage(message);
    const leave = () => tell({ kind: "close" });
    let spare: (() => void) | null = null;
    worker.onerror = () => {
      spare ??= alone(url);
    };
    const back = (event: PageTransitionEvent) =>
      event.persisted && tell({ kind: "open", url, who });
    worker.port.onmessage = ({ data }: MessageEvent<LiveMessage>) => hear(data);
    worker.port.start();
    tell({ kind: "open", url, who });
    window.addEventListener("pagehide", leave);
    window.addEventListener("pageshow", back);
    return () => {
      leave();
      spare?.();
      window.removeEventListener("pagehide", leave);
      window.removeEventListener("pageshow", back);
    };
  } catch {
    return null;
  }
}

function alone(url: string): () => void {
  const stream = new LiveStream(() => new EventSource(url), hear);
  stream.start();
  return () => stream.stop();
}
