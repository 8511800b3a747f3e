import "../../styles/board.css";
import { useEffect, useState } from "react";
import { inPath } from "../../api/client";
import type { Arrival, BoardOfFacility, BoardWave, Departure, Me } from "../../api/schema";
import { mayDispatch } from "../../api/session";
import { setQuery, useAddress } from "../../frame/address";
import { useKeys } from "../../frame/keys";
import { serverClock, useSeconds } from "../../live/clock";
import { pastNow, shownNow, usePast } from "../../past/past";
import { Scrubber } from "../../past/Scrubber";
import { useShown } from "../../past/useShown";
import { count } from "../../shown/numbers";
import { clockTime, span, utc, zoneName } from "../../shown/times";
import { words } from "../../shown/words";
import { Age } from "../../ui/Age";
import { Empty, Failure, Skeleton, StaleNote } from "../../ui/faces";
import { Link } from "../../ui/Link";
import { Time } from "../../ui/Time";
import { arrivalOf, countdown, isWaiting, waveNext, waveOf } from "./board";
import { Departures, Marked, type Opened } from "./Departures";
import { rememberFacility } from "./remembered";

const EVERY_MS = 15_000;
const LEAST_MS = 3_000;
const HOURS = [3, 6, 12, 24];

/** The next hours of a facility: what leaves, whether to hold it, what comes. */
export function Board({ id, me }: { id: string; me: Me }) {
  const { query } = useAddress();
  const hours = HOURS.find((each) => String(each) === query.get("hours")) ?? 6;
  const { data, error, loadedAt, retry } = useShown<BoardOfFacility>(
    `/v1/facilities/${inPath(id)}/board?hours=${hours}`,
    {
      everyMs: EVERY_MS,
      leastMs: LEAST_MS,
      when: (kind, told) => concerns(id, kind, told),
      onAnswer: (found) => {
        if (pastNow() === null) serverClock.heard(Date.parse(found.at), Date.now());
      },
    },
  );
  const atMs = usePast();
  const mayAct = mayDispatch(me) && atMs === null;
  const [opened, setOpened] = useState<Opened>(null);
  // What was about to be done now is not done from the past, nor on the way back.
  if (!mayAct && opened !== null && opened !== "details") setOpened(null);
  const chosen = query.get("load");
  const rows = data?.departures ?? [];
  const place = rows.findIndex((row) => row.load_id === chosen);
  const selected = rows[place] ?? null;
  useEffect(() => {
    if (data !== null) rememberFacility(id);
  }, [data, id]);
  useEffect(() => {
    if (chosen !== null) document.getElementById(`load-${chosen}`)?.scrollIntoView({ block: "nearest" });
  }, [chosen]);

  const select = (row: Departure | undefined): void => {
    if (!row || row.load_id === chosen) return;
    setOpened(null);
    setQuery({ load: row.load_id }, { replace: chosen !== null });
  };
  const open = (row: Departure, wanted: Opened): void => {
    setQuery({ load: row.load_id }, { replace: chosen !== null });
    setOpened(wanted);
  };
  const opening = (wanted: "hold" | "go" | "cancel") => () => {
    if (!selected || !mayAct || !isWaiting(selected)) return;
    if (wanted !== "go" || selected.state === "held") setOpened(wanted);
  };
  useKeys({
    j: () => select(rows[Math.min(place + 1, rows.length - 1)]),
    ArrowDown: () => select(rows[Math.min(place + 1, rows.length - 1)]),
    k: () => select(rows[Math.max(place - 1, 0)]),
    ArrowUp: () => select(rows[Math.max(place - 1, 0)]),
    Enter: () => (selected ? setOpened(opened === "details" ? null : "details") : select(rows[0])),
    h: opening("hold"),
    g: opening("go"),
    x: opening("cancel"),
    Escape: () => (opened ? setOpened(null) : setQuery({ load: null })),
  });

  if (data === null) {
    if (error?.status === 404) {
      return (
        <Empty title={`There is no facility ${id}`}>
          <Link to="/board?all=1">Choose another one</Link>
        </Empty>
      );
    }
    return error ? <Failure error={error} retry={retry} /> : <Skeleton rows={10} label="the board" />;
  }
  const zone = data.facility.timezone;
  return (
    <div className="board">
      <Header board={data} loadedAt={loadedAt} hours={hours} />
      <section className="pane" aria-label="Time">
        <Scrubber />
      </section>
      {error && <StaleNote error={error} retry={retry} />}
      <Waves rows={data.waves} zone={zone} />
      <section className="pane board-departures" aria-label="Departures">
        <h2>
          Departures <span className="faint">the last hour and the next {hours}</span>
        </h2>
        {data.departures.length === 0 ? (
          <Empty title={`Nothing leaves ${id} in the next ${hours} hours`}>
            Departures come with a released plan, or when a load is bought.
          </Empty>
        ) : (
          <Departures
            rows={data.departures}
            zone={zone}
            selected={chosen}
            opened={opened}
            mayAct={mayAct}
            onSelect={select}
            onOpen={open}
            onDone={() => {
              setOpened(null);
              retry();
            }}
          />
        )}
      </section>
      <section className="pane board-arrivals" aria-label="Arrivals">
        <h2>Arrivals</h2>
        {data.arrivals.length === 0 ? (
          <p className="faint">Nothing comes in the next {hours} hours.</p>
        ) : (
          <Arrivals rows={data.arrivals} zone={zone} />
        )}
      </section>
    </div>
  );
}

/** Whether something that happened may change the board; what time alone brings is asked for. */
function concerns(id: string, kind: string, told: unknown): boolean {
  if (kind === "parcel") return (told as { facility_id?: string | null }).facility_id === id;
  return kind === "command" || kind === "load";
}

function Header({ board, loadedAt, hours }: { board: BoardOfFacility; loadedAt: number | null; hours: number }) {
  useSeconds();
  const { facility, queue } = board;
  const isPast = usePast() !== null;
  const nowMs = shownNow();
  return (
    <header className="pane board-head">
      <div>
        <h2>
          {facility.facility_id} <span className="board-name">{facility.name}</span>
        </h2>
        <p className="faint">
          {facility.roles.map(words).join(", ") || "In no released plan"} ·{" "}
          <Link to="/board?all=1">other facility</Link>
        </p>
      </div>
      <div className="kpi">
        <span className="kpi-label">Local time</span>
        <time className="kpi-value" title={utc(nowMs)}>
          {clockTime(nowMs, nowMs, facility.timezone)} {zoneName(nowMs, facility.timezone)}
        </time>
        <span className="kpi-more">
          {isPast ? (
            "as it was known"
          ) : (
            <>
              board <Age atMs={loadedAt} staleAfterMs={45_000} />
            </>
          )}
        </span>
      </div>
      <div className="kpi">
        <span className="kpi-label">Here</span>
        <span className="kpi-value">{count(queue.present)}</span>
        <span className="kpi-more">parcels</span>
      </div>
      <div className="kpi">
        <span className="kpi-label">In sort</span>
        <span className="kpi-value">{count(queue.for_sort)}</span>
        <span className="kpi-more">
          {queue.oldest_at !== null && `oldest ${span(nowMs - Date.parse(queue.oldest_at))}`}
        </span>
      </div>
      <div className="kpi">
        <span className="kpi-label">To depart</span>
        <span className="kpi-value">{count(queue.for_departure)}</span>
        <span className="kpi-more">
          {queue.for_route + queue.for_partner > 0 && `${count(queue.for_route + queue.for_partner)} for the door`}
        </span>
      </div>
      <div className="kpi">
        <span className="kpi-label">Exceptions</span>
        <span className="kpi-value">
          <Link to={`/tower?facility=${encodeURIComponent(facility.facility_id)}`}>{count(facility.exceptions)}</Link>
        </span>
        <span className="kpi-more">open here</span>
      </div>
      <label className="board-hours">
        <span className="kpi-label">Hours ahead</span>
        <select value={hours} onChange={(event) => setQuery({ hours: event.target.value === "6" ? null : event.target.value })}>
          {HOURS.map((each) => (
            <option key={each} value={each}>
              {each} h
            </option>
          ))}
        </select>
      </label>
    </header>
  );
}

function Waves({ rows, zone }: { rows: readonly BoardWave[]; zone: string }) {
  useSeconds();
  const nowMs = shownNow();
  if (rows.length === 0) return null;
  return (
    <section className="board-waves" aria-label="Sort waves">
      {rows.map((row) => {
        const next = waveNext(row, nowMs);
        return (
          <div key={`${row.wave} ${row.inbound_cutoff_at}`} className="pane wave">
            <p>
              <strong>{words(row.wave)}</strong> <Marked {...waveOf(row)} />
            </p>
            {next !== null && (
              <p className="wave-count">
                {next.name} <strong>{countdown(Date.parse(next.at), nowMs)}</strong>{" "}
                <span className="faint">
                  at <Time at={next.at} zone={zone} withZone />
                </span>
              </p>
            )}
            <p className="faint">
              {row.state === "ended"
                ? row.left
                  ? `${count(row.left)} parcels left for the next wave`
                  : "everything sorted"
                : `${count(row.waiting)} waiting, sorts up to ${count(row.capacity_parcels)}`}
            </p>
          </div>
        );
      })}
    </section>
  );
}

function Arrivals({ rows, zone }: { rows: readonly Arrival[]; zone: string }) {
  useSeconds();
  const nowMs = shownNow();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">Arrives</th>
          <th scope="col">In</th>
          <th scope="col">State</th>
          <th scope="col">Parcels</th>
          <th scope="col">Cut-off it meets</th>
          <th scope="col">Vehicle</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.load_id} className={row.state === "arrived" ? "over" : ""}>
            <td>
              <strong>{row.from}</strong> <span className="faint">{row.load_id}</span>
            </td>
            <td>
              {(row.late_s ?? 0) >= 60 && (
                <s className="faint">
                  <Time at={row.arrives_at} zone={zone} />
                </s>
              )}{" "}
              <Time at={row.comes_at} zone={zone} />
            </td>
            <td className="number">
              {row.state === "arrived" || row.comes_at === null ? "–" : countdown(Date.parse(row.comes_at), nowMs)}
            </td>
            <td>
              <Marked {...arrivalOf(row)} />
            </td>
            <td className="number">{count(row.parcels)}</td>
            <td>
              <Time at={row.cutoff_at} zone={zone} />
            </td>
            <td>
              {row.vehicle_type} <span className="faint">{row.carrier_id}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
