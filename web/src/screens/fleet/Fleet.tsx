import "../../styles/data.css";
import "../../styles/fleet.css";
import { useEffect, useMemo, useRef } from "react";
import { setQuery, useAddress } from "../../frame/address";
import { useKeys } from "../../frame/keys";
import { useSeconds } from "../../live/clock";
import { shownNow, usePast } from "../../past/past";
import { Scrubber } from "../../past/Scrubber";
import { count } from "../../shown/numbers";
import { fileName } from "../../shown/csv";
import type { DriverRow } from "../../api/schema";
import { Age } from "../../ui/Age";
import { Empty, Failure, Skeleton, StaleNote } from "../../ui/faces";
import { CsvButton } from "../../ui/Saving";
import { VirtualList } from "../../ui/VirtualList";
import { Driver } from "./Driver";
import { CSV, deedNow, doingOf, hours, type Show, shownDrivers, showOf, SHOWS, standingOf } from "./fleet";
import { SmallClocks } from "./ClockBars";
import { useDrivers } from "./useDrivers";

const ROW_PX = 58;
/** A status that was told so long ago may have been forgotten. */
const STALE_MS = 14 * 3_600_000;
const OF_DRIVER = { day: null, load: null, drive: null, work: null, after: null };

/** Drivers by the hours that the law leaves them; of one, everything. */
export function Fleet() {
  const { query } = useAddress();
  const drivers = useDrivers();
  const search = useRef<HTMLInputElement>(null);
  const show = SHOWS.find(({ id }) => id === query.get("show"))?.id ?? "all";
  const home = query.get("home") ?? "";
  const text = query.get("q") ?? "";
  const rows = drivers.data?.items;
  const shown = useMemo(() => shownDrivers(rows ?? [], show, home, text), [rows, show, home, text]);
  const chosen = query.get("driver");
  const place = shown.findIndex((row) => row.driver_id === chosen);

  const select = (row: DriverRow | undefined): void => {
    if (!row || row.driver_id === chosen) return;
    // Who goes through the drivers with a question asks it of each.
    setQuery({ driver: row.driver_id, day: null }, { replace: chosen !== null });
  };
  useKeys({
    j: () => select(shown[Math.min(place + 1, shown.length - 1)]),
    ArrowDown: () => select(shown[Math.min(place + 1, shown.length - 1)]),
    k: () => select(shown[Math.max(place - 1, 0)]),
    ArrowUp: () => select(shown[Math.max(place - 1, 0)]),
    Enter: () => {
      if (chosen === null) select(shown[0]);
      else document.getElementById("driver")?.focus();
    },
    w: () => document.querySelector<HTMLElement>(".what-if input")?.focus(),
    f: () => search.current?.focus(),
    Escape: () => setQuery({ driver: null, ...OF_DRIVER }),
  });
  return (
    <div className="fleet">
      <section className="pane" aria-label="Time">
        <Scrubber />
      </section>
      {drivers.error && rows && <StaleNote error={drivers.error} retry={drivers.retry} />}
      <div className={chosen === null ? "fleet-panes" : "fleet-panes with-driver"}>
        <section className="pane fleet-list" aria-label="Drivers">
          <Filters rows={rows ?? []} shown={shown} show={show} home={home} text={text} search={search} />
          {rows === undefined &&
            (drivers.error ? (
              <Failure error={drivers.error} retry={drivers.retry} />
            ) : (
              <Skeleton rows={10} label="the drivers" />
            ))}
          {rows?.length === 0 && (
            <Empty title="No driver is known">
              Drivers come with the network of a released plan, or with the first event that names one.
            </Empty>
          )}
          {rows !== undefined && rows.length > 0 && shown.length === 0 && (
            <Empty title="No driver is like that">
              <button type="button" onClick={() => setQuery({ q: null, home: null, show: null })}>
                Show all {count(rows.length)}
              </button>
            </Empty>
          )}
          {shown.length > 0 && (
            <>
              <Heads loadedAt={drivers.loadedAt} />
              <VirtualList
                label="Drivers, the fewest hours first"
                items={shown}
                rowPx={ROW_PX}
                idOf={(row) => row.driver_id}
                selected={chosen}
                onSelect={select}
                row={(row) => <Row row={row} />}
              />
            </>
          )}
          {drivers.data?.cut === true && <p className="faint fleet-note">The first {count(rows?.length ?? 0)} are shown.</p>}
        </section>
        <section className="pane fleet-driver" aria-label="Driver" id="driver" tabIndex={-1}>
          {chosen === null ? (
            <Empty title="No driver is chosen">
              <p>
                <kbd>j</kbd> and <kbd>k</kbd> go through the drivers, <kbd>w</kbd> asks whether one can still take a load.
              </p>
            </Empty>
          ) : (
            <Driver key={chosen} id={chosen} />
          )}
        </section>
      </div>
    </div>
  );
}

interface FiltersProps {
  rows: readonly DriverRow[];
  shown: readonly DriverRow[];
  show: Show;
  home: string;
  text: string;
  search: React.RefObject<HTMLInputElement | null>;
}

function Filters({ rows, shown, show, home, text, search }: FiltersProps) {
  const homes = useMemo(
    () => [...new Set(rows.map((row) => row.facility_id).filter((each) => each !== null))].sort(),
    [rows],
  );
  return (
    <div className="filters">
      <div className="fleet-find">
        <input
          ref={search}
          type="search"
          aria-label="Part of a driver's or a load's id"
          placeholder="Driver or load"
          value={text}
          onChange={(event) => setQuery({ q: event.target.value }, { replace: true })}
        />
        <select aria-label="Home" value={home} onChange={(event) => setQuery({ home: event.target.value })}>
          <option value="">Every home</option>
          {homes.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
        <CsvButton name={fileName("drivers", shownNow()).replace(/\.csv$/, "")} columns={CSV} rows={shown} />
      </div>
      <div className="chips">
        {SHOWS.map(({ id, name }) => (
          <button
            key={id}
            type="button"
            className="chip"
            aria-pressed={show === id}
            onClick={() => setQuery({ show: id === "all" ? null : id })}
          >
            {name} {count(id === "all" ? rows.length : rows.filter((row) => showOf(row) === id).length)}
          </button>
        ))}
      </div>
    </div>
  );
}

function Heads({ loadedAt }: { loadedAt: number | null }) {
  const past = usePast() !== null;
  return (
    <div className="driver-row driver-heads faint" aria-hidden="true">
      <span>Driver {!past && <Age atMs={loadedAt} staleAfterMs={60_000} />}</span>
      <span className="driver-now" title="Driving from now on without a break">Now</span>
      <span className="clocks-small">
        <span>Drive</span>
        <span>Window</span>
        <span>Break</span>
        <span>Cycle</span>
      </span>
      <span className="driver-told">Told</span>
    </div>
  );
}

function Row({ row }: { row: DriverRow }) {
  useSeconds();
  const nowMs = shownNow();
  const { tone, mark, text } = standingOf(row, nowMs);
  const toldMs = row.told_at === null ? null : Date.parse(row.told_at);
  return (
    <div className="driver-row">
      <span className="driver-who" title={doingOf(row, nowMs)}>
        <span className={`mark ${tone} driver-mark`} aria-hidden="true">
          {mark}
        </span>
        <strong>{row.driver_id}</strong>
        <span className={`mark ${tone} under`}>{text}</span>
        <span className="faint under">{deedNow(row)}</span>
      </span>
      <span className="driver-now">{row.clocks === null ? "–" : hours(row.clocks.drive_now_s)}</span>
      <SmallClocks row={row} />
      <span className="driver-told">
        {row.standing === "not_regulated" ? null : <Age atMs={toldMs} clock="server" staleAfterMs={STALE_MS} />}
      </span>
    </div>
  );
}

/** Brings the chosen driver's pane into view where panes are stacked. */
export function useIntoView(id: string): void {
  useEffect(() => {
    if (matchMedia("(max-width: 1000px)").matches) {
      document.getElementById("driver")?.scrollIntoView({ block: "start" });
    }
  }, [id]);
}
