/** Accept or refuse «maybe the same», and take the answer back. */
import { useI18n } from "vue-i18n";
import { api } from "../api/calls";
import { sentenceOf } from "../api/client";
import { toast } from "../ui/toasts";
import { offerUndo } from "../ui/undo";

export function useAnswers(after: () => void) {
  const { t } = useI18n();

  async function reopen(suggestion: string, unlink: [string, string] | null): Promise<void> {
    const reason = t("suggestion.undo_reason");
    try {
      if (unlink) await api.incidentVerb(unlink[0], "unrelate", { other: unlink[1], reason });
      await api.reopen(suggestion, reason);
      toast(t("suggestion.undone"));
    } catch (refused) {
      toast(sentenceOf(refused), { tone: "bad" });
    }
    after();
  }

  /** True when the answer was taken. */
  return async function answer(
    suggestion: string,
    accept: boolean,
    /** With a refusal: the two that are linked instead. */
    link: [string, string] | null = null,
  ): Promise<boolean> {
    try {
      await api.suggestion(suggestion, accept, link !== null);
    } catch (refused) {
      toast(sentenceOf(refused), { tone: "bad" });
      after();
      return false;
    }
    offerUndo(
      t(link ? "suggestion.linked" : accept ? "suggestion.merged" : "suggestion.kept_apart"),
      t("ui.undo_key"),
      () => reopen(suggestion, link),
    );
    after();
    return true;
  };
}
