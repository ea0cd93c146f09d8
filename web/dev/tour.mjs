/** Development only: walk the main ways once, count axe findings, try the live stream's gaps. */
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const BASE = process.env.BASE ?? "http://127.0.0.1:4173";
const FAKE = process.env.FAKE ?? "http://127.0.0.1:8765";
const AXE = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
let failed = 0;
const check = (name, ok, more = "") => {
  if (!ok) failed++;
  console.log(ok ? "ok  " : "FAIL", name, more);
};

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

async function open(login, path, viewport = { width: 1366, height: 768 }) {
  const context = await browser.newContext({ viewport, locale: "zh-CN" });
  const page = await context.newPage();
  page.on("pageerror", (e) => check(`page error on ${path}`, false, e.message));
  page.on(
    "console",
    (m) =>
      m.type() === "error" &&
      !m.text().includes("401") &&
      check(`console on ${path}`, false, m.text().slice(0, 200)),
  );
  if (login)
    await page.request.post(`${BASE}/api/v1/session`, {
      data: { login, password: "demo-chengshu" },
    });
  await page.goto(BASE + path);
  await page.waitForTimeout(1500);
  return page;
}

async function axe(page, name) {
  // By CDP, because the page's own policy rightly forbids foreign scripts.
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "best-practice"],
    });
    return violations.map(
      (v) =>
        `${v.id} ×${v.nodes.length} ${v.nodes[0].target} ${v.nodes[0].any[0]?.message?.slice(0, 120) ?? ""}`,
    );
  });
  check(`axe ${name}`, found.length === 0, found.join("\n      "));
}

// Every page, clean.
if (process.argv[2] !== "live")
  for (const [login, path] of [
    [null, "/login"],
    [null, "/report"],
    [null, "/track/NT-1"],
    ["leader", "/wall"],
    ["dispatch", "/queue"],
    ["dispatch", "/incidents?map=1"],
    ["call", "/intake"],
    ["cgj", "/inbox"],
    ["grid", "/grid"],
    ["system", "/admin"],
    ["security", "/admin"],
  ]) {
    const page = await open(login, path);
    await axe(page, path);
    if (path === "/wall") {
      await page.evaluate(() => document.querySelector(".tools button")?.click());
      await page.waitForTimeout(800);
      await axe(page, "/wall light");
    }
    await page.context().close();
  }

// The dispatcher's keys.
{
  const page = await open("dispatch", "/queue");
  const title = () => page.textContent("h1:not(.sentence-small)");
  const first = await title();
  await page.keyboard.press("j");
  await page.waitForTimeout(500);
  const second = await title();
  check("J moves", first !== second, `${first} → ${second}`);
  await page.keyboard.press("a");
  await page.waitForTimeout(800);
  check("A assigns and offers a way back", await page.locator(".toast .btn.small").count());
  check("the next one is chosen", (await title()) !== second, await title());
  await page.keyboard.press("/");
  await page.keyboard.type("燃气a");
  check(
    "keys are letters in the search field",
    (await page.inputValue("input[type=search]")) === "燃气a",
  );
  await page.context().close();
}

// The clerk's form.
{
  const page = await open("call", "/intake");
  await page.fill("textarea", "世纪大道与工农路口井盖没了，有人要掉下去，少了一个井盖");
  await page.waitForSelector(".danger", { timeout: 30000 });
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".toast.good", { timeout: 30000 });
  check("Ctrl+Enter files", true, await page.textContent(".toast.good span"));
  check(
    "the next call is ready",
    (await page.inputValue("textarea")) === "" &&
      (await page.evaluate(() => document.activeElement?.tagName)) === "TEXTAREA",
  );
  await page.context().close();
}

// The list lives in the address.
{
  const page = await open("dispatch", "/incidents");
  await page.click("button.chip >> nth=1");
  await page.waitForTimeout(500);
  check("a filter is in the address", page.url().includes("state=overdue"), page.url());
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForTimeout(800);
  check("Enter opens", /incidents\/\d+/.test(page.url()));
  await page.goBack();
  await page.waitForTimeout(500);
  check("back keeps the filter", page.url().includes("state=overdue"));
  await page.context().close();
}

// Live: one stream for two pages; a new incident is seen; a gap is mended and said.
{
  const page = await open("leader", "/wall", { width: 1920, height: 1080 });
  const other = await page.context().newPage();
  await other.goto(`${BASE}/incidents`);
  await other.waitForSelector("tbody tr", { timeout: 30000 });
  const streams = await (await page.request.get(`${FAKE}/api/v1/dev/streams`)).json();
  check("two pages share one stream", streams.count === 1, `${streams.count} open`);
  const { id, at } = await (await page.request.post(`${FAKE}/api/v1/dev/incident`)).json();
  for (const [name, p] of [
    ["wall", page],
    ["list", other],
  ]) {
    await p.bringToFront();
    await p
      .waitForFunction((i) => window.__chengshuSeen.has(i), id, { timeout: 30000 })
      .catch(() => undefined);
    const seen = await p.evaluate((i) => window.__chengshuSeen.get(i), id);
    check(`a new incident reaches the ${name}`, seen !== undefined, `${seen - at} ms`);
  }
  check("the list shows its row", await other.locator(`tr[data-incident-id="${id}"]`).count());
  await page.request.post(`${FAKE}/api/v1/dev/cut`);
  await other.waitForSelector(".live.lost", { timeout: 30000 });
  check("a cut stream is said", true, await other.textContent(".live"));
  await other.waitForSelector(".toast.good", { timeout: 30000 });
  check("the re-read is said", true, await other.textContent(".toast.good span"));
  await page.context().close();
}

await browser.close();
console.log(failed ? `${failed} failed` : "all well");
process.exit(failed ? 1 : 0);
