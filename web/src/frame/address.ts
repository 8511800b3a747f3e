import { store, useStore } from "../live/store";

export interface Address {
  path: string;
  query: URLSearchParams;
}

function current(): Address {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

// The tests of what only asks for the address run without a window.
const hasWindow = typeof window !== "undefined";
const address = store<Address>(hasWindow ? current() : { path: "/", query: new URLSearchParams() });
if (hasWindow) addEventListener("popstate", () => address.change(current()));

export function useAddress(): Address {
  return useStore(address);
}

export function addressNow(): Address {
  return address.now();
}

/** A part of a path as it was before it was made one; what is no such part stays as it is. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Whether the screen of an address can show the past. */
export function travels(to: string): boolean {
  return /^\/(?:tower|board|parcel|fleet)(?:[/?]|$)/.test(to);
}

/** An address with the past instant that is shown: links lead from then to then. */
export function keepingTime(to: string): string {
  const at = address.now().query.get("at");
  if (at === null || !travels(to) || /[?&]at=/.test(to)) return to;
  return `${to}${to.includes("?") ? "&" : "?"}at=${readable(encodeURIComponent(at))}`;
}

/** Go to an address; `replace` where Back should not stop here. */
export function go(to: string, options: { replace?: boolean } = {}): void {
  visit(keepingTime(to), options);
}

function visit(to: string, { replace = false }: { replace?: boolean }): void {
  if (to === location.pathname + location.search) return;
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  address.change(current());
}

/** Change parts of the query; null takes one away. */
export function setQuery(parts: Record<string, string | null>, options: { replace?: boolean } = {}): void {
  const { path, query } = address.now();
  const changed = new URLSearchParams(query);
  for (const [name, value] of Object.entries(parts)) {
    if (value === null || value === "") changed.delete(name);
    else changed.set(name, value);
  }
  const said = readable(changed.toString());
  visit(said ? `${path}?${said}` : path, options);
}

/** Commas, colons and slashes may stand in a query: a link that is read aloud stays readable. */
function readable(query: string): string {
  return query.replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%2F", "/");
}
