/** Which pages a role finds in its rail, and where it starts. The back end decides what it may do. */
import type { Role } from "../api/types";
import type { IconName } from "../ui/icons";

export interface Place {
  path: string;
  /** i18n key. */
  label: string;
  icon: IconName;
  roles: Role[] | "all";
  /** Only for those who see the whole city. */
  whole?: true;
}

export const ROLES: Role[] = [
  "call_taker",
  "dispatcher",
  "handler",
  "grid_worker",
  "supervisor",
  "analyst",
  "leader",
  "system_admin",
  "security_admin",
  "audit_admin",
];

const ADMINS: Role[] = ["system_admin", "security_admin", "audit_admin"];
const DESK: Role[] = ["call_taker", "dispatcher", "handler", "supervisor", "analyst", "leader"];

export const PLACES: Place[] = [
  {
    path: "/wall",
    label: "nav.wall",
    icon: "map",
    roles: ["dispatcher", "supervisor", "analyst", "leader", "call_taker"],
  },
  { path: "/queue", label: "nav.queue", icon: "queue", roles: ["dispatcher", "supervisor"] },
  { path: "/intake", label: "nav.intake", icon: "pen", roles: ["call_taker", "dispatcher"] },
  {
    path: "/inbox",
    label: "nav.inbox",
    icon: "inbox",
    roles: ["handler", "dispatcher", "supervisor"],
  },
  {
    path: "/disputes",
    label: "nav.disputes",
    icon: "gavel",
    roles: ["supervisor", "leader", "analyst", "dispatcher"],
  },
  {
    path: "/checks",
    label: "nav.checks",
    icon: "check",
    roles: ["call_taker", "dispatcher", "supervisor", "leader", "grid_worker"],
  },
  {
    path: "/clocks",
    label: "nav.clocks",
    icon: "clock",
    roles: ["handler", "dispatcher", "supervisor", "leader"],
  },
  {
    path: "/joint",
    label: "nav.joint",
    icon: "people",
    roles: ["dispatcher", "supervisor", "leader", "handler"],
  },
  { path: "/grid", label: "nav.grid", icon: "camera", roles: ["grid_worker"] },
  { path: "/incidents", label: "nav.incidents", icon: "list", roles: [...DESK, "grid_worker"] },
  {
    path: "/merging",
    label: "nav.merging",
    icon: "scales",
    roles: ["supervisor", "analyst"],
    whole: true,
  },
  {
    path: "/scoring",
    label: "nav.scoring",
    icon: "check",
    roles: ["dispatcher", "handler", "supervisor", "analyst", "leader"],
  },
  { path: "/duties", label: "nav.duties", icon: "book", roles: DESK },
  {
    path: "/notices",
    label: "nav.notices",
    icon: "bell",
    roles: ["call_taker", "dispatcher", "handler", "supervisor", "leader"],
  },
  {
    path: "/roster",
    label: "nav.roster",
    icon: "clock",
    roles: ["call_taker", "dispatcher", "handler", "supervisor", "leader"],
  },
  { path: "/admin", label: "nav.admin", icon: "gear", roles: ADMINS },
];

const HOMES: Record<Role, string> = {
  call_taker: "/intake",
  dispatcher: "/queue",
  handler: "/inbox",
  grid_worker: "/grid",
  supervisor: "/wall",
  analyst: "/wall",
  leader: "/wall",
  system_admin: "/admin",
  security_admin: "/admin",
  audit_admin: "/admin",
};

export function homeOf(role: Role | undefined): string {
  return role ? HOMES[role] : "/login";
}

export function placesOf(role: Role | undefined, tier?: string): Place[] {
  return PLACES.filter(
    (p) => role && (p.roles === "all" || p.roles.includes(role)) && (!p.whole || tier === "city"),
  );
}
