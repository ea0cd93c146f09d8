/** Development only: a fake back end for looking at pages and for screenshots. Never shipped. */
import { createServer } from "node:http";
import {
  brief,
  city,
  detail,
  incidents,
  makeIncident,
  makeOrder,
  mergeClues,
  marksOf,
  orders,
  orderView,
  pick,
  random,
  stateOf,
  step,
} from "./world.mjs";

const PORT = Number(process.env.PORT ?? 8000);
const LIVELY = process.env.LIVELY !== "0";
const NOTICE = "行政区划界线仅供示意，不作为划界依据。底图审图号以所配置底图为准。";
const NOTICE_EN = "Boundaries are for orientation only and settle no claim.";

const ACCOUNTS = [
  ["call", "call_taker", "nt"],
  ["dispatch", "dispatcher", "nt"],
  ["cgj", "handler", "nt.cgj"],
  ["grid", "grid_worker", "nt.cgj"],
  ["supervisor", "supervisor", "nt"],
  ["leader", "leader", "nt"],
  ["system", "system_admin", "nt"],
  ["security", "security_admin", "nt"],
  ["audit", "audit_admin", "nt"],
].map(([login, role, unit]) => ({
  login,
  password: "demo-chengshu",
  role,
  unit,
  unit_name: city.units.find((u) => u.unit === unit)?.name ?? unit,
}));

const streams = new Set();
const say = (event, data) =>
  streams.forEach((s) => s.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
const asOf = () => new Date().toISOString();
const all = () => [...incidents.values()];

function moved(i) {
  i.state = stateOf(i);
  i.overdue = i.state === "overdue";
  i.changed_at = asOf();
  say("incidents", { as_of: asOf(), changed: [brief(i)], gone: [] });
  say("figures", { as_of: asOf() });
}

function meOf(account) {
  const unit = city.units.find((u) => u.unit === account.unit) ?? city.units[0];
  const names = {
    call_taker: "陆晓琴",
    dispatcher: "季晓峰",
    handler: "施建国",
    grid_worker: "曹红梅",
    leader: "陈志远",
  };
  return {
    account: account.login,
    login: account.login,
    name: names[account.role] ?? "徐明",
    role: account.role,
    unit,
    csrf: "csrf",
    scope: null,
  };
}

function today() {
  const open = all().filter((i) => !i.closed_at);
  const late = open.filter((i) => i.state === "overdue").length;
  const soon = open.filter((i) => i.state === "due_soon").length;
  const danger = open.filter((i) => i.state === "danger").length;
  const reports = all().reduce((n, i) => n + i.reports, 0);
  const hours = Array(24).fill(0);
  for (const i of all()) hours[(new Date(i.opened_at).getUTCHours() + 8) % 24] += i.reports;
  const f = (key, name, name_en, value, unit, link) => ({ key, name, name_en, value, unit, link });
  const domains = [...new Set(all().map((i) => i.domain))];
  const by = (list) => ({
    today: list.length,
    open: list.filter((i) => !i.closed_at).length,
    overdue: list.filter((i) => i.state === "overdue").length,
  });
  return {
    as_of: asOf(),
    figures: [
      f("reports", "今日受理", "Received today", reports, "条", "/incidents?order=opened"),
      f("incidents", "合并后事件", "Incidents", all().length, "件", "/incidents"),
      f("open", "在办", "Open", open.length, "件", "/incidents?order=due"),
      f("first_right", "首次派单准确", "Right first time", 98.4, "%", null),
      f("on_time", "按时办结", "Closed on time", 99.1, "%", "/incidents?stage=closed"),
      f("overdue", "超期", "Late", late, "件", "/incidents?state=overdue"),
    ],
    by_county: city.areas
      .filter((a) => a.level === "county")
      .map((a) => ({
        code: a.code,
        name: a.name,
        name_en: a.name_en,
        ...by(all().filter((i) => i.area.slice(0, 6) === a.code.slice(0, 6))),
      })),
    by_domain: domains.map((domain) => ({
      domain,
      ...by(all().filter((i) => i.domain === domain)),
    })),
    hours,
    sentence: `${danger} 件危及生命正在处置；${soon} 件将在一小时内到期，${late} 件已超期`,
    sentence_en: `${danger} with danger to life in hand; ${soon} due within the hour, ${late} late`,
  };
}

function listed(q) {
  const stem = (q.get("area") ?? "").replace(/(000)+$/, "");
  const list = all().filter(
    (i) =>
      (!q.get("state") || i.state === q.get("state")) &&
      (!q.get("stage") || i.stage === q.get("stage")) &&
      (!q.get("domain") || i.domain === q.get("domain")) &&
      (!q.get("matter") || i.matter === q.get("matter")) &&
      i.area.startsWith(stem) &&
      (!q.get("q") || `${i.title}${i.number}${i.area_name}`.includes(q.get("q"))),
  );
  const by =
    { due: (i) => i.due_at ?? "9", changed: (i) => i.changed_at }[q.get("order")] ??
    ((i) => i.opened_at);
  list.sort((a, b) => (by(a) < by(b) ? -1 : 1));
  if (q.get("order") !== "due") list.reverse();
  const from = Number(q.get("after") ?? 0);
  const limit = Number(q.get("limit") ?? 50);
  return {
    items: list.slice(from, from + limit).map(brief),
    next: from + limit < list.length ? String(from + limit) : null,
    total: list.length,
    as_of: asOf(),
  };
}

function act(i, verb, body, me) {
  const at = Date.now();
  const who = { actor: me.name, unit_name: me.unit.short };
  if (verb === "assign") {
    const unit = city.units.find((u) => u.unit === body.unit) ?? city.units[1];
    const order = makeOrder(i, unit, at);
    step(i, "assign", at, { to: "assigned", ...who, order: order.id });
    say("orders", { changed: [orderView(order)], gone: [] });
  } else
    step(i, verb, at, {
      ...who,
      reason: body.reason ?? null,
      ...(verb === "close" ? { to: "closed" } : {}),
    });
  if (verb === "close") i.closed_at = asOf();
  moved(i);
  return detail(i);
}

function actOrder(o, verb, body, me) {
  const to = {
    sign: "signed",
    handle: "handled",
    return: "returned",
    verify: body.ok ? "verified" : "signed",
    withdraw: "withdrawn",
    close: "closed",
  }[verb];
  if (to) o.stage = to;
  if (verb === "sign") o.signed_at = asOf();
  if (verb === "handle") Object.assign(o, { handled_at: asOf(), reply: body.reply });
  const i = incidents.get(o.incident);
  const stage = { sign: "handling", handle: "verifying", return: "received", withdraw: "received" }[
    verb
  ];
  step(i, verb, Date.now(), {
    unit_name: me.unit.short,
    actor: me.name,
    reason: body.reason ?? null,
    ...(stage ? { to: stage } : {}),
  });
  say("orders", { changed: [orderView(o)], gone: [] });
  moved(i);
  return orderView(o);
}

function preview({ text }) {
  const marks = marksOf(text);
  const danger = marks.filter((m) => m.kind === "danger").map((m) => m.text);
  const near = all()
    .filter(
      (i) =>
        !i.closed_at &&
        [...text].some((c, n) => n % 3 === 0 && i.title.includes(text.slice(n, n + 2))),
    )
    .slice(0, 3);
  const place = marks.find((m) => m.kind === "place");
  const matter = city.matters.find((m) => text.includes(m.name.slice(0, 2))) ?? null;
  return {
    matter: matter?.id ?? "",
    matter_name: matter?.name ?? "",
    matter_name_en: matter?.name_en ?? "",
    confidence: matter ? 0.88 : 0,
    domain: matter?.domain ?? "",
    area: near[0]?.area ?? "320600000000000",
    area_name: place ? "崇川虹桥" : "南通市",
    place_confidence: place ? 0.92 : 0,
    urgency: danger.length ? 3 : 1,
    danger: danger.length > 0,
    danger_words: danger,
    marks,
    missing: place
      ? []
      : [
          {
            what: "place",
            question: "请问具体在哪条路、哪个小区、几号楼？",
            question_en: "Which road, estate and number exactly?",
          },
        ],
    similar: near.map((i) => ({
      incident: brief(i),
      probability: 0.5 + random() * 0.4,
      clues: detail(i).suggestions[0]?.clues ?? [
        { about: "words", bits: 1.9, because: "用词相近", because_en: "Similar words" },
      ],
    })),
    unit: matter ? { unit: "nt.cgj", name: "崇川区城市管理局", probability: 0.94 } : null,
  };
}

function file(body) {
  const i = makeIncident(Date.now(), 0);
  i.report_list[0].text = body.text;
  i.reports = i.people = 1;
  moved(i);
  return {
    id: i.id,
    code: `NT-${Math.floor(1000 + random() * 9000)}-${Math.floor(1000 + random() * 9000)}`,
    duplicate: false,
  };
}

const TRACK = {
  state: "handling",
  unit_name: "崇川区城市管理局",
  due_at: new Date(Date.now() + 7_200_000).toISOString(),
  answer: null,
  steps: [
    ["已受理", 9e6],
    ["已派崇川区城市管理局", 8e6],
    ["崇川区城市管理局签收，正在办理", 6e6],
  ].map(([text, ago]) => ({ text, at: new Date(Date.now() - ago).toISOString() })),
};
const AT = asOf();
const ADMIN = {
  accounts: ACCOUNTS.map((a, n) => ({
    id: String(n),
    login: a.login,
    name: meOf(a).name,
    role: a.role,
    unit: a.unit,
    unit_name: a.unit_name,
    active: true,
    locked_until: null,
  })),
  credentials: [
    {
      id: "1",
      name: "南通市公安局 110 接处警",
      channels: ["police110"],
      active: true,
      created_at: AT,
    },
  ],
  "set-aside": [
    {
      id: "7",
      at: AT,
      topic: "report.received",
      attempts: 5,
      key: "1042",
      reason: "place: 「通富北路」有两处，无法判定",
    },
  ],
  audit: ["login", "reveal", "account_changed"].map((act, n) => ({
    id: String(n),
    at: AT,
    login: "陆晓琴",
    role: "call_taker",
    act,
    subject: "report 1042",
    detail: null,
    address: "10.32.1.7",
  })),
};

function beside(one, other, suggestion) {
  const side = (id) => {
    const i = incidents.get(id);
    const reports = i.report_list.slice(0, 5).map((r) => ({
      ...r,
      title_marks: [],
      place_marks: [],
      text_marks: [{ start: 0, end: 2, kind: "word" }],
    }));
    return { incident: detail(i), reports };
  };
  const clues = mergeClues();
  return {
    suggestion,
    state: suggestion && "open",
    one: side(one),
    other: side(other),
    probability: 0.73,
    prior_bits: -0.8,
    bits: clues.reduce((sum, clue) => sum + clue.bits, -0.8),
    clues,
  };
}

function route(method, path, q, body, me) {
  const parts = path.split("/").filter(Boolean);
  const [a, b, c] = parts;
  if (a === "city")
    return b
      ? city.boundaries
      : {
          name: "南通市",
          name_en: "Nantong City",
          centre_name: "南通市市域治理现代化指挥中心",
          centre_name_en: "Nantong City Modern Governance Command Centre",
          bbox: [120.2, 31.62, 121.98, 32.72],
          centre: [120.86, 32.02],
          notice: NOTICE,
          notice_en: NOTICE_EN,
          demo: true,
          accounts: ACCOUNTS,
        };
  if (a === "public" && b === "track")
    return c === "0"
      ? [404, { code: "not_found", detail: "没有这个查询码，请核对后再试。" }]
      : TRACK;
  if (a === "public") return { code: file(body).code };
  if (!me) return [401, { code: "signed_out", detail: "请先登录。" }];
  if (a === "me") return me;
  if (a === "areas") return city.areas.filter((x) => !q.get("level") || x.level === q.get("level"));
  if (a === "units") return city.units;
  if (a === "matters") return city.matters;
  if (a === "incidents" && !b) return listed(q);
  if (a === "incidents" && b === "map") {
    const columns = ["id", "lon", "lat", "state", "danger", "reports", "title", "area"];
    return { as_of: asOf(), columns, rows: all().map((i) => columns.map((k) => i[k])) };
  }
  if (a === "incidents") {
    const i = incidents.get(b);
    if (!i)
      return [
        404,
        { code: "not_found", detail: "没有这件事件，可能已被撤回，或不在您的管辖范围。" },
      ];
    if (c === "compare") return beside(b, q.get("other"), null);
    if (c === "undo")
      return {
        possible: true,
        verb: q.get("verb"),
        lead: b,
        other: q.get("other"),
        why_not: null,
        why_not_en: null,
        kept: [],
      };
    return c && method === "POST" ? act(i, c, body, me) : detail(i);
  }
  if (a === "suggestions" && method === "GET") return beside(...b.split("-"), b);
  if (a === "suggestions") return {};
  if (a === "orders" && !b) {
    const want = {
      verify: ["handled"],
      inbox: ["assigned", "signed"],
      done: ["handled", "verified", "closed"],
    }[q.get("box")] ?? [q.get("stage")];
    const list = [...orders.values()]
      .filter((o) => want.includes(o.stage) && (me.role !== "handler" || o.unit.includes("cgj")))
      .slice(0, 24);
    return { items: list.map(orderView), next: null, total: list.length, as_of: asOf() };
  }
  if (a === "orders") return c ? actOrder(orders.get(b), c, body, me) : orderView(orders.get(b));
  if (a === "reports" && b === "preview") return preview(body);
  if (a === "reports" && c === "reveal")
    return { name: "陈大明", phone: "13800001234", identity: "" };
  if (a === "reports") return [202, file(body)];
  if (a === "callers")
    return all()
      .slice(0, 2)
      .map(({ report_list: [r], area }) => ({ ...r, report: r.id, area }));
  if (a === "attachments") return { id: "1", name: "photo.jpg", kind: "image/jpeg", bytes: 1 };
  if (a === "figures") return today();
  if (a === "queue") {
    const items = all().filter((i) => ["received", "received"].includes(i.stage) && !i.closed_at);
    return {
      items: items.map((i) => ({
        ...brief(i),
        top: {
          unit: i.unit_options[0].unit,
          unit_name: i.unit_options[0].name,
          probability: 0.962,
        },
        waiting_s: 60,
      })),
      total: items.length,
    };
  }
  if (a === "notices")
    return [
      {
        id: "1",
        text: "渣土车抛洒超期 40 分，已升级到区指挥中心。",
        at: asOf(),
        incident: all()[0].id,
        read: false,
      },
    ];
  if (a === "admin") return ADMIN[b] ?? [404, { code: "not_found", detail: "没有。" }];
  return [404, { code: "not_found", detail: `没有 ${path}` }];
}

createServer(async (request, response) => {
  const url = new URL(request.url, "http://x");
  const path = url.pathname.replace("/api/v1", "");
  const login = /chengshu_session=(\w+)/.exec(request.headers.cookie ?? "")?.[1];
  const account = ACCOUNTS.find((a) => a.login === login);
  if (path === "/live") {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(`event: hello\ndata: {"as_of":"${asOf()}"}\n\n`);
    streams.add(response);
    request.on("close", () => streams.delete(response));
    return;
  }
  if (path === "/dev/streams") return response.end(JSON.stringify({ count: streams.size }));
  if (path === "/dev/cut") {
    streams.forEach((s) => s.end());
    return response.end("{}");
  }
  if (path === "/dev/incident") {
    const i = makeIncident(Date.now(), 0);
    response.end(JSON.stringify({ id: i.id, at: Date.now() }));
    return moved(i);
  }
  let raw = "";
  for await (const chunk of request) raw += chunk;
  const body = raw.startsWith("{") ? JSON.parse(raw) : {};
  const send = (status, data, headers = {}) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(status === 204 ? "" : JSON.stringify(data));
  };
  if (path === "/session" && request.method === "POST") {
    const found = ACCOUNTS.find((a) => a.login === body.login && a.password === body.password);
    if (!found) return send(401, { code: "wrong_password", detail: "账号或密码不对，请再试。" });
    return send(200, meOf(found), {
      "set-cookie": `chengshu_session=${found.login}; Path=/; HttpOnly; SameSite=Strict`,
    });
  }
  if (path === "/session")
    return send(204, null, { "set-cookie": "chengshu_session=; Path=/; Max-Age=0" });
  const answer = route(
    request.method,
    path,
    url.searchParams,
    body,
    account ? meOf(account) : null,
  );
  return Array.isArray(answer) && typeof answer[0] === "number"
    ? send(answer[0], answer[1])
    : send(200, answer);
}).listen(PORT, "127.0.0.1", () => console.log(`fake back end on http://127.0.0.1:${PORT}`));

if (LIVELY) {
  setInterval(() => {
    if (random() < 0.7) moved(makeIncident(Date.now(), random() * 0.3));
    else moved(pick(all().filter((i) => !i.closed_at)));
  }, 4_000);
}
