import { Fragment } from "react";
import type { Departure } from "../../api/schema";
import { useSeconds } from "../../live/clock";
import { shownNow } from "../../past/past";
import { count, share, UNKNOWN } from "../../shown/numbers";
import { span } from "../../shown/times";
import { words } from "../../shown/words";
import { Link } from "../../ui/Link";
import { Time } from "../../ui/Time";
import { adviceOf, countdown, type Deed, isWaiting, type Mark, shortest, stateOf } from "./board";
import { RowCommand } from "./RowCommand";

export type Opened = Deed | "details" | null;

interface Props {
  rows: readonly Departure[];
  zone: string;
  selected: string | null;
  opened: Opened;
  mayAct: boolean;
  onSelect: (row: Departure) => void;
  onOpen: (row: Departure, opened: Opened) => void;
  onDone: () => void;
}

const COLUMNS = 11;

/** What leaves, in the order in which it does. */
export function Departures(props: Props) {
  useSeconds();
  return (
    <table className="departures">
      <thead>
        <tr>
          <th scope="col">Door</th>
          <th scope="col">To</th>
          <th scope="col">Departs</th>
          <th scope="col">In</th>
          <th scope="col">State</th>
          <th scope="col" className="less">
            Vehicle
          </th>
          <th scope="col">Fill, of plan</th>
          <th scope="col" className="less">
            Not ready
          </th>
          <th scope="col">Driver</th>
          <th scope="col">Advice</th>
          <th scope="col">
            <span className="hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <Row key={row.load_id} row={row} {...props} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ row, zone, selected, opened, mayAct, onSelect, onOpen, onDone }: Props & { row: Departure }) {
  const nowMs = shownNow();
  const isSelected = row.load_id === selected;
  const over = !isWaiting(row);
  const advice = adviceOf(row);
  const open = isSelected ? opened : null;
  const flip = (wanted: Opened): void => onOpen(row, open === wanted ? null : wanted);
  return (
    <Fragment>
      <tr
        id={`load-${row.load_id}`}
        className={over ? "over" : ""}
        aria-current={isSelected ? "true" : undefined}
        onClick={() => onSelect(row)}
      >
        <td className="door">{row.door}</td>
        <td>
          <strong>{row.to}</strong>
          <span className="under">{row.load_id}</span>
        </td>
        <td>
          <Departs row={row} zone={zone} />
        </td>
        <td className="number">{over ? UNKNOWN : countdown(Date.parse(row.leaves_at), nowMs)}</td>
        <td>
          <Marked {...stateOf(row, nowMs)} />
          {row.added && <span className="under">bought beyond the plan</span>}
        </td>
        <td className="less">
          {row.vehicle_type ?? UNKNOWN}
          {(row.units ?? 1) > 1 && ` × ${count(row.units)}`}
          <span className="under">{row.carrier_id}</span>
        </td>
        <td>
          <Fill row={row} />
        </td>
        <td className="less">
          <NotReady row={row} />
        </td>
        <td>
          <Driver row={row} />
        </td>
        <td className="advice">
          <Marked {...advice} />
          <span className="under reason">{row.advice.reason}</span>
        </td>
        <td className="row-acts">
          {mayAct && !over && (
            <>
              {row.state === "held" && (
                <button type="button" aria-expanded={open === "go"} onClick={() => flip("go")}>
                  Go
                </button>
              )}
              <button type="button" aria-expanded={open === "hold"} onClick={() => flip("hold")}>
                Hold
              </button>
              <button type="button" aria-expanded={open === "cancel"} onClick={() => flip("cancel")}>
                Cancel
              </button>
            </>
          )}
        </td>
      </tr>
      {open !== null && (
        <tr className="opened">
          <td colSpan={COLUMNS}>
            {open === "details" ? (
              <Details row={row} zone={zone} />
            ) : (
              <RowCommand
                key={open}
                row={row}
                deed={open}
                zone={zone}
                onDone={onDone}
                onClose={() => onOpen(row, null)}
              />
            )}
          </td>
        </tr>
      )}
    </Fragment>
  );
}

export function Marked({ tone, mark, text }: Mark) {
  return (
    <span className={`mark ${tone}`}>
      <span aria-hidden="true">{mark}</span> {text}
    </span>
  );
}

function Departs({ row, zone }: { row: Departure; zone: string }) {
  if (row.leaves_at === row.departs_at || row.state === "cancelled") return <Time at={row.departs_at} zone={zone} />;
  return (
    <>
      <s className="faint">
        <Time at={row.departs_at} zone={zone} />
      </s>{" "}
      <Time at={row.leaves_at} zone={zone} />
    </>
  );
}

/** What is at the dock or on it, against what the plan puts on it. */
function Fill({ row }: { row: Departure }) {
  const now = row.now_share;
  const planned = row.planned_share;
  if (row.planned === 0 || planned === null) return <span className="faint">{row.planned === 0 ? "empty" : UNKNOWN}</span>;
  const said = `${count(row.loaded + row.ready)} of ${count(row.planned)} parcels, ${share(now)} of the space; planned ${share(planned)}`;
  return (
    <span className="fill" title={said}>
      <span className="fill-bar" aria-hidden="true">
        <span className="fill-now" style={{ width: `${Math.min(1, now ?? 0) * 100}%` }} />
        <span className="fill-plan" style={{ left: `${Math.min(1, planned) * 100}%` }} />
      </span>
      <span>
        {Math.round((now ?? 0) * 100)}
        <span className="faint"> / {Math.round(planned * 100)} %</span>
      </span>
      <span className="hidden">{said}</span>
    </span>
  );
}

function NotReady({ row }: { row: Departure }) {
  const parts = [
    [row.in_sort, "in sort"],
    [row.to_come, "to come"],
    [row.stopped, "stopped"],
  ].filter(([many]) => many);
  if (row.planned === 0 || row.state === "cancelled") return <span className="faint">{UNKNOWN}</span>;
  if (parts.length === 0) return <span className="mark done">✓ all ready</span>;
  return parts.map(([many, name]) => (
    <span key={name} className="part">
      {count(many as number)} {name}
    </span>
  ));
}

function Driver({ row }: { row: Departure }) {
  const driver = shortest(row);
  if (driver === null) return <span className="faint">{row.carrier_id === "own" ? UNKNOWN : "carrier's"}</span>;
  const { driver_id: id, driving_left_h: left, to_drive_h: drives } = driver;
  const short = left !== null && drives !== null && left < drives && isWaiting(row);
  return (
    <>
      {id}
      {row.drivers.length > 1 && <span className="faint"> +{row.drivers.length - 1}</span>}
      {left === null ? (
        <span className="under">hours {UNKNOWN}</span>
      ) : (
        <span className={short ? "under mark critical" : "under"}>
          {short && <span aria-hidden="true">● </span>}
          {left.toFixed(1)} h left{short && `, needs ${drives.toFixed(1)}`}
        </span>
      )}
    </>
  );
}

function Details({ row, zone }: { row: Departure; zone: string }) {
  const facts: [string, React.ReactNode][] = [
    ["Load", `${row.load_id}, ${words(row.kind ?? "")}`],
    ["Parcels planned", count(row.planned)],
    ["On it", count(row.loaded)],
    ["Ready", count(row.ready)],
    ["In sort", count(row.in_sort)],
    ["To come", count(row.to_come)],
    ["Stopped", count(row.stopped)],
    ["On another way", count(row.gone)],
    ["Volume", `${row.now_m3?.toFixed(1) ?? UNKNOWN} of ${row.planned_m3?.toFixed(1) ?? UNKNOWN} m³ planned, ${row.space_m3?.toFixed(1) ?? UNKNOWN} m³ of space`],
    ["Carrier", `${row.carrier_id ?? UNKNOWN}, ${row.vehicle_type ?? UNKNOWN}, ${row.driver_mode ?? UNKNOWN}`],
    ["Held until", row.held_until && <Time key="held" at={row.held_until} zone={zone} withZone withRelative />],
    ["Arrives", <Time key="comes" at={row.comes_at} withZone withRelative />],
    [
      "Cut-off there",
      row.cutoff_at && (
        <>
          <Time at={row.cutoff_at} withZone withRelative />{" "}
          {row.slack_s !== null && (
            <Marked
              {...(row.slack_s < 0
                ? { tone: "high", mark: "◆", text: `missed by ${span(-row.slack_s * 1_000)}` }
                : { tone: "done", mark: "✓", text: `${span(row.slack_s * 1_000)} to spare` })}
            />
          )}
        </>
      ),
    ],
    ...row.drivers.map((driver): [string, React.ReactNode] => [
      `Driver ${driver.driver_id}`,
      driver.driving_left_h === null
        ? "nothing is known of the day"
        : `${driver.driving_left_h.toFixed(1)} h left to drive by the rules, ${(driver.drive_now_h ?? 0).toFixed(1)} h before a break${driver.to_drive_h === null ? "" : `; ${driver.to_drive_h.toFixed(1)} h to drive`}`,
    ]),
    ["Door", `${row.door}, assigned by the tower: the building may do otherwise`],
    ["Advice", row.advice.reason],
  ];
  return (
    <div className="load-details">
      <dl className="facts">
        {facts
          .filter(([, value]) => value !== null && value !== "")
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      <Link to={`/tower?q=${encodeURIComponent(row.load_id)}`}>Exceptions of {row.load_id}</Link>
    </div>
  );
}
