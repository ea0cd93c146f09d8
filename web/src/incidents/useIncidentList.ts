/** A filtered, cursor-paged list that the live stream keeps true. */
import { computed, onBeforeUnmount, ref, shallowRef, watch, type Ref } from "vue";
import { api } from "../api/calls";
import { sentenceOf } from "../api/client";
import type { Brief } from "../api/types";
import { markSeen } from "../live/seen";
import { fits, toQuery, type Filters } from "./filters";
import { useIncidents } from "./store";

const PAGE = 60;

type SortKey = "opened" | "due" | "changed";

export function useIncidentList(filters: Ref<Filters>) {
  const store = useIncidents();
  const ids = shallowRef<string[]>([]);
  const next = ref<string | null>(null);
  const total = ref(0);
  const asOf = ref<string | null>(null);
  const loading = ref(false);
  const error = ref("");
  /** Changes we could not place ourselves: words and time ranges are the back end's. */
  const unplaced = ref(0);
  let asked = 0;

  const rows = computed(() =>
    ids.value.flatMap((id): Brief[] => {
      const incident = store.byId.get(id);
      return incident ? [incident] : [];
    }),
  );

  async function read(after?: string): Promise<void> {
    const turn = ++asked;
    loading.value = true;
    error.value = "";
    try {
      const query = { ...toQuery(filters.value), limit: PAGE, ...(after ? { after } : {}) };
      const page = await api.incidents(query);
      if (turn !== asked) return;
      store.keep(page.items);
      const found = page.items.map((i) => i.id);
      ids.value = after ? [...new Set([...ids.value, ...found])] : found;
      next.value = page.next;
      total.value = page.total;
      asOf.value = page.as_of;
      unplaced.value = 0;
      markSeen(found);
    } catch (refused) {
      if (turn === asked) error.value = sentenceOf(refused);
    } finally {
      if (turn === asked) loading.value = false;
    }
  }

  const more = () => (next.value && !loading.value ? read(next.value) : Promise.resolve());

  const orderedBy = (): SortKey => (filters.value.order ?? "opened") as SortKey;
  const keyOf = (id: string): number => {
    const at = store.byId.get(id)?.[`${orderedBy()}_at`];
    return at ? Date.parse(at) : Infinity;
  };
  const inOrder = (list: string[]): string[] => {
    const sign = orderedBy() === "due" ? 1 : -1;
    return list.sort((a, b) => sign * (keyOf(a) - keyOf(b)) || 0);
  };

  const stop = store.onChange(({ changed, gone, fresh }) => {
    const here = new Set(ids.value);
    const isNew = new Set(fresh);
    for (const incident of changed) {
      const belongs = fits(incident, filters.value);
      if (belongs === false && here.delete(incident.id)) total.value--;
      if (belongs === null && !here.has(incident.id)) unplaced.value++;
      if (belongs === true && !here.has(incident.id)) {
        here.add(incident.id);
        if (isNew.has(incident.id) || !next.value) total.value++;
      }
    }
    for (const id of gone) if (here.delete(id)) total.value--;
    const last = ids.value[ids.value.length - 1];
    const sorted = inOrder([...here]);
    // What belongs below the last row read will come with its page.
    const end = next.value && last && here.has(last) ? sorted.indexOf(last) + 1 : sorted.length;
    ids.value = sorted.slice(0, end);
    markSeen(changed.map((i) => i.id));
  });

  watch(filters, () => void read(), { immediate: true, deep: true });
  onBeforeUnmount(stop);

  return { rows, next, total, asOf, loading, error, unplaced, read, more };
}
