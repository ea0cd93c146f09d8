/** Accept or refuse «maybe the same», and take the answer back. */
import { useI18n } from "vue-i18n";
import { api } from "../api/calls";
import { sentenceOf } from "../api/client";
import { toast } from "../ui/toasts";
import { offerUndo } from "../ui/undo";
import { useTakeBack } from "./useTakeBack";

export function useAnswers(after: () => void) {
  const { t } = useI18n();
  const takeBack = useTakeBack();

  async function reopen(suggestion: string, unlink: [string, string] | null): Promise<void> {
    const reason = t("suggestion.undo_reason");
    try {
      if (unlink) await api.incidentVerb(unlink[0], "unrelate", { other: unlink[1], reason });
      await api.reopen(suggestion, reason);
      toast(t("suggestion.undone"));
    } catch (refused) {
      toast(sentenceOf(refused), { tone: "bad" });
    }
  }

  /** True when the answer was taken; `answer` is merge, link (not the same, but linked) or apart. */
  return async function send(
    suggestion: string,
    [one, other]: [string, string],
    answer: "merge" | "link" | "apart",
  ): Promise<boolean> {
    try {
      await api.suggestion(suggestion, answer === "merge", answer === "link");
    } catch (refused) {
      toast(sentenceOf(refused), { tone: "bad" });
      after();
      return false;
    }
    const said = { merge: "merged", link: "linked", apart: "kept_apart" }[answer];
    offerUndo(t(`suggestion.${said}`), t("ui.undo_key"), async () => {
      if (answer === "merge") {
        const reason = t("suggestion.undo_reason");
        const again = () => api.reopen(suggestion, reason);
        await takeBack({ verb: "merge", one, other }, reason, again);
      } else await reopen(suggestion, answer === "link" ? [one, other] : null);
      after();
    });
    after();
    return true;
  };
}
