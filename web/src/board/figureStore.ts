/** Today's figures; read again whenever the centre says they moved. */
import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import { api } from "../api/calls";
import type { Today } from "../api/types";
import { onLive } from "../live/live";

/** Figures may move many times a second; nobody reads that fast. */
const LEAST_GAP_MS = 2_000;

export const useFigures = defineStore("figures", () => {
  const today = shallowRef<Today | null>(null);
  const failed = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let readAt = 0;

  async function load(): Promise<void> {
    readAt = Date.now();
    try {
      today.value = await api.today();
      failed.value = false;
    } catch {
      failed.value = true;
    }
  }

  onLive("figures", () => {
    if (!today.value || timer) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        void load();
      },
      Math.max(0, readAt + LEAST_GAP_MS - Date.now()),
    );
  });

  return { today, failed, load };
});
