/** What the centre understands while the clerk still types. */
import { onBeforeUnmount, ref, shallowRef, watch, type Ref } from "vue";
import { api } from "../api/calls";
import type { Preview } from "../api/types";

const PAUSE_MS = 250;
const LEAST_WORDS = 4;

export function usePreview(text: Ref<string>, place: Ref<string>) {
  const preview = shallowRef<Preview | null>(null);
  const thinking = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;

  async function ask(): Promise<void> {
    const turn = ++asked;
    thinking.value = true;
    const answer = await api.preview(text.value, place.value || undefined).catch(() => null);
    if (turn !== asked) return;
    thinking.value = false;
    if (answer) preview.value = answer;
  }

  watch([text, place], () => {
    clearTimeout(timer);
    if (text.value.trim().length < LEAST_WORDS) {
      asked++;
      preview.value = null;
      thinking.value = false;
      return;
    }
    timer = setTimeout(() => void ask(), PAUSE_MS);
  });
  onBeforeUnmount(() => clearTimeout(timer));

  return { preview, thinking };
}
