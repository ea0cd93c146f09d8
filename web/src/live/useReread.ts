/** Read now, and again after every gap in the live stream. */
import { onBeforeUnmount, onMounted } from "vue";
import { sentenceOf } from "../api/client";
import { toast } from "../ui/toasts";
import { onReread } from "./live";

export function useReread(read: () => Promise<unknown>, { first = true } = {}): void {
  const guarded = () =>
    read().catch((error: unknown) => void toast(sentenceOf(error), { tone: "bad" }));
  onMounted(() => {
    if (first) void guarded();
  });
  onBeforeUnmount(onReread(guarded));
}
