/** The small forms of joint command: what each field is, and what a filled-in form says. */

export type Kind = "text" | "area" | "number" | "unit" | "units" | "moment" | "choice" | "check";

export interface Choice {
  key: string;
  name: string;
}

export interface Field {
  key: string;
  label: string;
  kind: Kind;
  options?: Choice[];
  optional?: true;
  value?: string | number | boolean | string[];
}

export type Values = Record<string, string | number | boolean | string[]>;

const EMPTY: Record<Kind, () => string | number | boolean | string[]> = {
  text: () => "",
  area: () => "",
  number: () => 24,
  unit: () => "",
  units: () => [],
  moment: () => "",
  choice: () => "",
  check: () => false,
};

/** What a form begins with. */
export function begun(fields: readonly Field[]): Values {
  return Object.fromEntries(fields.map((f) => [f.key, f.value ?? EMPTY[f.kind]()]));
}

/** Whether everything that must be said is said. */
export function isFull(fields: readonly Field[], values: Values): boolean {
  return fields.every((f) => {
    const value = values[f.key];
    if (f.optional || f.kind === "check") return true;
    if (Array.isArray(value)) return value.length > 0;
    return typeof value === "number" ? value > 0 : Boolean(String(value ?? "").trim());
  });
}

/** The same with instants in UTC and without blanks around words. */
export function said(fields: readonly Field[], values: Values): Values {
  return Object.fromEntries(
    fields.map((f) => {
      const value = values[f.key] ?? "";
      if (f.kind === "moment") return [f.key, cityInstant(String(value))];
      return [f.key, typeof value === "string" ? value.trim() : value];
    }),
  );
}

/** A form's local time is the city's, whatever the zone of the browser. */
export function cityInstant(local: string): string {
  return local ? `${local}:00+08:00` : "";
}

/** An instant as a form's local time, in the city's zone. */
export function cityLocal(at: number): string {
  return new Date(at + 8 * 3_600_000).toISOString().slice(0, 16);
}
