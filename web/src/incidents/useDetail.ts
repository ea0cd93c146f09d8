/** One incident in full, kept fresh: read again when the live stream says it or its orders moved. */
import { onBeforeUnmount, ref, shallowRef, watch, type Ref } from "vue";
import { api } from "../api/calls";
import { sentenceOf } from "../api/client";
import type { Detail } from "../api/types";
import { onLive, onReread } from "../live/live";
import { markSeen } from "../live/seen";

export function useDetail(id: Ref<string | null>) {
  const detail = shallowRef<Detail | null>(null);
  const error = ref("");
  const loading = ref(false);
  let asked = 0;

  async function read(): Promise<void> {
    const wanted = id.value;
    const turn = ++asked;
    error.value = "";
    if (!wanted) {
      detail.value = null;
      return;
    }
    loading.value = true;
    try {
      const answer = await api.incident(wanted);
      // A slow answer must not replace the incident chosen after it.
      if (turn === asked) put(answer);
    } catch (refused) {
      if (turn === asked) {
        detail.value = null;
        error.value = sentenceOf(refused);
      }
    } finally {
      if (turn === asked) loading.value = false;
    }
  }

  function put(next: Detail): void {
    detail.value = next;
    markSeen([next.id]);
  }

  /** The answer to a verb is the new truth when it is a detail; else read. */
  function take(answer: unknown): void {
    const isDetail = answer && typeof answer === "object" && "report_list" in answer;
    if (isDetail && (answer as Detail).id === id.value) {
      asked++;
      put(answer as Detail);
    } else void read();
  }

  const stops = [
    onLive("incidents", ({ changed, gone }) => {
      const moved = changed.some(
        (i) => i.id === id.value && i.changed_at !== detail.value?.changed_at,
      );
      if (moved || gone.includes(id.value ?? "")) void read();
    }),
    onLive("orders", ({ changed }) => {
      if (changed.some((o) => o.incident === id.value)) void read();
    }),
    onReread(read),
  ];
  watch(id, read, { immediate: true });
  onBeforeUnmount(() => stops.forEach((stop) => stop()));

  return { detail, error, loading, read, take };
}
