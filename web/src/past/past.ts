import { type Address, addressNow, travels, useAddress } from "../frame/address";
import { serverNow } from "../live/clock";
import { store } from "../live/store";

/** The past instant that an address names; null: it shows what is now. */
export function pastOf(query: URLSearchParams): number | null {
  const said = query.get("at");
  // Without its zone an instant is another one for each who opens the link.
  if (said === null || !/(?:Z|[+-]\d\d:?\d\d)$/i.test(said.trim())) return null;
  const atMs = Date.parse(said.trim());
  return Number.isNaN(atMs) ? null : atMs;
}

export function usePast(): number | null {
  return pastAt(useAddress());
}

export function pastNow(): number | null {
  return pastAt(addressNow());
}

function pastAt({ path, query }: Address): number | null {
  return travels(path) ? pastOf(query) : null;
}

/** The instant of what is shown: a past one, or now by the server's clock. */
export function shownNow(): number {
  return pastNow() ?? serverNow();
}

/** An instant as addresses have it: whole seconds, UTC. */
export function instantOf(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** What is asked of the server, as of a past instant. */
export function askedAt(path: string, atMs: number | null): string {
  if (atMs === null) return path;
  return `${path}${path.includes("?") ? "&" : "?"}at=${encodeURIComponent(new Date(atMs).toISOString())}`;
}

/** Names of what is being worked out of the past. */
export const working = store<ReadonlySet<string>>(new Set());

export function setWorking(name: string, on: boolean): void {
  const changed = new Set(working.now());
  if (on) changed.add(name);
  else changed.delete(name);
  if (changed.size !== working.now().size) working.change(changed);
}
