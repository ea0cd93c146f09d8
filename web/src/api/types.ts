/**
 * The shapes of /api/v1, named as the pages name them. They come from schema.ts, which `npm run gen`
 * writes from the back end's own contract; here words are only made narrower. No logic.
 */
import type { components } from "./schema";

type Schemas = components["schemas"];

/** What the back end sends is whole: a field with a default is there too. */
type Sent<T> = T extends readonly (infer One)[]
  ? Sent<One>[]
  : T extends object
    ? { [K in keyof T]-?: Sent<T[K]> }
    : T;
type From<Name extends keyof Schemas> = Sent<Schemas[Name]>;
/** Some fields, made narrower; each must exist in the contract and fit it. */
type Narrow<T, Finer extends { [K in keyof Finer]: K extends keyof T ? T[K] : never }> = Omit<
  T,
  keyof Finer
> &
  Finer;

export type Role = Schemas["Role"];
export type Nature = Schemas["Nature"];

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
  | "assigned"
  | "signed"
  | "handled"
  | "verified"
  | "shelved"
  | "closed"
  | "archived"
  | "returned"
  | "withdrawn"
  | "void";

export type Problem = Schemas["Problem"];

// ---------------------------------------------------------------- responsibility list
export type Duty = From<"DutyView">;
export type DutyVersion = From<"DutyVersionView">;
export type DutyList = From<"DutyListView">;
export type DutyHistory = From<"DutyHistoryView">;

// ---------------------------------------------------------------- disputes
export type Cited = From<"CitedView">;
export type Returning = From<"ReturnView">;
export type Dispute = From<"DisputeView">;
export type DisputeList = From<"DisputeList">;
export type Ruling = From<"RulingView">;
export type RulingList = From<"RulingList">;

// ---------------------------------------------------------------- clocks
export type Light = "green" | "yellow" | "red" | "paused" | "off";
export type ClockAsk = From<"AskView">;
export type ClockRequest = From<"RequestView">;
export type ClockRequestList = From<"RequestList">;
export type Supervision = From<"SupervisionView">;
export type SupervisionList = From<"SupervisionList">;
// ---------------------------------------------------------------- joint command
export type JointOffer = From<"OfferView">;
export type Joint = From<"JointView">;
export type JointBrief = From<"JointBrief">;
export type JointList = From<"JointList">;
export type JointTask = From<"JointTaskView">;
export type Meeting = From<"MeetingView">;
export type Whistle = From<"WhistleView">;
export type WhistleList = From<"WhistleList">;
export type Passing = From<"PassingView">;
// ---------------------------------------------------------------- scoring
export type ScoreMonth = From<"ScoreMonthView">;
export type ScoreTable = From<"ScoreTableView">;
export type ScoreRow = From<"ScoreRowView">;
export type ScoreMeasured = From<"ScoreMeasuredView">;
export type ScoreUnit = From<"ScoreUnitView">;
export type ScoreOrder = From<"ScoreOrderView">;
export type ScoreExclusion = From<"ScoreExclusionView">;
export type ScoreExclusionList = From<"ScoreExclusionList">;
export type ScoreAppeal = From<"ScoreAppealView">;
export type ScoreAppealList = From<"ScoreAppealList">;
export type ScoreMeasure = From<"ScoreMeasureView">;
export type ScoreMeasureList = From<"ScoreMeasureList">;
// ---------------------------------------------------------------- notices, rosters, hand-overs
export type Delivery = From<"DeliveryView">;
export type DeliveryList = From<"DeliveryList">;
export type Tally = From<"TallyView">;
export type UrgentNotices = From<"UrgentNoticeList">;
export type OnDuty = From<"OnDutyView">;
export type Roster = From<"RosterView">;
export type Hook = From<"HookView">;
export type Handover = From<"HandoverView">;
export type Handovers = From<"HandoversView">;
export type HandoverList = From<"HandoverList">;
/** 紧急信息报送 of one incident. */
export type Urgent = From<"UrgentView">;
export type UrgentDraft = From<"UrgentDraftView">;
export type UrgentDue = From<"UrgentDueList">;

// ---------------------------------------------------------------- city and session
export type Unit = From<"UnitView">;
export type Me = Narrow<From<"MeView">, { role: Role }>;
export type City = Narrow<
  From<"CityView">,
  {
    bbox: [number, number, number, number];
    centre: [number, number];
    accounts: Narrow<From<"DemoAccountView">, { role: Role }>[];
  }
>;
export type Area = Narrow<
  From<"AreaView">,
  { level: "city" | "county" | "township" | "community" | "grid" }
>;
export type Matter = From<"MatterView">;

// ---------------------------------------------------------------- incidents and orders
export type Brief = Narrow<From<"IncidentView">, { stage: Stage; state: State }>;
export type Clue = From<"ClueView">;
export type Mark = From<"MarkView">;
export type May = From<"MayView">;
export type Attachment = From<"AttachmentView">;
export type Report = Narrow<
  From<"ReportView">,
  {
    nature: Nature;
    outcome: "opened" | "merged" | "moved";
    relation: "first" | "joined" | "repeated" | "urged";
    reply: Reply | null;
  }
>;
/** 法定答复: what one report is owed by law. */
export type Reply = From<"ReplyView">;
/** Another incident that has to do with this one. */
export type Related = Narrow<
  From<"RelatedView">,
  { incident: Brief; kind: "related" | "recurrence" }
>;
export type Order = Narrow<From<"OrderView">, { stage: OrderStage }>;
export type Proposal = From<"ProposalView">;
export type Suggestion = Narrow<From<"SuggestionView">, { other: Brief }>;
/** Two incidents beside each other. */
export type BesideSide = Narrow<From<"SideView">, { incident: Brief }>;
export type BesideMark = From<"SpanView">;
export type Beside = Narrow<From<"BesideView">, { one: BesideSide; other: BesideSide }>;
export type Step = Narrow<
  From<"StepView">,
  { from_stage: Stage | null; to_stage: Stage | null; detail: Record<string, unknown> }
>;
/** What undoing a merge or split would do. */
export type Undo = From<"UndoView">;
export type Detail = Narrow<
  From<"DetailView">,
  {
    stage: Stage;
    state: State;
    report_list: Report[];
    orders: Order[];
    suggestions: Suggestion[];
    related: Related[];
    steps: Step[];
  }
>;
export type OrderDetail = Narrow<
  From<"OrderDetail">,
  { stage: OrderStage; incident_detail: Detail }
>;
export type QueueItem = Narrow<From<"QueueItem">, { stage: Stage; state: State }>;
export type Notice = From<"NoticeView">;
export type MapRows = From<"MapView">;

/** One page of a list. */
export interface Page<T> {
  items: T[];
  next: From<"IncidentList">["next"] & From<"OrderList">["next"];
  total: number;
  as_of: string;
}

// ---------------------------------------------------------------- what merging learns
export type WeightsVersion = Narrow<
  From<"VersionView">,
  { state: "active" | "proposed" | "retired" | "dropped" }
>;
export type WeightsFigures = From<"FiguresView">;
export type WeightsScore = From<"ScoreView">;
export type MergingWeights = Narrow<From<"MergingWeightsView">, { versions: WeightsVersion[] }>;

// ---------------------------------------------------------------- reports
export type Preview = Narrow<
  From<"PreviewView">,
  { similar: Narrow<From<"SimilarView">, { incident: Brief }>[] }
>;
/** A mark that a person puts right. */
export type Correction = From<"CorrectionForm">;
export type NewReport =
  | Narrow<Schemas["HotlineForm"], { channel: "hotline" }>
  | Narrow<Schemas["GridForm"], { channel: "grid" }>;
export type Accepted = From<"ReceiptView">;
/** An earlier report of the same caller. */
export type Earlier = Narrow<From<"EarlierView">, { nature: Nature }>;
export type Contact = From<"ReporterView">;
export type PublicReport = Schemas["PublicForm"];
export type Code = From<"CodeView">;
export type Track = From<"TrackView">;

// ---------------------------------------------------------------- checks and call-backs
export type Callback = From<"CallbackView">;
export type Review = From<"ReviewView">;
export type DueInspection = Narrow<From<"DueInspection">, { order_detail: Order }>;
export type DueCall = Narrow<From<"DueCall">, { incident: Brief; order: Order }>;
export type DueReview = Narrow<From<"DueReview">, { incident_detail: Brief }>;
export type Checks = Narrow<
  From<"ChecksView">,
  { inspections: DueInspection[]; callbacks: DueCall[]; reviews: DueReview[] }
>;

// ---------------------------------------------------------------- figures
export type Figure = From<"FigureView">;
export type Today = From<"TodayView">;

// ---------------------------------------------------------------- administration
/** Its role is empty until the security administrator gives one. */
export type Account = Narrow<From<"AccountView">, { role: Role | "" }>;
export type Credential = From<"CredentialView">;
export type SetAside = From<"SetAsideView">;
export type AuditRow = From<"AuditView">;

export type KindOf = From<"KindView">;
export type PersonOf = From<"PersonView">;
export type Inside = From<"InsideView">;
export type PaperOf = From<"PaperView">;
