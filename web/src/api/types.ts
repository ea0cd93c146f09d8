/** The shapes of /api/v1, by hand until `npm run gen` writes them from OpenAPI. No logic here. */

export type Role =
  | "call_taker"
  | "dispatcher"
  | "handler"
  | "grid_worker"
  | "supervisor"
  | "analyst"
  | "leader"
  | "system_admin"
  | "security_admin"
  | "audit_admin";

export type Stage =
  | "received"
  | "assigned"
  | "handling"
  | "verifying"
  | "closed"
  | "answered"
  | "refused"
  | "referred"
  | "void"
  | "merged";

export type State = "new" | "handling" | "due_soon" | "overdue" | "danger" | "closed" | "unsure";

export type OrderStage =
  "assigned" | "signed" | "handled" | "verified" | "closed" | "returned" | "withdrawn";

export type Nature = "inquiry" | "help" | "complaint" | "denunciation" | "suggestion" | "praise";

export interface Problem {
  code: string;
  detail: string;
  fields?: { field: string; message: string }[];
}

export interface Unit {
  unit: string;
  name: string;
  name_en: string;
  short: string;
  kind: string;
  tier: string;
  line: string;
  area: string;
}

export interface Me {
  account: string;
  login: string;
  name: string;
  role: Role;
  unit: Unit;
  csrf: string;
  grid: string | null;
  scope: { area_lo: string; area_hi: string } | null;
}

export interface City {
  name: string;
  name_en: string;
  centre_name: string;
  centre_name_en: string;
  bbox: [number, number, number, number];
  centre: [number, number];
  notice: string;
  notice_en?: string;
  time_zone?: string;
  demo: boolean;
  accounts: { login: string; password: string; name: string; role: Role; unit_name: string }[];
}

export interface Area {
  code: string;
  level: "city" | "county" | "township" | "community" | "grid";
  name: string;
  short: string;
  name_en: string;
  lon: number | null;
  lat: number | null;
}

export interface Matter {
  id: string;
  name: string;
  name_en: string;
  path: string[];
  domain: string;
  lead: string;
  tier: string;
  urgency: number;
  limit_text: string;
}

export interface Brief {
  id: string;
  number: string;
  title: string;
  matter: string;
  matter_name: string;
  matter_name_en: string;
  domain: string;
  stage: Stage;
  urgency: number;
  danger: boolean;
  area: string;
  area_name: string;
  area_name_en: string;
  place: string;
  lon: number | null;
  lat: number | null;
  reports: number;
  people: number;
  first_at: string;
  last_at: string;
  opened_at: string;
  due_at: string | null;
  overdue: boolean;
  closed_at: string | null;
  state: State;
  unit: string | null;
  unit_name: string | null;
  changed_at: string;
}

export interface Clue {
  about: string;
  bits: number;
  because: string;
  because_en: string;
}

export interface Mark {
  start: number;
  end: number;
  kind: string;
  text: string;
}

export interface May {
  verb: string;
  label: string;
  label_en: string;
  why_not: string | null;
  why_not_en?: string | null;
}

export interface Attachment {
  id: string;
  name: string;
  kind: string;
  bytes: number;
}

export interface Report {
  id: string;
  channel: string;
  said_at: string;
  received_at: string;
  title: string;
  text: string;
  nature: Nature;
  place: string;
  lon: number | null;
  lat: number | null;
  anonymous: boolean;
  confidential: boolean;
  reporter_masked: string | null;
  outcome: "opened" | "merged" | "moved";
  probability: number | null;
  clues: Clue[];
  attachments: Attachment[];
}

export interface Order {
  id: string;
  number: string;
  incident: string;
  incident_title: string;
  unit: string;
  unit_name: string;
  stage: OrderStage;
  instruction: string;
  assigned_at: string;
  sign_due_at: string | null;
  due_at: string | null;
  signed_at: string | null;
  handled_at: string | null;
  closed_at: string | null;
  overdue: boolean;
  escalated: number;
  returns: number;
  reply: string | null;
  danger: boolean;
  urgency: number;
  matter_name: string;
  area_name: string;
  place: string;
  lon: number | null;
  lat: number | null;
  reports: number;
  /** The photos of the reply; not sent yet by the back end. */
  attachments?: Attachment[];
  may: May[];
}

export interface Proposal {
  rank: number;
  unit: string;
  unit_name: string;
  probability: number;
  clues: Clue[];
}

export interface Suggestion {
  id: string;
  other: Brief;
  probability: number;
  clues: Clue[];
}

export interface Step {
  id: string;
  at: string;
  actor: string | null;
  unit_name: string | null;
  verb: string;
  from_stage: Stage | null;
  to_stage: Stage | null;
  reason: string | null;
  detail: unknown;
  order: string | null;
}

export interface Detail extends Brief {
  answer: string | null;
  answer_source: string | null;
  merged_into: string | null;
  recurrence_of: string | null;
  report_list: Report[];
  orders: Order[];
  proposals: Proposal[];
  suggestions: Suggestion[];
  steps: Step[];
  marks: Mark[];
  may: May[];
}

export interface OrderDetail extends Order {
  incident_detail: Detail;
}

export interface Page<T> {
  items: T[];
  next: string | null;
  total: number;
  as_of: string;
}

export interface MapRows {
  as_of: string;
  columns: string[];
  without_position?: number;
  rows: (string | number | null)[][];
}

export interface Preview {
  matter: string;
  matter_name: string;
  matter_name_en: string;
  confidence: number;
  domain: string;
  area: string;
  area_name: string;
  place_confidence: number;
  urgency: number;
  danger: boolean;
  danger_words: string[];
  marks: Mark[];
  missing: { what: string; question: string; question_en: string }[];
  similar: { incident: Brief; probability: number; clues: Clue[] }[];
  unit: { unit: string; name: string; probability: number } | null;
}

export interface NewReport {
  channel: "hotline" | "grid";
  channel_id?: string;
  title?: string;
  text: string;
  nature: Nature;
  place?: string;
  lon?: number;
  lat?: number;
  accuracy_m?: number;
  area?: string;
  said_at?: string;
  anonymous: boolean;
  confidential: boolean;
  reporter: { name?: string; phone?: string; identity?: string } | null;
  call?: { id?: string; recording?: string };
  attachments?: string[];
}

export interface Accepted {
  id: string;
  code: string;
  duplicate: boolean;
}

/** An earlier report of the same caller. */
export interface Earlier {
  report: string;
  channel: string;
  said_at: string;
  title: string;
  text: string;
  nature: Nature;
  place: string;
  area: string;
}

export interface PublicReport {
  client_id: string;
  text: string;
  nature?: Nature;
  place?: string;
  lon?: number;
  lat?: number;
  name?: string;
  phone?: string;
  anonymous: boolean;
  confidential: boolean;
}

export interface Track {
  state: string;
  said_at: string;
  closed_at: string | null;
  steps: { at: string; text: string }[];
  unit_name: string | null;
  due_at: string | null;
  answer: string | null;
}

export interface Figure {
  key: string;
  name: string;
  name_en: string;
  value: number;
  unit: string;
  link: string | null;
}

export interface Today {
  as_of: string;
  figures: Figure[];
  by_county: {
    code: string;
    name: string;
    name_en: string;
    open: number;
    overdue: number;
    today: number;
  }[];
  by_domain: { domain: string; today: number; open: number; overdue: number }[];
  hours: number[];
  sentence: string;
  sentence_en: string;
}

export interface QueueItem extends Brief {
  top: Pick<Proposal, "unit" | "unit_name" | "probability"> | null;
  waiting_s: number;
}

export interface Notice {
  id: string;
  text: string;
  at: string;
  incident: string | null;
  read: boolean;
}

export interface Account {
  id: string;
  login: string;
  name: string;
  /** Empty until the security administrator gives one. */
  role: Role | "";
  unit: string;
  active: boolean;
}

export interface Credential {
  id: string;
  name: string;
  channels: string[];
  active: boolean;
  created_at: string;
  key: string | null;
}

export interface SetAside {
  id: string;
  at: string;
  topic: string;
  key: string;
  attempts: number;
  reason: string;
}

export interface AuditRow {
  id: string;
  at: string;
  login: string | null;
  role: string | null;
  act: string;
  subject: string;
  detail: unknown;
  address: string;
}
