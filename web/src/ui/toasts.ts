/** Short messages at the edge of the page, with an optional way back. */
import { reactive } from "vue";

export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "good" | "bad";
  action?: { label: string; run: () => void };
}

let last = 0;
export const toasts = reactive<Toast[]>([]);

export function dismiss(id: number): void {
  const at = toasts.findIndex((t) => t.id === id);
  if (at >= 0) toasts.splice(at, 1);
}

export function toast(
  text: string,
  {
    tone = "plain",
    action,
    for: stay,
  }: Partial<Omit<Toast, "id" | "text">> & { for?: number } = {},
): number {
  const id = ++last;
  if (toasts.length >= 4) toasts.shift();
  toasts.push({ id, text, tone, ...(action ? { action } : {}) });
  setTimeout(() => dismiss(id), stay ?? (action || tone === "bad" ? 10_000 : 5_000));
  return id;
}
