/** Keyboard commands that stay silent while a person writes or an input method composes. */
import { onBeforeUnmount, onMounted } from "vue";

/** True while an input method holds the keys: 229 is what browsers send when `isComposing` comes late. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** True when the key belongs to a field. */
export function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** The command's key, or null when the keystroke is none: `j`, `Enter`, `Alt+a`. */
export function commandOf(event: KeyboardEvent, inDialog = false): string | null {
  if (isComposing(event) || event.ctrlKey || event.metaKey || event.defaultPrevented) return null;
  if (!inDialog && document.querySelector("dialog[open]")) return null;
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1] ?? /^Digit(\d)$/.exec(event.code)?.[1];
  if (event.altKey) return letter ? `Alt+${letter.toLowerCase()}` : null;
  if (isWriting(event.target)) return event.key === "Escape" ? "Escape" : null;
  if (event.key === "Enter" && event.target instanceof HTMLElement) {
    if (["A", "BUTTON", "SUMMARY"].includes(event.target.tagName)) return null;
  }
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

/**
 * Listen while the component lives. A command named `a` is reachable as A and as Alt+A, the
 * latter also from inside a field. While a dialog is open only the dialog's own commands hear.
 */
export function useKeys(
  commands: Record<string, () => void>,
  { inDialog = false }: { inDialog?: boolean } = {},
): void {
  const listen = (event: KeyboardEvent) => {
    const key = commandOf(event, inDialog);
    const command = key && (commands[key] ?? commands[key.replace(/^Alt\+/, "")]);
    if (!command) return;
    event.preventDefault();
    command();
  };
  onMounted(() => window.addEventListener("keydown", listen));
  onBeforeUnmount(() => window.removeEventListener("keydown", listen));
}
