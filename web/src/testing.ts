/** Values for tests; nothing in the product imports this. */
import type { Brief, Order, QueueItem } from "./api/types";

export function briefOf(changes: Partial<Brief>): Brief {
  return {
    id: "1",
    number: "NT20260714000001",
    title: "路灯不亮",
    matter: "city.light",
    matter_name: "路灯不亮",
    matter_name_en: "Street lights out",
    domain: "城市运行",
    stage: "received",
    urgency: 1,
    danger: false,
    area: "320613002000000",
    area_name: "崇川和平桥",
    area_name_en: "Hepingqiao",
    place: "人民中路",
    lon: 120.86,
    lat: 32.01,
    reports: 1,
    people: 1,
    urged: 0,
    first_at: "2026-07-14T10:50:00Z",
    last_at: "2026-07-14T10:50:00Z",
    opened_at: "2026-07-14T11:00:00Z",
    due_at: "2026-07-14T15:00:00Z",
    overdue: false,
    closed_at: null,
    state: "new",
    unit: null,
    unit_name: null,
    unit_name_en: null,
    changed_at: "2026-07-14T11:00:00Z",
    ...changes,
  };
}

export function queueItemOf(changes: Partial<QueueItem>): QueueItem {
  return { ...briefOf({}), top: null, waiting_s: 0, ...changes };
}

export function orderOf(changes: Partial<Order>): Order {
  return {
    id: "1",
    number: "NT1-1",
    incident: "1",
    incident_title: "路灯不亮",
    unit: "nt.cgj",
    unit_name: "市城管局",
    unit_name_en: "City Urban Management Bureau",
    stage: "assigned",
    instruction: "",
    assigned_at: "2026-07-14T11:00:00Z",
    sign_due_at: "2026-07-14T11:30:00Z",
    due_at: "2026-07-14T15:00:00Z",
    signed_at: null,
    handled_at: null,
    closed_at: null,
    overdue: false,
    escalated: 0,
    returns: 0,
    reply: null,
    withdrawn_for: null,
    return_by: null,
    ruling: null,
    danger: false,
    urgency: 1,
    matter_name: "路灯不亮",
    matter_name_en: "Street lights out",
    area: "320613000000000",
    area_name: "崇川",
    area_name_en: "Chongchuan",
    place: "",
    lon: null,
    lat: null,
    reports: 1,
    attachments: [],
    may: [],
    ...changes,
  };
}
