/** What waits for a dispatcher: danger first, then urgency, then age; deltas take away and bring in. */
import { computed, onBeforeUnmount, ref, shallowRef } from "vue";
import { api } from "../api/calls";
import type { Brief, QueueItem } from "../api/types";
import { useIncidents } from "../incidents/store";
import { markSeen } from "../live/seen";

const WAITING = "received";

export function inOrder(a: QueueItem, b: QueueItem): number {
  if (a.danger !== b.danger) return a.danger ? -1 : 1;
  if (a.urgency !== b.urgency) return b.urgency - a.urgency;
  return Date.parse(a.opened_at) - Date.parse(b.opened_at);
}

/** The queue after a delta. A newcomer has no proposal yet; the next read brings it. */
export function afterDelta(items: QueueItem[], changed: Brief[], gone: string[]): QueueItem[] {
  const byId = new Map(items.map((i) => [i.id, i]));
  for (const incident of changed) {
    const known = byId.get(incident.id);
    if (incident.stage !== WAITING) byId.delete(incident.id);
    else byId.set(incident.id, { top: null, waiting_s: 0, ...known, ...incident });
  }
  for (const id of gone) byId.delete(id);
  return [...byId.values()].sort(inOrder);
}

export function useQueue() {
  const store = useIncidents();
  const items = shallowRef<QueueItem[]>([]);
  const total = ref(0);
  const loaded = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function read(): Promise<void> {
    const answer = await api.queue();
    items.value = [...answer.items].sort(inOrder);
    total.value = answer.total;
    loaded.value = true;
    store.keep(answer.items);
    markSeen(items.value.map((i) => i.id));
  }

  const stop = store.onChange(({ changed, gone }) => {
    const before = items.value.length;
    items.value = afterDelta(items.value, changed, gone);
    total.value = Math.max(items.value.length, total.value + items.value.length - before);
    markSeen(changed.map((i) => i.id));
    const bare = items.value.some((i) => !i.top);
    if (bare && !timer) {
      timer = setTimeout(() => {
        timer = undefined;
        void read().catch(() => undefined);
      }, 1_500);
    }
  });
  onBeforeUnmount(() => {
    stop();
    clearTimeout(timer);
  });

  const dangerous = computed(() => items.value.filter((i) => i.danger).length);
  return { items, total, loaded, dangerous, read };
}
