/** What each verb must be told, as a table; one dialog serves them all. */

import type { May } from "../api/types";

export type FieldKind =
  | "line"
  | "words"
  | "choice"
  | "yes_no"
  | "unit"
  | "matter"
  | "area"
  | "incident"
  | "reports"
  | "files";

export interface FieldSpec {
  name: string;
  kind: FieldKind;
  needed?: boolean;
  /** Values of a choice; their words are `choice.<value>`. */
  choices?: string[];
}

export type Subject = "incident" | "order";

const REASON: FieldSpec = { name: "reason", kind: "words", needed: true };
const RULE: FieldSpec = { name: "rule", kind: "line", needed: true };
const NOTICE: FieldSpec = { name: "notice", kind: "words", needed: true };

export const VERBS: Record<Subject, Record<string, FieldSpec[]>> = {
  incident: {
    assign: [
      { name: "unit", kind: "unit", needed: true },
      { name: "instruction", kind: "words" },
      { name: "reason", kind: "line" },
    ],
    answer: [
      { name: "answer", kind: "words", needed: true },
      { name: "source", kind: "line", needed: true },
    ],
    refuse: [RULE, NOTICE],
    refer: [
      {
        name: "to",
        kind: "choice",
        needed: true,
        choices: ["petition", "discipline", "judiciary"],
      },
      RULE,
      NOTICE,
    ],
    void: [REASON],
    close: [{ name: "reason", kind: "words" }],
    correct: [
      { name: "matter", kind: "matter" },
      { name: "area", kind: "area" },
      { name: "place", kind: "line" },
      { name: "urgency", kind: "choice", choices: ["1", "2", "3"] },
      { name: "danger", kind: "yes_no" },
      REASON,
    ],
    merge: [{ name: "other", kind: "incident", needed: true }, REASON],
    relate: [
      { name: "other", kind: "incident", needed: true },
      { name: "kind", kind: "choice", needed: true, choices: ["related", "recurrence"] },
      REASON,
    ],
    split: [{ name: "reports", kind: "reports", needed: true }, REASON],
  },
  order: {
    sign: [],
    return: [
      {
        name: "reason_code",
        kind: "choice",
        needed: true,
        choices: ["not_my_matter", "not_my_area", "not_my_power"],
      },
      REASON,
    ],
    handle: [
      { name: "reply", kind: "words", needed: true },
      { name: "attachments", kind: "files" },
    ],
    accept: [{ name: "reason", kind: "words" }],
    reject: [REASON],
    close: [],
    urge: [REASON],
    withdraw: [REASON],
  },
};

/** Verbs whose address is another one, with what they add to the body. */
const ADDRESS: Record<string, { path: string; body: Record<string, unknown> }> = {
  accept: { path: "verify", body: { ok: true } },
  reject: { path: "verify", body: { ok: false } },
};

/** Where an order's verb goes and what it carries. */
export function addressOf(verb: string, body: Record<string, unknown>) {
  const other = ADDRESS[verb];
  return other ? { path: other.path, body: { ...body, ...other.body } } : { path: verb, body };
}

const SIDES = [
  ["sign", "handle", "return"],
  ["accept", "reject", "close", "urge", "withdraw"],
];
const AT_STAGE: Record<string, string[]> = {
  assigned: ["sign", "handle", "return", "urge", "withdraw"],
  signed: ["handle", "return", "urge", "withdraw"],
  handled: ["accept", "reject"],
  verified: ["close"],
};

/**
 * The verbs of an order worth showing: those that fit its stage, of the side that may do anything
 * at all. A handler is not shown a row of dead dispatcher's buttons, nor the reverse.
 */
export function worthShowing(may: May[], stage: string): May[] {
  const fitting = may.filter((m) => AT_STAGE[stage]?.includes(m.verb));
  return SIDES.flatMap((side) => {
    const mine = fitting.filter((m) => side.includes(m.verb));
    return mine.some((m) => !m.why_not) ? mine : [];
  });
}

/** Numbers and truths leave the form as such; empty optional fields do not leave at all. */
export function bodyOf(
  fields: FieldSpec[],
  values: Record<string, unknown>,
): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const { name, kind } of fields) {
    const value = values[name];
    if (value === undefined || value === "" || value === null) continue;
    if (kind === "yes_no") body[name] = value === true || value === "yes";
    else if (kind === "reports" && Array.isArray(value) && value.length === 1)
      body.report = value[0];
    else if (name === "urgency") body[name] = Number(value);
    else body[name] = typeof value === "string" ? value.trim() : value;
  }
  return body;
}
