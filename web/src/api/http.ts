/** One request to the server: JSON both ways, the anti-CSRF header, and errors as `Problem`. */

export interface FieldProblem {
  field: string;
  message: string;
}

/** What the server said went wrong (RFC 9457), or `offline` when it could not be reached at all. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors: FieldProblem[] = [],
    readonly extra: Record<string, unknown> = {},
  ) {
    super(detail);
  }

  /** Seconds after which trying again makes sense, when the server said so. */
  get retryAfter(): number | null {
    return typeof this.extra.retry_after === "number" ? this.extra.retry_after : null;
  }

  /** What is wrong with a field, when it is about that field. */
  about(field: string): string | undefined {
    return this.errors.find((error) => error.field === field)?.message;
  }

  get isOffline(): boolean {
    return this.code === "offline";
  }

  /** Nothing was done, and it will work as soon as a server is there again. */
  get isAway(): boolean {
    return this.isOffline || this.code === "draining";
  }

  static of(error: unknown): Problem {
    return error instanceof Problem ? error : new Problem(0, "internal", error instanceof Error ? error.message : String(error));
  }
}

export interface Page<Item> {
  data: Item[];
  next_cursor: string | null;
}

interface RequestOptions {
  body?: unknown;
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** Called at each 401: whoever was signed in is not any more. */
let onSignedOut: () => void = () => undefined;
export const whenSignedOut = (listener: () => void): void => {
  onSignedOut = listener;
};

/** Goes with every write: a page of another site cannot set it. */
export const csrfHeader = { "X-Batuta-CSRF": "1" };

export async function request<Answer>(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": document.documentElement.lang };
  if (method !== "GET") Object.assign(headers, csrfHeader);
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.idempotencyKey) headers["Idempotency-Key"] = options.idempotencyKey;
  const response = await reach(path, {
    method,
    headers,
    body: options.body === undefined ? undefined : JSON.stringify(options.body),
    signal: options.signal,
    credentials: "same-origin",
  });
  if (!response.ok) throw await problem(response);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "offline", "The server cannot be reached.");
  }
}

async function problem(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const wait = Number(response.headers.get("Retry-After"));
  const found = asProblem(response.status, wait > 0 ? { ...body, retry_after: wait } : body);
  if (response.status === 401 && !response.url.endsWith("/v1/login")) onSignedOut();
  return found;
}

export function asProblem(status: number, body: Record<string, unknown>): Problem {
  const code = typeof body.code === "string" ? body.code : `http_${status}`;
  const detail = typeof body.detail === "string" ? body.detail : typeof body.title === "string" ? body.title : code;
  return new Problem(status, code, detail, Array.isArray(body.errors) ? (body.errors as FieldProblem[]) : [], body);
}

export const get = <Answer>(path: string, signal?: AbortSignal) => request<Answer>("GET", path, { signal });
export const post = <Answer>(path: string, body: unknown = {}, idempotencyKey?: string) =>
  request<Answer>("POST", path, { body, idempotencyKey });
export const patch = <Answer>(path: string, body: unknown, idempotencyKey?: string) =>
  request<Answer>("PATCH", path, { body, idempotencyKey });
export const remove = (path: string) => request<void>("DELETE", path);

/** `?a=1&b=2`, leaving out what is empty. */
export function query(fields: Record<string, string | number | null | undefined>): string {
  const pairs = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return pairs.length === 0 ? "" : "?" + new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
}

/** What tells when a server that was away is back. */
let back: (problem: Problem) => Promise<void> = () => new Promise(() => undefined);
export const whenAway = (listener: (problem: Problem) => Promise<void>): void => {
  back = listener;
};

const delays = [600, 1_500, 4_000];
/** Some hours: a write waits for its server as long as the page is likely to be open, and no longer than its key is good for. */
const tries = 5_000;

/** The same write again after the network failed or the server stopped: it goes out by itself, and the key makes sure that it happens once. */
export async function persistently<Answer>(attempt: (key: string) => Promise<Answer>): Promise<Answer> {
  const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  let inProgress = 0;
  for (let index = 0; index < tries; index++) {
    try {
      return await attempt(key);
    } catch (error) {
      const problem = Problem.of(error);
      if (!problem.isAway && (problem.code !== "in_progress" || inProgress++ === delays.length)) throw error;
      const pause = new Promise<void>((resolve) => setTimeout(resolve, delays[Math.min(index, delays.length - 1)]));
      await (problem.isAway ? Promise.race([pause, back(problem)]) : pause);
    }
  }
  return attempt(key);
}
