import { refused, unreachable } from "./problems";
import { session } from "./session";

export async function get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  return (await asked(path, signal ? { signal } : {})).json() as Promise<Answer>;
}

/** Changes something. The same `key` again is answered as it was the first time. */
export async function post<Answer>(path: string, body: unknown, key?: string): Promise<Answer> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (key) headers["Idempotency-Key"] = key;
  const answer = await asked(path, { method: "POST", headers, body: JSON.stringify(body) });
  return answer.json() as Promise<Answer>;
}

/**
 * A key that names one thing to be done.
 * `crypto.randomUUID` is there over HTTPS and on this machine alone.
 */
export function newKey(): string {
  const parts = crypto.getRandomValues(new Uint32Array(4));
  return Array.from(parts, (part) => part.toString(16).padStart(8, "0")).join("");
}

export async function remove(path: string): Promise<void> {
  await asked(path, { method: "DELETE" });
}

export function inPath(id: string): string {
  return id.split("/").map(encodeURIComponent).join("/");
}

async function asked(path: string, options: RequestInit): Promise<Response> {
  const headers = new Headers(options.headers);
  const { me } = session.now();
  if (me && options.method) headers.set("X-CSRF-Token", me.csrf);
  let answer: Response;
  try {
    answer = await fetch(path, { ...options, headers, credentials: "same-origin" });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw unreachable();
  }
  if (answer.ok) return answer;
  if (answer.status === 401 && me) session.change({ known: true, me: null, ended: true });
  throw await refused(answer);
}
