/** One connection to /live: typed messages, back-off, and a call to re-read after every gap. */
import { EVENTS, parse, type LiveMessage, type LiveStatus } from "./messages";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export interface Source {
  addEventListener(event: string, listener: (event: MessageEvent<string>) => void): void;
  onerror: ((event: Event) => void) | null;
  close(): void;
}

/** Doubling, capped, with a quarter of jitter so that a hundred screens do not return as one. */
export function waitBefore(attempt: number, random: () => number = Math.random): number {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
  return Math.round(wait * (0.75 + random() * 0.25));
}

export class LiveStream {
  #source: Source | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #hadGap = false;
  status: LiveStatus = "connecting";

  constructor(
    private readonly open: () => Source,
    private readonly say: (message: LiveMessage) => void,
  ) {}

  start(): void {
    if (this.#source) return;
    this.#turn("connecting");
    const source = this.open();
    this.#source = source;
    for (const event of EVENTS) {
      source.addEventListener(event, (e) => this.#hear(event, e.data));
    }
    source.onerror = () => this.#lose();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
    this.#attempt = 0;
    this.#hadGap = false;
  }

  #turn(status: LiveStatus): void {
    this.status = status;
    this.say({ kind: "status", status, at: Date.now() });
  }

  #hear(event: (typeof EVENTS)[number], data: string): void {
    const message = parse(event, data);
    if (!message) return;
    if (this.status !== "live") {
      this.#attempt = 0;
      this.#turn("live");
    }
    this.say(message);
    if (message.kind === "bye") this.stop();
    if (message.kind === "hello" && this.#hadGap) {
      this.#hadGap = false;
      this.say({ kind: "reread", because: "reconnected" });
    }
  }

  #lose(): void {
    this.#source?.close();
    this.#source = null;
    this.#hadGap = true;
    this.#turn("lost");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.start(), waitBefore(this.#attempt++));
  }
}
