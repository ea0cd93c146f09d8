/** Reports made without a network wait on the phone and go out, once each, when it returns. */
import { ref } from "vue";
import { api } from "../api/calls";
import { ApiError } from "../api/client";
import type { NewReport } from "../api/types";

const KEPT = "chengshu.outbox";

function kept(): NewReport[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(list) ? (list as NewReport[]) : [];
  } catch {
    return [];
  }
}

export const waiting = ref(kept().length);

function keep(list: NewReport[]): void {
  localStorage.setItem(KEPT, JSON.stringify(list));
  waiting.value = list.length;
}

/** Send, or keep for later when there is no network. The code, or null when it waits. */
export async function send(report: NewReport): Promise<string | null> {
  // `channel_id` makes a repeat harmless: the back end answers the same receipt.
  const once = { ...report, channel_id: report.channel_id ?? crypto.randomUUID() };
  try {
    return (await api.file(once)).code;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 0) throw error;
    keep([...kept(), once]);
    return null;
  }
}

/** Try what waits; a report the back end refuses for good leaves the queue with an error. */
export async function flush(): Promise<{ sent: number; refused: string[] }> {
  const left: NewReport[] = [];
  const refused: string[] = [];
  let sent = 0;
  for (const report of kept()) {
    try {
      await api.file(report);
      sent++;
    } catch (error) {
      const isFinal = error instanceof ApiError && [400, 409, 413, 422].includes(error.status);
      if (isFinal) refused.push(error.message);
      else left.push(report);
    }
  }
  keep(left);
  return { sent, refused };
}
