/** Marks when an incident first reached the pixels, so that a bench can measure commit to pixel. */
import { nextTick } from "vue";

window.__chengshuSeen ??= new Map();

/** Call after the store has changed; the mark is set in the frame that paints it. */
export function markSeen(ids: Iterable<string>, painted?: Promise<unknown>): void {
  const fresh = [...ids].filter((id) => !window.__chengshuSeen.has(id));
  if (fresh.length === 0) return;
  void Promise.resolve(painted ?? nextTick()).then(() => {
    requestAnimationFrame(() => {
      const at = Date.now();
      for (const id of fresh) {
        if (window.__chengshuSeen.has(id)) continue;
        window.__chengshuSeen.set(id, at);
        performance.mark(`incident:${id}`);
      }
    });
  });
}
