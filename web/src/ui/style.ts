/** Dark wall or light desk: each kind of page has its own habit, and a person's choice is kept. */
import { ref } from "vue";

export type Style = "dark" | "light";
export type Surface = "wall" | "desk";

const HABIT: Record<Surface, Style> = { wall: "dark", desk: "light" };

export const style = ref<Style>("light");
let surface: Surface = "desk";

const keyOf = (where: Surface) => `chengshu.style.${where}`;

function apply(next: Style): void {
  style.value = next;
  document.documentElement.dataset["theme"] = next;
}

/** Called by the router: which kind of page is shown. */
export function enterSurface(next: Surface): void {
  surface = next;
  const kept = localStorage.getItem(keyOf(surface));
  apply(kept === "dark" || kept === "light" ? kept : HABIT[surface]);
}

export function switchStyle(): void {
  apply(style.value === "dark" ? "light" : "dark");
  localStorage.setItem(keyOf(surface), style.value);
}

/** The value of a token, for canvases that cannot read CSS. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
