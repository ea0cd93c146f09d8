/** The unit's live orders as seen from inside: who has them, which reply waits, the first word with the citizen. */
import { defineStore } from "pinia";
import { ref } from "vue";
import { api } from "../api/calls";
import type { Inside } from "../api/types";

export const useInside = defineStore("inside", () => {
  const byOrder = ref(new Map<string, Inside>());

  async function load(): Promise<void> {
    byOrder.value = new Map((await api.inside()).map((one) => [one.order, one]));
  }

  function keep(one: Inside): void {
    byOrder.value = new Map(byOrder.value).set(one.order, one);
  }

  return { byOrder, load, keep };
});
