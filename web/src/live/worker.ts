/** Runs once per browser: holds the one stream and passes each message to every open page. */
import type { LiveMessage } from "./messages";
import { LiveStream } from "./stream";

export type ToWorker = { kind: "open"; url: string; who: string } | { kind: "close" };

interface SharedScope {
  onconnect: ((event: MessageEvent) => void) | null;
}

const ports = new Set<MessagePort>();
let stream: LiveStream | null = null;
let openFor = "";

function say(message: LiveMessage): void {
  for (const port of ports) port.postMessage(message);
}

function open(port: MessagePort, url: string, who: string): void {
  ports.add(port);
  if (stream && openFor === who) {
    port.postMessage({
      kind: "status",
      status: stream.status,
      at: Date.now(),
    } satisfies LiveMessage);
    return;
  }
  stream?.stop();
  openFor = who;
  stream = new LiveStream(() => new EventSource(url), say);
  stream.start();
}

function close(port: MessagePort): void {
  ports.delete(port);
  if (ports.size > 0) return;
  stream?.stop();
  stream = null;
}

(self as unknown as SharedScope).onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  port.onmessage = ({ data }: MessageEvent<ToWorker>) =>
    data.kind === "open" ? open(port, data.url, data.who) : close(port);
  port.start();
};
