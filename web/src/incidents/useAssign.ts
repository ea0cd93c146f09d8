/** Send an incident to a unit, with a way back for a few seconds. */
import { useI18n } from "vue-i18n";
import { api } from "../api/calls";
import { sentenceOf } from "../api/client";
import type { Detail } from "../api/types";
import { unitOf } from "../i18n";
import { toast } from "../ui/toasts";

export function useAssign(after: (answer: Detail) => void) {
  const { t } = useI18n();

  async function withdraw(order: string): Promise<void> {
    try {
      await api.orderVerb(order, "withdraw", { reason: t("proposal.undo_reason") });
      toast(t("proposal.withdrawn"));
    } catch (refused) {
      toast(sentenceOf(refused), { tone: "bad" });
    }
  }

  return async function assign(incident: Detail, unit: string): Promise<boolean> {
    try {
      const answer = await api.incidentVerb(incident.id, "assign", { unit });
      const order = answer.orders.filter((o) => o.unit === unit && o.stage === "assigned").pop();
      toast(
        t("proposal.assigned", { title: incident.title, unit: (order && unitOf(order)) ?? unit }),
        {
          tone: "good",
          ...(order ? { action: { label: t("ui.undo"), run: () => void withdraw(order.id) } } : {}),
        },
      );
      after(answer);
      return true;
    } catch (refused) {
      toast(sentenceOf(refused), { tone: "bad" });
      return false;
    }
  };
}
