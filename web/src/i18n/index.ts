/** Two complete message files, Chinese first; the choice is remembered on this machine. */
import { computed } from "vue";
import { createI18n } from "vue-i18n";
import type { Language } from "../ui/format";
import en from "./en.json";
import zh from "./zh.json";

const KEPT = "chengshu.language";

function firstLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  return kept === "en" || kept === "zh" ? kept : "zh";
}

export const i18n = createI18n({
  legacy: false,
  locale: firstLanguage(),
  fallbackLocale: "zh",
  messages: { zh, en },
});

export const language = computed<Language>(() => (i18n.global.locale.value === "en" ? "en" : "zh"));

export function speak(next: Language): void {
  i18n.global.locale.value = next;
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
  localStorage.setItem(KEPT, next);
}

/** The name in the language spoken, when the data has both. */
export function nameIn(zhName: string, enName?: string | null): string {
  return language.value === "en" && enName ? enName : zhName;
}

/** A unit's name in the language spoken. */
export function unitOf<Name extends string | null>(of: {
  unit_name: Name;
  unit_name_en: string | null;
}): Name | string {
  return of.unit_name === null ? of.unit_name : nameIn(of.unit_name, of.unit_name_en);
}
