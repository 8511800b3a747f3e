import { get, inPath } from "../../api/client";
import { asRefused, type RefusedError } from "../../api/problems";
import type { ExceptionDetail, ExceptionItem, ExceptionPage } from "../../api/schema";
import type { StreamEvent } from "../../live/events";
import { onEvents } from "../../live/live";
import { store } from "../../live/store";
import { askedAt, pastNow, setWorking } from "../../past/past";

export interface Queue {
  rows: ReadonlyMap<string, ExceptionItem>;
  loadedAt: number | null;
  error: RefusedError | null;
  /** There are more than are held here. */
  cut: boolean;
}

const NOTHING: Queue = { rows: new Map(), loadedAt: null, error: null, cut: false };
const PAGE = 1_000;
const MOST_PAGES = 10;
const RELOAD_MS = 60_000;
const MOST_ASKED_ALONE = 8;

export const queue = store<Queue>(NOTHING);

/** Hold what is wrong, kept up to date by the stream unless it is past; shared by every screen. */
export function startQueue(): () => void {
  const stop = new AbortController();
  let gathered: StreamEvent[] = [];
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const work = (): void => {
    waiting = undefined;
    const events = gathered;
    gathered = [];
    if (pastNow() !== null) return;
    void takeEvents(events, stop.signal);
  };
  const off = onEvents((events) => {
    gathered.push(...events.filter(({ kind }) => kind !== "parcel" && kind !== "position"));
    if (gathered.length) waiting ??= setTimeout(work, 100);
  });
  const timer = setInterval(() => {
    if (pastNow() === null) void loadQueue(stop.signal);
  }, RELOAD_MS);
  return () => {
    stop.abort();
    off();
    clearTimeout(waiting);
    clearInterval(timer);
    queue.change(NOTHING);
  };
}

let asked = 0;

/** Load what is wrong at the instant that is shown; of two that load, what was asked last counts. */
export async function loadQueue(signal?: AbortSignal): Promise<void> {
  asked += 1;
  const [mine, atMs] = [asked, pastNow()];
  const isNewest = (): boolean => mine === asked && !signal?.aborted;
  setWorking("queue", atMs !== null);
  const rows = new Map<string, ExceptionItem>();
  let cursor: string | null = null;
  try {
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const after: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const path = askedAt(`/v1/exceptions?limit=${PAGE}${after}`, atMs);
      const found: ExceptionPage = await get<ExceptionPage>(path, signal);
      for (const row of found.items) rows.set(row.id, row);
      cursor = found.next_cursor;
      // Those that are over come last: the first of them ends what is to be done.
      if (cursor === null || found.items.at(-1)?.closed_at) break;
      // The worst come first: they need not wait for the rest, where nothing is shown yet.
      if (isNewest() && queue.now().loadedAt === null) {
        queue.change({ rows: new Map(rows), loadedAt: Date.now(), error: null, cut: true });
      }
    }
    if (isNewest()) queue.change({ rows, loadedAt: Date.now(), error: null, cut: cursor !== null });
  } catch (error) {
    if (isNewest()) queue.change({ ...queue.now(), error: asRefused(error) });
  } finally {
    if (mine === asked) setWorking("queue", false);
  }
}

export function keepRow(row: ExceptionItem): void {
  const { rows } = queue.now();
  queue.change({ ...queue.now(), rows: new Map(rows).set(row.id, row) });
}

async function takeEvents(events: readonly StreamEvent[], signal: AbortSignal): Promise<void> {
  if (events.some(({ kind }) => kind === "resync")) return loadQueue(signal);
  const told = events.filter(({ kind }) => kind === "exception").map(({ data }) => data as Change);
  if (told.length) {
    const rows = changed(queue.now().rows, told);
    queue.change({ ...queue.now(), rows, loadedAt: Date.now() });
  }
  const acted = new Set(
    events.filter(({ kind }) => kind === "case").map(({ data }) => (data as { case_id: string }).case_id),
  );
  if (acted.size > MOST_ASKED_ALONE) return loadQueue(signal);
  await Promise.all(
    [...acted].map(async (id) => {
      try {
        keepRow(await get<ExceptionDetail>(`/v1/exceptions/${inPath(id)}`, signal));
      } catch {
        // The next load of the whole brings it.
      }
    }),
  );
}

type Message = Pick<
  ExceptionItem,
  | "kind"
  | "severity"
  | "subject"
  | "parcel_id"
  | "load_id"
  | "facility_id"
  | "opened_at"
  | "closed_at"
  | "promises_at_risk"
  | "money_at_risk_usd"
>;
export type Change = Message & {
  exception_id: string;
  change: "opened" | "changed" | "closed" | "withdrawn";
};

/** The rows after what the stream told. */
export function changed(
  rows: ReadonlyMap<string, ExceptionItem>,
  changes: readonly Change[],
): Map<string, ExceptionItem> {
  const after = new Map(rows);
  for (const { exception_id: id, change, ...message } of changes) {
    if (change === "withdrawn") {
      after.delete(id);
      continue;
    }
    const before = after.get(id) ?? { ...UNTOUCHED, ...message, id };
    const state = message.closed_at ? "closed" : before.state === "closed" ? "open" : before.state;
    after.set(id, {
      ...before,
      ...message,
      promises_at_risk: message.promises_at_risk || 0,
      money_at_risk_usd: message.money_at_risk_usd || 0,
      state,
    });
  }
  return after;
}

const UNTOUCHED = {
  state: "open",
  route_id: null,
  vehicle_id: null,
  carrier_id: null,
  owner: null,
  responsible: null,
  escalated: false,
  version: 0,
} as const;
