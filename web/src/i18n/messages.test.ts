import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import en from "./en.json";
import zh from "./zh.json";

type Tree = { [key: string]: string | Tree };

function keysOf(tree: Tree, prefix = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [prefix + key] : keysOf(value, `${prefix}${key}.`),
  );
}

function textOf(tree: Tree, key: string): string {
  let at: string | Tree | undefined = tree;
  for (const part of key.split(".")) at = typeof at === "object" ? at[part] : undefined;
  return typeof at === "string" ? at : "";
}

const SRC = join(import.meta.dirname, "..");
const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(vue|ts)$/.test(name) && !name.endsWith(".test.ts"))
  .map((name) => readFileSync(join(SRC, name), "utf8"));

test("both languages have the same keys", () => {
  expect(keysOf(en).sort()).toEqual(keysOf(zh).sort());
});

test("both languages fill in the same values", () => {
  const slots = (text: string) => new Set(text.match(/\{\w+\}/g) ?? []);
  for (const key of keysOf(zh)) {
    const [a, b] = [slots(textOf(zh, key)), slots(textOf(en, key))];
    for (const slot of b) expect(a, `${key} ${slot}`).toContain(slot);
  }
});

test("every key written in the source exists", () => {
  const keys = new Set(keysOf(zh));
  const used = sources.flatMap((s) => [...s.matchAll(/\bt\(\s*"([a-z_0-9]+(?:\.[a-z_0-9]+)+)"/g)]);
  const chosen = sources.flatMap((s) => [
    ...s.matchAll(/\bt\([^()]*\? "([a-z_]+\.[a-z_]+)" : "([a-z_]+\.[a-z_]+)"/g),
  ]);
  const missing = [...used, ...chosen].flatMap(([, ...found]) => found.filter((k) => !keys.has(k)));
  expect(missing).toEqual([]);
});

test("no sentence of ours shouts", () => {
  for (const key of keysOf(zh)) expect(textOf(zh, key) + textOf(en, key), key).not.toMatch(/[!！]/);
});
