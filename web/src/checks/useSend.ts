/** Sending one form of this page: once at a time, with the sentence that says why not. */
import { ref } from "vue";
import { useI18n } from "vue-i18n";
import { sentenceOf } from "../api/client";
import { toast } from "../ui/toasts";

export function useSend(done: () => void) {
  const { t } = useI18n();
  const busy = ref(false);
  const error = ref("");
  async function send(call: () => Promise<unknown>): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    error.value = "";
    try {
      await call();
      toast(t("checks.done"), { tone: "good" });
      done();
    } catch (refused) {
      error.value = sentenceOf(refused);
    } finally {
      busy.value = false;
    }
  }
  return { busy, error, send };
}
