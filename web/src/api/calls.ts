/** Every call the pages make, with its types; paths are written here and nowhere else. */
import { BASE, http, type Query } from "./client";
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

  // responsibility list
  duties: (query: Query) => http.get<T.DutyList>("/duties", query),
  dutyVersions: () => http.get<T.DutyVersion[]>("/duties/versions"),
  dutyHistory: (matter: string) => http.get<T.DutyHistory[]>(`/duties/${matter}/history`),
  draftDuties: (body: unknown) => http.post<T.DutyVersion>("/duties/drafts", body),
  activateDuties: (version: number, reason: string) =>
    http.post<T.DutyVersion>(`/duties/versions/${version}/activate`, { reason }),

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
