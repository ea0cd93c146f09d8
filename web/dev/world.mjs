/** Development only: a small seeded city whose incidents live in memory and move when told. */
import { loadCity } from "./city.mjs";
import { CHANNELS, KINDS, NAMES, NATURES, SPOTS } from "./words.mjs";

export const city = loadCity();
const HOUR = 3_600_000;

let seed = 20260714;
export function random() {
  seed = (seed * 1664525 + 1013904223) % 4294967296;
  return seed / 4294967296;
}
export const pick = (list) => list[Math.floor(random() * list.length)];
const iso = (ms) => new Date(ms).toISOString();

export const incidents = new Map();
export const orders = new Map();
let lastId = 1000;
const nextId = () => String(++lastId);

const towns = city.areas.filter((a) => a.level === "township");
const weights = { 320613: 6, 320612: 3, 320682: 3, 320685: 2, 320623: 2, 320681: 2, 320614: 2 };
const wheel = towns.flatMap((t) => Array(weights[t.code.slice(0, 6)] ?? 1).fill(t));
const countyOf = (town) => city.areas.find((a) => a.code === `${town.code.slice(0, 6)}000000000`);

function unitFor(line, town) {
  const mine = city.units.filter((u) => u.line === line);
  return mine.find((u) => u.area.slice(0, 6) === town.code.slice(0, 6)) ?? mine[0] ?? city.units[1];
}

const clue = (about, bits, because, because_en) => ({ about, bits, because, because_en });

function clues(line) {
  return [
    clue("duty", 2.1, `职责清单 3.2.14：由${line}主办`, `Duty list 3.2.14: led by this bureau`),
    clue("history", 1.3, "同类 128 件里 121 件由它办结", "It closed 121 of 128 of this kind"),
    clue("similar", 0.8, "最相似的 4 件都派给它", "The 4 most similar went there"),
    clue("area", -0.4, "地点在两个街道交界处", "The place lies between two subdistricts"),
  ];
}

export const mergeClues = () => [
  clue("distance", 3.4, "相距 60 米", "60 m apart"),
  clue("words", 2.2, "都提到“路灯”“黑”", "Both speak of lights and dark"),
  clue("time", 1.1, "相隔 25 分钟", "25 minutes apart"),
  clue("reporter", -0.6, "反映人不同", "Different reporters"),
];

function makeReport(kind, at, town, lon, lat, first) {
  const spot = pick(SPOTS);
  const text = kind[1].replace("{spot}", spot);
  const name = pick(NAMES);
  return {
    id: nextId(),
    channel: pick(CHANNELS),
    said_at: iso(at),
    received_at: iso(at + 20_000),
    title: kind[0],
    text,
    nature: pick(NATURES),
    place: spot,
    lon: lon + (random() - 0.5) * 0.004,
    lat: lat + (random() - 0.5) * 0.004,
    anonymous: random() < 0.1,
    confidential: random() < 0.15,
    reporter_masked: `${name}** 138****${1000 + Math.floor(random() * 9000)}`,
    relation: first ? "first" : "joined",
    reply: null,
    outcome: first ? "opened" : "merged",
    probability: first ? null : 0.9 + random() * 0.09,
    clues: first ? [] : mergeClues(),
    attachments: [],
  };
}

export function marksOf(text) {
  const points = [...text].join("");
  const found = [];
  const add = (words, kind) => {
    for (const word of words) {
      const at = points.indexOf(word);
      if (at >= 0)
        found.push({
          start: [...points.slice(0, at)].length,
          end: [...points.slice(0, at)].length + [...word].length,
          kind,
          text: word,
        });
    }
  };
  add(SPOTS, "place");
  add(["昨晚八点多", "夜里十一点", "早上六点", "半夜", "三个月", "五天"], "time");
  add(["煤气味", "少了一个井盖", "挂在电线上", "漏气", "起火", "触电"], "danger");
  add(["路灯不亮", "打桩", "渣土车", "楼道里堆满", "烧烤摊", "河水发黑", "工资"], "matter");
  return found;
}

export function stateOf(i, now = Date.now()) {
  if (i.closed_at) return "closed";
  if (i.danger) return "danger";
  if (i.due_at && Date.parse(i.due_at) < now) return "overdue";
  if (i.due_at && Date.parse(i.due_at) - now < HOUR) return "due_soon";
  return ["received", "received"].includes(i.stage) ? "new" : "handling";
}

function makeOrder(i, unit, at) {
  const order = {
    id: nextId(),
    number: `NT${i.number.slice(2)}-1`,
    incident: i.id,
    incident_title: i.title,
    unit: unit.unit,
    unit_name: unit.name,
    stage: "assigned",
    instruction: random() < 0.3 ? "先设围挡，再处置，办结拍照" : "",
    assigned_at: iso(at),
    sign_due_at: iso(at + HOUR / 2),
    due_at: i.due_at,
    signed_at: null,
    handled_at: null,
    closed_at: null,
    overdue: false,
    escalated: 0,
    returns: 0,
    reply: null,
    withdrawn_for: null,
    danger: i.danger,
    urgency: i.urgency,
    area_name: i.area_name,
    place: i.place,
    lon: i.lon,
    lat: i.lat,
    attachments: [],
  };
  orders.set(order.id, order);
  i.order_ids.push(order.id);
  i.unit_name = unit.name;
  return order;
}

export function step(i, verb, at, extra = {}) {
  const from = i.stage;
  i.steps.push({
    id: nextId(),
    at: iso(at),
    actor: null,
    unit_name: null,
    verb,
    from_stage: from,
    to_stage: extra.to ?? from,
    reason: null,
    detail: null,
    order: null,
    ...extra,
  });
  if (extra.to) i.stage = extra.to;
  i.changed_at = iso(at);
}

export function makeIncident(at, progress = random()) {
  const kind = pick(KINDS);
  const isDanger = kind[5] && random() < 0.12;
  const town = pick(wheel);
  const [lon, lat] = [town.lon + (random() - 0.5) * 0.05, town.lat + (random() - 0.5) * 0.04];
  const matter = city.matters.find((m) => m.name.includes(kind[0].slice(0, 2))) ??
    pick(city.matters) ?? { id: "x", name: kind[0] };
  const id = nextId();
  const reports = random() < 0.7 ? 1 : 2 + Math.floor(random() * 6);
  const unit = unitFor(kind[3], town);
  const i = {
    id,
    number: `NT20260714${String(lastId).padStart(6, "0")}`,
    title: kind[0],
    matter: matter.id,
    matter_name: matter.name,
    matter_name_en: matter.name_en ?? "",
    domain: kind[2],
    stage: "received",
    urgency: kind[4],
    danger: isDanger,
    area: town.code,
    area_name: `${countyOf(town)?.short ?? ""}${town.short}`,
    area_name_en: `${town.name_en}, ${countyOf(town)?.name_en ?? ""}`,
    place: "",
    lon,
    lat,
    reports,
    people: reports,
    first_at: iso(at - 600_000),
    last_at: iso(at),
    opened_at: iso(at),
    due_at: iso(at + (isDanger ? 1 : pick([8, 12, 24, 24, 48, 72])) * HOUR),
    overdue: false,
    closed_at: null,
    unit_name: null,
    changed_at: iso(at),
    answer: null,
    answer_source: null,
    merged_into: null,
    recurrence_of: null,
    steps: [],
    order_ids: [],
    report_list: [],
    line: kind[3],
    unit_options: [
      unit,
      ...city.units
        .filter((u) => u.unit !== unit.unit && u.area.slice(0, 6) === unit.area.slice(0, 6))
        .slice(3, 5),
    ],
  };
  for (let n = 0; n < reports; n++)
    i.report_list.push(makeReport(kind, at + n * 300_000, town, lon, lat, n === 0));
  i.place = i.report_list[0].place;
  i.title = `${i.place}${kind[0]}`;
  step(i, "opened", at, { to: "received" });
  if (progress > 0.25) {
    const order = makeOrder(i, unit, at + 180_000);
    step(i, "assign", at + 180_000, {
      to: "assigned",
      actor: "季晓峰",
      unit_name: "南通市市域治理现代化指挥中心",
      order: order.id,
    });
    if (progress > 0.4) {
      Object.assign(order, { stage: "signed", signed_at: iso(at + 900_000) });
      step(i, "sign", at + 900_000, { to: "handling", unit_name: unit.name, order: order.id });
    }
    if (progress > 0.8) {
      Object.assign(order, {
        stage: "handled",
        handled_at: iso(at + HOUR),
        reply: "已派两名队员到场，清理完毕，现场照片附后。",
      });
      step(i, "handle", at + HOUR, { to: "verifying", unit_name: unit.name, order: order.id });
    }
    if (progress > 0.88) {
      Object.assign(order, { stage: "closed", closed_at: iso(at + 1.5 * HOUR) });
      i.closed_at = iso(at + 1.5 * HOUR);
      step(i, "close", at + 1.5 * HOUR, { to: "closed", actor: "季晓峰", order: order.id });
    }
  }
  i.state = stateOf(i);
  i.overdue = i.state === "overdue";
  for (const o of i.order_ids) orders.get(o).overdue = i.overdue;
  incidents.set(id, i);
  return i;
}

export function brief(i) {
  const {
    steps,
    order_ids,
    report_list,
    line,
    unit_options,
    answer,
    answer_source,
    merged_into,
    recurrence_of,
    ...rest
  } = i;
  void [
    steps,
    order_ids,
    report_list,
    line,
    unit_options,
    answer,
    answer_source,
    merged_into,
    recurrence_of,
  ];
  return rest;
}

const may = (verb, label, label_en, why_not = null) => ({ verb, label, label_en, why_not });

export function orderView(o) {
  const live = ["assigned", "signed"].includes(o.stage);
  return {
    ...o,
    may: [
      ...(o.stage === "assigned" ? [may("sign", "签收", "Sign")] : []),
      ...(live
        ? [
            may("handle", "反馈结果", "Reply", o.stage === "assigned" ? "先签收，再反馈。" : null),
            may("return", "退回", "Return"),
          ]
        : []),
      ...(o.stage === "handled"
        ? [may("accept", "核查通过", "Accept"), may("reject", "核查不通过", "Reject")]
        : []),
      ...(live ? [may("urge", "催办", "Urge"), may("withdraw", "撤回", "Withdraw")] : []),
    ],
  };
}

export function detail(i) {
  const open = !i.closed_at;
  const waiting = ["received", "received"].includes(i.stage);
  const others = [...incidents.values()]
    .filter((o) => o.id !== i.id && o.area === i.area && !o.closed_at)
    .slice(0, 1);
  const no = open ? null : "事件已结案，不能再办。";
  return {
    ...brief(i),
    answer: i.answer,
    answer_source: i.answer_source,
    merged_into: i.merged_into,
    recurrence_of: i.recurrence_of,
    report_list: i.report_list,
    orders: i.order_ids.map((o) => orderView(orders.get(o))),
    proposals: open
      ? i.unit_options.map((u, n) => ({
          rank: n + 1,
          unit: u.unit,
          unit_name: u.name,
          probability: [0.962, 0.021, 0.009][n],
          clues: clues(u.short),
        }))
      : [],
    related: [],
    joined: 0,
    repeated: 0,
    open_replies: 0,
    suggestions:
      open && waiting
        ? others.map((o) => ({
            id: `${i.id}-${o.id}`,
            other: brief(o),
            probability: 0.73,
            prior_bits: -0.8,
            clues: mergeClues(),
          }))
        : [],
    steps: i.steps,
    marks: marksOf(i.report_list[0].text),
    may: [
      may("assign", "派单", "Assign", no ?? (waiting ? null : "已派出，未退回前不能再派。")),
      may("answer", "直接答复", "Answer", no ?? (waiting ? null : "已派单，不能直接答复。")),
      may("correct", "更正", "Correct", no),
      may("merge", "合并", "Merge", no),
      may("split", "拆出", "Split", no),
      may("unmerge", "撤销合并和拆分", "Undo merges and splits"),
      may("refuse", "不予受理", "Do not accept", no),
      may("refer", "移送", "Refer", no),
      may("void", "作废", "Void", no),
      may(
        "close",
        "结案",
        "Close",
        no ?? (i.stage === "verifying" ? null : "核查通过后才能结案。"),
      ),
    ],
  };
}

export { makeOrder };

const now = Date.now();
for (let n = 0; n < 460; n++) makeIncident(now - Math.floor(random() ** 1.6 * 20 * HOUR) - 60_000);
