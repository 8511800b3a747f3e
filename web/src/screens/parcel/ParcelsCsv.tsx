import { useEffect, useRef, useState } from "react";
import { get } from "../../api/client";
import { asRefused } from "../../api/problems";
import type { Parcel, ParcelPage } from "../../api/schema";
import { askedAt, shownNow } from "../../past/past";
import { type Cell, csvOf, fileName } from "../../shown/csv";
import { count } from "../../shown/numbers";
import { saveText } from "../../ui/save";

const PAGE = 1_000;
const MOST = 100_000;
const COLUMNS = [
  "parcel_id", "order_id", "status", "status_at", "last_event_at", "facility_id", "custody_kind",
  "custody_id", "load_id", "service", "promised_at", "eta_p50", "eta_p80", "eta_p95", "attempts",
  "origin_facility_id", "destination_facility_id", "delivery_mode", "planned",
] as const;

/** Every parcel of the list as a file, with its progress and a way to stop it. */
export function ParcelsCsv({ filters, atMs }: { filters: string; atMs: number | null }) {
  const [said, setSaid] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  async function write(): Promise<void> {
    const stopped = new AbortController();
    stop.current = stopped;
    setSaid("0 parcels …");
    const rows: Cell[][] = [];
    let cursor: string | null = null;
    try {
      do {
        const after: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
        const path = askedAt(`/v1/parcels?limit=${PAGE}${filters && `&${filters}`}${after}`, atMs);
        const page: ParcelPage = await get<ParcelPage>(path, stopped.signal);
        rows.push(...page.items.map(cellsOf));
        cursor = page.next_cursor;
        setSaid(`${count(rows.length)} parcels …`);
      } while (cursor !== null && rows.length < MOST);
      saveText(fileName("parcels", shownNow()), "text/csv;charset=utf-8", csvOf(COLUMNS, rows));
      setSaid(cursor === null ? null : `the first ${count(rows.length)} parcels were written`);
    } catch (error) {
      setSaid(stopped.signal.aborted ? null : asRefused(error).title);
    } finally {
      stop.current = null;
    }
  }
  return (
    <>
      <button type="button" className="csv" onClick={() => (stop.current ? stop.current.abort() : void write())}>
        {said?.endsWith("…") ? "Stop" : "CSV"}
      </button>
      <span className="faint" role="status">
        {said}
      </span>
    </>
  );
}

function cellsOf(row: Parcel): Cell[] {
  const flat: Record<string, unknown> = {
    ...row,
    eta_p50: row.eta?.p50,
    eta_p80: row.eta?.p80,
    eta_p95: row.eta?.p95,
  };
  return COLUMNS.map((name) => flat[name] as Cell);
}
