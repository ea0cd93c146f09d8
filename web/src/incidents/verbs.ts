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
  | "files"
  | "date";

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
      { name: "lead", kind: "yes_no" },
      { name: "instruction", kind: "words" },
      { name: "reason", kind: "line" },
    ],
    register: [{ name: "reason", kind: "line" }],
    ask_confirm: [REASON],
    confirm: [{ name: "ok", kind: "yes_no", needed: true }, REASON],
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
      { name: "document", kind: "line" },
    ],
    accept: [{ name: "reason", kind: "words" }],
    reject: [REASON, { name: "untrue", kind: "yes_no" }],
    close: [],
    urge: [REASON],
    withdraw: [REASON],
    redo: [REASON],
    reassign: [
      { name: "unit", kind: "unit", needed: true },
      { name: "instruction", kind: "words" },
      REASON,
    ],
    lead: [],
    shelve: [
      { name: "condition", kind: "words", needed: true },
      { name: "review_on", kind: "date", needed: true },
      { name: "public_reason", kind: "words", needed: true },
    ],
    allow_shelving: [{ name: "reason", kind: "words" }],
    refuse_shelving: [REASON],
    strike_off: [REASON],
    strike_close: [REASON],
    archive: [],
    reopen: [REASON],
    void: [REASON],
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
  ["sign", "handle", "return", "shelve"],
  [
    "accept",
    "reject",
    "redo",
    "close",
    "urge",
    "allow_shelving",
    "refuse_shelving",
    "strike_off",
    "strike_close",
    "reassign",
    "lead",
    "withdraw",
    "void",
    "archive",
    "reopen",
  ],
];
const BEGUN = ["urge", "reassign", "lead", "withdraw", "void"];
const AT_STAGE: Record<string, string[]> = {
  assigned: ["sign", "handle", "return", ...BEGUN],
  signed: ["handle", "return", "shelve", "allow_shelving", "refuse_shelving", ...BEGUN],
  handled: ["accept", "reject", "redo", "lead"],
  verified: ["close", "lead"],
  shelved: ["strike_off", "strike_close", "reassign", "withdraw", "lead"],
  closed: ["archive", "reopen"],
  archived: ["reopen"],
};
/** Shown only while they can be done: a dead button would say nothing that matters. */
const ONLY_OPEN = new Set(["allow_shelving", "refuse_shelving", "lead"]);

/**
 * The verbs of an order worth showing: those that fit its stage, of the side that may do anything
 * at all. A handler is not shown a row of dead dispatcher's buttons, nor the reverse.
 */
export function worthShowing(may: May[], stage: string): May[] {
  const fitting = may.filter(
    (m) => AT_STAGE[stage]?.includes(m.verb) && !(m.why_not && ONLY_OPEN.has(m.verb)),
  );
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
