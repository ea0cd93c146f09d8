/** Times, spans, distances and figures in words; the one place where instants become local. */

export type Language = "zh" | "en";

/** The city's own clock, whatever the zone of the browser. */
const zone = "Asia/Shanghai";

const TAG: Record<Language, string> = { zh: "zh-CN", en: "en-GB" };

const cache = new Map<string, Intl.DateTimeFormat>();

function formatter(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  let found = cache.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(TAG[language], {
      timeZone: zone,
      hourCycle: "h23",
      ...options,
    });
    cache.set(key, found);
  }
  return found;
}

type Instant = string | number | Date;

const dateOf = (at: Instant): Date => (at instanceof Date ? at : new Date(at));

/** 19:20 */
export function clock(at: Instant): string {
  return formatter("en", { hour: "2-digit", minute: "2-digit" }).format(dateOf(at));
}

/** 19:20:04 */
export function clockSeconds(at: Instant): string {
  return formatter("en", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(
    dateOf(at),
  );
}

/** 2026-07-14, in the city's zone. */
export function isoDay(at: Instant): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(dateOf(at));
}

/** 2026-07-14 周二 | Tue 14 Jul 2026 */
export function longDay(at: Instant, language: Language): string {
  if (language === "en") {
    return formatter("en", { weekday: "short", day: "numeric", month: "short", year: "numeric" })
      .format(dateOf(at))
      .replace(",", "");
  }
  return `${isoDay(at)} ${formatter("zh", { weekday: "short" }).format(dateOf(at))}`;
}

/** 19:20 today, else 7月14日 19:20 | 14 Jul 19:20; with the year when it is another one. */
export function moment(at: Instant, now: Instant, language: Language): string {
  const day = isoDay(at);
  const today = isoDay(now);
  if (day === today) return clock(at);
  const options: Intl.DateTimeFormatOptions =
    day.slice(0, 4) === today.slice(0, 4)
      ? { month: language === "zh" ? "long" : "short", day: "numeric" }
      : { year: "numeric", month: language === "zh" ? "long" : "short", day: "numeric" };
  return `${formatter(language, options).format(dateOf(at))} ${clock(at)}`;
}

/** A span in its two largest parts: 2 小时 5 分 | 2 h 5 min. Never negative. */
export function span(milliseconds: number, language: Language): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const zh = language === "zh";
  const say = (n: number, zhWord: string, enWord: string) =>
    zh ? `${n}${zhWord}` : `${n} ${enWord}`;
  if (minutes < 1) return zh ? "不到 1 分" : "under 1 min";
  const parts =
    d > 0
      ? [say(d, "天", "d"), h > 0 ? say(h, "小时", "h") : ""]
      : h > 0
        ? [say(h, "小时", "h"), m > 0 && h < 10 ? say(m, "分", "min") : ""]
        : [say(m, "分", "min")];
  return parts.filter(Boolean).join(" ");
}

/** How a deadline stands: positive while time is left. */
export function timeLeft(due: Instant, now: Instant): number {
  return dateOf(due).getTime() - dateOf(now).getTime();
}

/** 320 米 | 320 m; 1.4 公里 | 1.4 km */
export function distance(metres: number, language: Language): string {
  if (metres < 950) {
    const rounded = metres < 20 ? Math.round(metres) : Math.round(metres / 10) * 10;
    return language === "zh" ? `${rounded} 米` : `${rounded} m`;
  }
  const km = metres < 9_950 ? (metres / 1000).toFixed(1) : String(Math.round(metres / 1000));
  return language === "zh" ? `${km} 公里` : `${km} km`;
}

/** Great-circle metres between two WGS-84 points. */
export function metresBetween(a: [number, number], b: [number, number]): number {
  const rad = Math.PI / 180;
  const [dLat, dLon] = [(b[1] - a[1]) * rad, (b[0] - a[0]) * rad];
  const h =
    Math.sin(dLat / 2) ** 2 + Math.cos(a[1] * rad) * Math.cos(b[1] * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(h));
}

/** 96%; never rounds an uncertain thing up to 100 %. */
export function percent(share: number): string {
  if (share >= 1) return "100%";
  return `${Math.min(99, Math.round(share * 100))}%`;
}

/** 12,345; keeps at most two decimals. */
export function figure(value: number): string {
  return new Intl.NumberFormat("en", { maximumFractionDigits: 2 }).format(value);
}

/** 820 B, 34 KB, 1.2 MB */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  return n < 1_000_000 ? `${Math.round(n / 1000)} KB` : `${(n / 1_000_000).toFixed(1)} MB`;
}

/** +2.1 or −0.4: evidence in bits, with a true minus sign. */
export function bits(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;
}
