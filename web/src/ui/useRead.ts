/** Read once when shown; hold the value, or the sentence that says why not. */
import { onMounted, ref, shallowRef } from "vue";
import { sentenceOf } from "../api/client";

export function useRead<T>(read: () => Promise<T>) {
  const value = shallowRef<T | null>(null);
  const error = ref("");
  async function load(): Promise<void> {
    error.value = "";
    try {
      value.value = await read();
    } catch (refused) {
      error.value = sentenceOf(refused);
    }
  }
  onMounted(() => void load());
  return { value, error, load };
}
