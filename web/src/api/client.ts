/** One way to speak to the back end: JSON in, JSON out, refusals as values of one class. */
import type { Problem } from "./types";

export const BASE = "/api/v1";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.detail);
    this.name = "ApiError";
  }
}

interface Settings {
  csrf: string;
  language: string;
  onSignedOut: () => void;
  unreachable: () => string;
}

const settings: Settings = {
  csrf: "",
  language: "zh-CN",
  onSignedOut: () => undefined,
  unreachable: () => "unreachable",
};

export function configure(changes: Partial<Settings>): void {
  Object.assign(settings, changes);
}

export type Query = Record<string, string | number | boolean | string[] | null | undefined>;

/** `a=1&b=2`, without empty values. */
export function queryString(query: Query): string {
  const pairs = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (Array.isArray(value)) value.forEach((one) => pairs.append(key, one));
    else if (value !== undefined && value !== null && value !== "") pairs.set(key, String(value));
  }
  const text = pairs.toString();
  return text ? `?${text}` : "";
}

async function problemOf(answer: Response): Promise<Problem> {
  try {
    const body = (await answer.json()) as Partial<Problem>;
    return {
      code: body.code ?? String(answer.status),
      detail: typeof body.detail === "string" ? body.detail : answer.statusText,
      ...(body.fields ? { fields: body.fields } : {}),
    };
  } catch {
    return { code: String(answer.status), detail: answer.statusText || String(answer.status) };
  }
}

async function send<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { "Accept-Language": settings.language };
  if (method !== "GET" && settings.csrf) headers["X-CSRF-Token"] = settings.csrf;
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
  let answer: Response;
  try {
    answer = await fetch(BASE + path, {
      method,
      headers,
      credentials: "same-origin",
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(0, { code: "unreachable", detail: settings.unreachable() });
  }
  if (!answer.ok) {
    const problem = await problemOf(answer);
    if (answer.status === 401 && path !== "/session" && path !== "/me") settings.onSignedOut();
    throw new ApiError(answer.status, problem);
  }
  if (answer.status === 204) return undefined as T;
  return (await answer.json()) as T;
}

export const http = {
  get: <T>(path: string, query: Query = {}) => send<T>("GET", path + queryString(query)),
  post: <T>(path: string, body: unknown = {}) => send<T>("POST", path, body),
  patch: <T>(path: string, body: unknown) => send<T>("PATCH", path, body),
  delete: <T>(path: string) => send<T>("DELETE", path),
};

/** What to tell a person about any thrown value. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ApiError) {
    const fields = error.problem.fields?.map((f) => `${f.field}: ${f.message}`) ?? [];
    return [error.problem.detail, ...fields].join(" · ");
  }
  return error instanceof Error ? error.message : String(error);
}
