/** The last act that can be taken back: by the button of its message, or by one key. */
import { dismiss, toast } from "./toasts";

interface Undoable {
  toast: number;
  run: () => Promise<void>;
}

let last: Undoable | null = null;

/** Say what was done, with a way back that works until the next act. */
export function offerUndo(text: string, label: string, run: () => Promise<void>): void {
  if (last) dismiss(last.toast);
  const mine: Undoable = { toast: 0, run };
  last = mine;
  mine.toast = toast(text, {
    tone: "good",
    for: 20_000,
    action: { label, run: () => void (last === mine && undoLast()) },
  });
}

/** Take the last act back; false when there is none, or it was taken back already. */
export function undoLast(): boolean {
  const act = last;
  last = null;
  if (!act) return false;
  dismiss(act.toast);
  void act.run();
  return true;
}
