/** Development only: pictures of every page from the built bundle and the fake back end. */
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

const BASE = process.env.BASE ?? "http://127.0.0.1:4173";
const OUT = process.env.OUT ?? "/tmp/shots";
const only = process.argv[2] ? new RegExp(process.argv[2]) : /./;
mkdirSync(OUT, { recursive: true });

const HD = { width: 1920, height: 1080 };
const LAPTOP = { width: 1366, height: 768 };
const PHONE = { width: 360, height: 780 };

const DANGER_WORDS = "学田新村12号楼2单元楼道里有煤气味，从昨晚八点多就有，越来越浓，家里有老人";

/** [name, login, path, size, options] */
const SHOTS = [
  ["login", null, "/login", HD],
  ["wall", "leader", "/wall", HD],
  ["wall-light-en", "leader", "/wall", HD, { style: "light", language: "en" }],
  ["wall-en", "leader", "/wall", HD, { language: "en" }],
  ["wall-1366", "leader", "/wall", LAPTOP],
  ["wall-4k", "leader", "/wall", { width: 3840, height: 2160 }],
  ["queue", "dispatch", "/queue", HD],
  ["queue-dark-en", "dispatch", "/queue", HD, { style: "dark", language: "en" }],
  ["queue-1366", "dispatch", "/queue", LAPTOP],
  ["list", "dispatch", "/incidents?map=1", HD],
  ["list-dark-en", "dispatch", "/incidents", LAPTOP, { style: "dark", language: "en" }],
  ["incident", "dispatch", "first:overdue", HD],
  ["incident-dark-en", "dispatch", "first:overdue", LAPTOP, { style: "dark", language: "en" }],
  ["incident-new", "dispatch", "first:new", HD],
  ["incident-dialog", "dispatch", "first:new", LAPTOP, { click: "text=更正" }],
  ["intake", "call", "/intake", HD, { type: DANGER_WORDS }],
  [
    "intake-en-dark",
    "call",
    "/intake",
    LAPTOP,
    { type: DANGER_WORDS, language: "en", style: "dark" },
  ],
  ["inbox", "cgj", "/inbox", LAPTOP],
  ["inbox-phone", "cgj", "/inbox", PHONE],
  ["inbox-phone-en-dark", "cgj", "/inbox", PHONE, { language: "en", style: "dark" }],
  ["grid-phone", "grid", "/grid", PHONE],
  ["grid-report-phone", "grid", "/grid", PHONE, { click: "main nav button >> nth=0" }],
  ["grid-verify-phone", "grid", "/grid", PHONE, { click: "main nav button >> nth=2" }],
  ["incident-phone", "grid", "first:danger", PHONE],
  ["list-phone", "grid", "/incidents", PHONE],
  ["report-phone", null, "/report", PHONE],
  ["report-phone-en", null, "/report", PHONE, { language: "en" }],
  ["track-phone", null, "/track/NT-1234", PHONE],
  ["login-phone", null, "/login", PHONE],
  ["admin", "system", "/admin", LAPTOP],
  ["admin-audit", "audit", "/admin", LAPTOP, { language: "en" }],
  ["wall-phone", "leader", "/wall", PHONE],
];

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
  ],
});

for (const [name, login, path, viewport, options = {}] of SHOTS) {
  if (!only.test(name)) continue;
  const context = await browser.newContext({
    viewport,
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
  });
  await context.addInitScript(({ style, language }) => {
    if (language) localStorage.setItem("chengshu.language", language);
    if (style) for (const s of ["wall", "desk"]) localStorage.setItem(`chengshu.style.${s}`, style);
  }, options);
  const page = await context.newPage();
  page.on("pageerror", (e) => console.log(name, "page error:", e.message));
  page.on(
    "console",
    (m) =>
      ["error", "warning"].includes(m.type()) &&
      console.log(name, m.type(), m.text().slice(0, 300)),
  );
  if (login) {
    await page.request.post(`${BASE}/api/v1/session`, {
      data: { login, password: "demo-chengshu" },
    });
  }
  let to = path;
  if (path.startsWith("first:")) {
    const found = await page.request.get(
      `${BASE}/api/v1/incidents?state=${path.slice(6)}&limit=40`,
    );
    const { items } = await found.json();
    to = `/incidents/${(items.find((i) => i.reports > 2) ?? items[0]).id}`;
  }
  await page.goto(BASE + to);
  await page.waitForTimeout(viewport.width > 2000 ? 6000 : 3000);
  if (await page.locator(".map .canvas").count()) {
    await page
      .waitForSelector("[data-idle]", { timeout: 60000 })
      .catch(() => console.log(name, "map never idle"));
    await page.waitForTimeout(500);
  }
  if (options.type) {
    await page.fill("textarea", options.type);
    await page.waitForTimeout(1200);
  }
  if (options.click) {
    await page.click(options.click);
    await page.waitForTimeout(600);
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  if (wide) console.log(name, "scrolls sideways");
  await page.screenshot({ path: `${OUT}/${name}.png` });
  await context.close();
}
await browser.close();
