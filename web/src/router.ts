/** Addresses and pages. `open` pages need no session; `bare` pages have no rail. */
import { createRouter, createWebHistory } from "vue-router";
import { useSession } from "./session/store";
import { enterSurface } from "./ui/style";

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", redirect: () => useSession().home },
    {
      path: "/login",
      component: () => import("./session/LoginPage.vue"),
      meta: { open: true, bare: true },
    },
    {
      path: "/wall",
      component: () => import("./board/WallPage.vue"),
      meta: { bare: true, wall: true },
    },
    { path: "/incidents", component: () => import("./incidents/ListPage.vue") },
    {
      path: "/incidents/:id",
      component: () => import("./incidents/IncidentPage.vue"),
      props: true,
    },
    { path: "/intake", component: () => import("./intake/IntakePage.vue") },
    { path: "/merging", component: () => import("./incidents/WeightsPage.vue") },
    { path: "/queue", component: () => import("./dispatch/QueuePage.vue") },
    { path: "/disputes", component: () => import("./disputes/DisputesPage.vue") },
    { path: "/checks", component: () => import("./checks/ChecksPage.vue") },
    { path: "/clocks", component: () => import("./clocks/ClocksPage.vue") },
    { path: "/joint", component: () => import("./joint/JointListPage.vue") },
    { path: "/joint/:id", component: () => import("./joint/JointPage.vue"), props: true },
    { path: "/inbox", component: () => import("./dispatch/InboxPage.vue") },
    { path: "/grid", component: () => import("./intake/GridPage.vue") },
    {
      path: "/report",
      component: () => import("./public/ReportPage.vue"),
      meta: { open: true, bare: true },
    },
    {
      path: "/track/:code?",
      component: () => import("./public/TrackPage.vue"),
      props: true,
      meta: { open: true, bare: true },
    },
    { path: "/scoring", component: () => import("./scoring/ScoringPage.vue") },
    {
      path: "/scoring/:month/:unit",
      component: () => import("./scoring/UnitPage.vue"),
      props: true,
    },
    { path: "/duties", component: () => import("./agencies/DutiesPage.vue") },
    { path: "/notices", component: () => import("./notices/NoticesPage.vue") },
    { path: "/roster", component: () => import("./notices/RosterPage.vue") },
    { path: "/admin", component: () => import("./admin/AdminPage.vue") },
    {
      path: "/:rest(.*)*",
      component: () => import("./shell/NotFoundPage.vue"),
      meta: { open: true },
    },
  ],
});

router.beforeEach(async (to) => {
  enterSurface(to.meta["wall"] ? "wall" : "desk");
  const session = useSession();
  await session.loadCity().catch(() => undefined);
  if (to.meta["open"] && to.path !== "/login") return true;
  await session.load().catch(() => undefined);
  if (to.meta["open"]) return session.me ? session.home : true;
  return session.me ? true : { path: "/login", query: { next: to.fullPath } };
});
