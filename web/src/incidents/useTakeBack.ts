/** Take a merge, a split or a link back; first say what would stay as it is, where anything would. */
import { useI18n } from "vue-i18n";
import { api } from "../api/calls";
import { sentenceOf } from "../api/client";
import type { Detail } from "../api/types";
import { nameIn } from "../i18n";
import { ask } from "../ui/ask";
import { toast } from "../ui/toasts";
import type { Act } from "./acts";

export function useTakeBack() {
  const { t } = useI18n();

  async function undo(
    { verb, one, other }: Act,
    reason: string,
    instead?: () => Promise<Detail>,
  ): Promise<Detail | null> {
    if (verb === "relate") return api.incidentVerb(one, "unrelate", { other, reason });
    const told = await api.undo(one, other, verb);
    if (!told.possible || told.lead === null || told.other === null) {
      toast(nameIn(told.why_not ?? "", told.why_not_en), { tone: "bad" });
      return null;
    }
    const agreed =
      told.kept.length === 0 ||
      (await ask({
        title: t(`undo.${verb}`),
        intro: t("undo.keeps"),
        lines: told.kept.map((k) => nameIn(k.because, k.because_en)),
        yes: t("ui.undo"),
      }));
    if (!agreed) return null;
    if (instead) return instead();
    const [at, second] = verb === "merge" ? [told.lead, told.other] : [told.other, told.lead];
    return api.incidentVerb(at, `un${verb}`, { other: second, reason });
  }

  /**
   * The answer of the back end; null when nothing was taken back, which the person then knows.
   *
   * `instead` is another call that takes this act back, and something else with it.
   */
  return async function takeBack(
    act: Act,
    reason: string,
    instead?: () => Promise<Detail>,
  ): Promise<Detail | null> {
    try {
      const answer = await undo(act, reason, instead);
      if (answer) toast(t("suggestion.undone"));
      return answer;
    } catch (refused) {
      toast(sentenceOf(refused), { tone: "bad" });
      return null;
    }
  };
}
