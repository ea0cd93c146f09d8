/** Every call the pages make, with its types; paths are written here and nowhere else. */
import { BASE, http, queryString, type Query } from "./client";
import type * as T from "./types";

export const api = {
  // session and city
  login: (login: string, password: string) => http.post<T.Me>("/session", { login, password }),
  logout: () => http.delete<undefined>("/session"),
  me: () => http.get<T.Me>("/me"),
  city: () => http.get<T.City>("/city"),
  boundaries: () => http.get<GeoJSON.FeatureCollection>("/city/boundaries"),
  areas: (query: { level?: string; within?: string }) => http.get<T.Area[]>("/areas", query),
  units: (query: { within?: string; q?: string }) => http.get<T.Unit[]>("/units", query),
  matters: () => http.get<T.Matter[]>("/matters"),

  // incidents
  incidents: (query: Query) => http.get<T.Page<T.Brief>>("/incidents", query),
  incidentMap: () => http.get<T.MapRows>("/incidents/map"),
  incident: (id: string) => http.get<T.Detail>(`/incidents/${id}`),
  incidentVerb: (id: string, verb: string, body: unknown) =>
    http.post<T.Detail>(`/incidents/${id}/${verb}`, body),
  /** What undoing their merge or split would not move back, whichever of the two leads. */
  undo: (one: string, other: string, verb: "merge" | "split") =>
    http.get<T.Undo>(`/incidents/${one}/undo`, { other, verb }),
  suggestion: (id: string, accept: boolean, relate = false) =>
    http.post<T.Detail>(`/suggestions/${id}`, { accept, relate }),
  beside: (suggestion: string) => http.get<T.Beside>(`/suggestions/${suggestion}`),
  reopen: (suggestion: string, reason: string) =>
    http.post<T.Detail>(`/suggestions/${suggestion}/reopen`, { reason }),
  compare: (id: string, other: string) => http.get<T.Beside>(`/incidents/${id}/compare`, { other }),

  // orders
  orders: (query: Query) => http.get<T.Page<T.Order>>("/orders", query),
  order: (id: string) => http.get<T.OrderDetail>(`/orders/${id}`),
  orderVerb: (id: string, verb: string, body: unknown) =>
    http.post<T.OrderDetail>(`/orders/${id}/${verb}`, body),

  // reports
  file: (report: T.NewReport) => http.post<T.Accepted>("/reports", report),
  preview: (text: string, place?: string) =>
    http.post<T.Preview>("/reports/preview", { text, ...(place ? { place } : {}) }),
  callers: (phone: string) => http.post<T.Earlier[]>("/callers", { phone }),
  replyAct: (report: string, act: string, body?: unknown) =>
    http.post<T.Detail>(`/reports/${report}/${act}`, body),
  reveal: (report: string, purpose: string) =>
    http.post<T.Contact>(`/reports/${report}/reveal`, {
      purpose,
    }),
  attach(file: File) {
    const form = new FormData();
    form.append("file", file);
    return http.post<T.Attachment>("/attachments", form);
  },
  attachmentUrl: (id: string) => `${BASE}/attachments/${id}`,

  // the public
  publicReport: (report: T.PublicReport) => http.post<T.Code>("/public/reports", report),
  rate: (code: string, outcome: string, words: string, via: "web" | "sms") =>
    http.post<undefined>(`/public/track/${encodeURIComponent(code)}/rate`, { outcome, words, via }),
  track: (code: string) => http.get<T.Track>(`/public/track/${encodeURIComponent(code)}`),

  // what merging learns
  weights: () => http.get<T.MergingWeights>("/merging/weights"),
  activateWeights: (version: number, insteadOf: number, reason: string) =>
    http.post<T.MergingWeights>(`/merging/weights/${version}/activate`, {
      instead_of: insteadOf,
      reason,
    }),

  // overview
  today: () => http.get<T.Today>("/figures/today"),
  queue: () => http.get<{ items: T.QueueItem[]; total: number }>("/queue"),
  notices: () => http.get<T.Notice[]>("/notices"),
  noticesRead: () => http.post<undefined>("/notices/read"),

  // disputes
  returning: (order: string) => http.get<T.Returning>(`/orders/${order}/return`),
  disputes: () => http.get<T.DisputeList>("/disputes"),
  rule: (id: string, body: unknown) => http.post<T.Dispute>(`/disputes/${id}/rule`, body),
  rulings: () => http.get<T.RulingList>("/rulings"),
  revokeRuling: (number: string, reason: string) =>
    http.post<T.Ruling>(`/rulings/${encodeURIComponent(number)}/revoke`, { reason }),

  // checks and call-backs
  checks: () => http.get<T.Checks>("/checks"),
  inspect: (id: string, body: unknown) => http.post<T.OrderDetail>(`/inspections/${id}`, body),
  callBack: (incident: string, body: unknown) =>
    http.post<T.Callback>(`/incidents/${incident}/callback`, body),
  review: (id: string, upheld: boolean, words: string) =>
    http.post<T.Review>(`/reviews/${id}`, { upheld, words }),
  // clocks
  clock: (order: string) => http.get<T.ClockAsk>(`/orders/${order}/clock`),
  clockVerb: (order: string, verb: string, body: unknown) =>
    http.post<T.ClockAsk>(`/orders/${order}/${verb}`, body),
  clockRequests: (state: string) => http.get<T.ClockRequestList>("/clock-requests", { state }),
  answerClockRequest: (id: string, approve: boolean, words: string) =>
    http.post<T.ClockRequestList>(`/clock-requests/${id}/answer`, { approve, words }),
  supervisions: (state: string) => http.get<T.SupervisionList>("/supervisions", { state }),
  explain: (id: string, words: string) =>
    http.post<T.SupervisionList>(`/supervisions/${id}/explain`, { words }),
  // joint command, whistles, passing between tiers
  jointOffer: (incident: string) => http.get<T.JointOffer>(`/incidents/${incident}/joint`),
  startJoint: (incident: string, body: unknown) =>
    http.post<T.Joint>(`/incidents/${incident}/joint`, body),
  jointList: (state: "running" | "ended") => http.get<T.JointList>("/joint", { state }),
  joint: (id: string) => http.get<T.Joint>(`/joint/${id}`),
  /** One act of a command; `path` is what follows its id. */
  jointAct: (id: string, path: string, body?: unknown) =>
    http.post<T.Joint>(`/joint/${id}/${path}`, body),
  minutesUrl: (id: string, meeting: string) => `${BASE}/joint/${id}/meetings/${meeting}/minutes`,
  whistles: (query: Query) => http.get<T.WhistleList>("/whistles", query),
  blow: (incident: string, body: unknown) =>
    http.post<T.Whistle>(`/incidents/${incident}/whistle`, body),
  answerWhistle: (id: string, words: string) =>
    http.post<T.Whistle>(`/whistles/${id}/answer`, { words }),
  passings: (incident: string) => http.get<T.Passing[]>(`/incidents/${incident}/passings`),
  passOn: (incident: string, body: unknown) =>
    http.post<T.Passing[]>(`/incidents/${incident}/pass`, body),
  // kinds, work inside a unit, papers
  kind: (incident: string) => http.get<T.KindOf>(`/incidents/${incident}/kind`),
  setKind: (incident: string, body: unknown) =>
    http.post<T.KindOf>(`/incidents/${incident}/kind`, body),
  people: (unit: string) => http.get<T.PersonOf[]>("/people", { unit }),
  inside: () => http.get<T.Inside[]>("/inside/orders"),
  insideAct: (order: string, act: string, body: unknown) =>
    http.post<T.Inside>(`/orders/${order}/${act}`, body),
  papers: (incident: string) => http.get<T.PaperOf[]>(`/incidents/${incident}/papers`),
  printPaper: (order: string, body: unknown) =>
    http.post<T.PaperOf>(`/orders/${order}/papers`, body),
  leaderPaper: (incident: string) =>
    http.post<T.PaperOf>(`/incidents/${incident}/leader-report/paper`),
  paperUrl: (id: string) => `${BASE}/papers/${id}`,
  // notices, rosters, hand-overs, urgent reports
  deliveries: (query: Query) => http.get<T.DeliveryList>("/deliveries", query),
  resend: (id: string) => http.post<T.DeliveryList>(`/deliveries/${id}/again`),
  alarms: () => http.get<T.UrgentNotices>("/alarms"),
  acknowledge: (notice: string) => http.post<T.UrgentNotices>(`/alarms/${notice}/acknowledge`),
  roster: (unit: string) => http.get<T.Roster>("/roster", { unit }),
  addDutyPerson: (body: unknown) => http.post<T.Roster>("/roster/people", body),
  addShift: (body: unknown) => http.post<T.Roster>("/roster/shifts", body),
  changeShift: (id: string, body: unknown) => http.post<T.Roster>(`/roster/shifts/${id}`, body),
  saveContact: (body: unknown) => http.post<T.Roster>("/roster/contact", body),
  giveNote: (body: unknown) => http.post<T.Roster>("/roster/notes", body),
  takeNote: (id: string) => http.post<T.Roster>(`/roster/notes/${id}/take`),
  openHandovers: () => http.get<T.HandoverList>("/handovers"),
  handovers: (incident: string) => http.get<T.Handovers>(`/incidents/${incident}/handovers`),
  handOver: (incident: string, body: unknown) =>
    http.post<T.Handovers>(`/incidents/${incident}/handovers`, body),
  answerHandover: (id: string, body: unknown) =>
    http.post<T.Handovers>(`/handovers/${id}/answer`, body),
  handoverBack: (id: string, body: unknown) =>
    http.post<T.Handovers>(`/handovers/${id}/back`, body),
  urgentDue: () => http.get<T.UrgentDue>("/urgent-reports"),
  urgent: (incident: string) => http.get<T.Urgent>(`/incidents/${incident}/urgent`),
  urgentBegin: (incident: string, level: number) =>
    http.post<T.Urgent>(`/incidents/${incident}/urgent`, { level }),
  urgentDraft: (incident: string, entries: Record<string, string>) =>
    http.post<T.UrgentDraft>(`/incidents/${incident}/urgent/draft`, { entries }),
  urgentSign: (incident: string, body: unknown) =>
    http.post<T.Urgent>(`/incidents/${incident}/urgent/sign`, body),
  urgentEnd: (incident: string) => http.post<T.Urgent>(`/incidents/${incident}/urgent/end`),
  hooks: () => http.get<T.Hook[]>("/admin/hooks"),
  addHook: (body: unknown) => http.post<T.Hook>("/admin/hooks", body),
  switchHook: (id: string, active: boolean) =>
    http.patch<undefined>(`/admin/hooks/${id}`, { active }),

  // responsibility list
  duties: (query: Query) => http.get<T.DutyList>("/duties", query),
  dutyVersions: () => http.get<T.DutyVersion[]>("/duties/versions"),
  dutyHistory: (matter: string) => http.get<T.DutyHistory[]>(`/duties/${matter}/history`),
  draftDuties: (body: unknown) => http.post<T.DutyVersion>("/duties/drafts", body),
  activateDuties: (version: number, reason: string) =>
    http.post<T.DutyVersion>(`/duties/versions/${version}/activate`, { reason }),

  // scoring
  scoreMonths: () => http.get<T.ScoreMonth[]>("/scoring/months"),
  scoreTable: (month: string, query: Query) =>
    http.get<T.ScoreTable>(`/scoring/months/${month}`, query),
  scoreCsv: (month: string, query: Query) =>
    `${BASE}/scoring/months/${month}/table.csv${queryString(query)}`,
  scoreUnit: (month: string, unit: string, query: Query) =>
    http.get<T.ScoreUnit>(`/scoring/months/${month}/units/${unit}`, query),
  runScores: (month: string) => http.post<T.ScoreMonth>(`/scoring/months/${month}/run`),
  scoreExclusions: () => http.get<T.ScoreExclusionList>("/scoring/exclusions"),
  excludeOrder: (body: unknown) => http.post<T.ScoreExclusion>("/scoring/exclusions", body),
  decideExclusion: (id: string, grant: boolean, words: string) =>
    http.post<T.ScoreExclusion>(`/scoring/exclusions/${id}/decide`, { grant, words }),
  scoreAppeals: () => http.get<T.ScoreAppealList>("/scoring/appeals"),
  appealScore: (month: string, body: unknown) =>
    http.post<T.ScoreAppeal>(`/scoring/months/${month}/appeals`, body),
  answerAppeal: (id: string, grant: boolean, words: string) =>
    http.post<T.ScoreAppeal>(`/scoring/appeals/${id}/answer`, { grant, words }),
  scoreMeasures: () => http.get<T.ScoreMeasureList>("/scoring/measures"),
  proposeMeasure: (body: unknown) => http.post<T.ScoreMeasure>("/scoring/measures", body),
  actOnMeasure: (id: string, act: string, words: string) =>
    http.post<T.ScoreMeasure>(`/scoring/measures/${id}/${act}`, { words }),

  // administration
  accounts: () => http.get<T.Account[]>("/admin/accounts"),
  addAccount: (body: unknown) => http.post<T.Account>("/admin/accounts", body),
  changeAccount: (id: string, body: unknown) =>
    http.patch<undefined>(`/admin/accounts/${id}`, body),
  credentials: () => http.get<T.Credential[]>("/admin/credentials"),
  switchCredential: (id: string, active: boolean) =>
    http.patch<undefined>(`/admin/credentials/${id}`, { active }),
  addCredential: (body: unknown) => http.post<T.Credential>("/admin/credentials", body),
  setAside: () => http.get<T.SetAside[]>("/admin/set-aside"),
  again: (id: string) => http.post<unknown>(`/admin/set-aside/${id}/again`),
  audit: (query: Query) => http.get<T.AuditRow[]>("/admin/audit", query),
};
