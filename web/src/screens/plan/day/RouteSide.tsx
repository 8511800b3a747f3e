import { type PointerEvent, type ReactNode } from "react";
import { inPath } from "../../../api/client";
import type { DayRoute, DayStop } from "../../../api/schema";
import { useStore } from "../../../live/store";
import { cents, count, decimal, share } from "../../../shown/numbers";
import { span, timeOfDay } from "../../../shown/times";
import { distance, type Units, units } from "../../../shown/units";
import { Link } from "../../../ui/Link";
import { CsvButton } from "../../../ui/Saving";
import { slackWords } from "./ganttRows";

interface Props {
  route: DayRoute;
  zone: string;
  stops: ReadonlySet<string>;
  changeable: boolean;
  onStop: (stop: string) => void;
  onTake: ((event: PointerEvent, stop: string) => void) | null;
  onMove: () => void;
  onLock: (locked: boolean) => void;
  onLockStops: (locked: boolean) => void;
}

/** A route: who drives, what it costs and why, its stops; from here they are moved and locked. */
export function RouteSide({ route, zone, stops, changeable, onStop, onTake, onMove, onLock, onLockStops }: Props) {
  const shownUnits = useStore(units);
  const picked = route.visits.filter(({ stop_id: id }) => stops.has(id));
  const allHeld = picked.length > 0 && picked.every(({ locked }) => locked);
  return (
    <>
      <h2>
        {route.route_id} {route.locked && <span className="mark low">■ locked</span>}
      </h2>
      {changeable && (
        <p className="acts route-acts">
          <button type="button" disabled={picked.length === 0 || route.locked || allHeld} onClick={onMove}>
            Move {picked.length > 0 ? count(picked.length) : ""} to… <kbd>m</kbd>
          </button>
          <button type="button" aria-pressed={route.locked} onClick={() => onLock(!route.locked)}>
            {route.locked ? "Free the route" : "Lock the route"} <kbd>l</kbd>
          </button>
          {picked.length > 0 && !route.locked && (
            <button type="button" onClick={() => onLockStops(!allHeld)}>
              {allHeld ? "Free" : "Lock"} {picked.length === 1 ? "the stop" : "the stops"}
            </button>
          )}
        </p>
      )}
      <dl className="facts">
        {facts(route, shownUnits).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h3>
        Stops <CsvButton name={`stops-${route.route_id}`} columns={STOPS} rows={route.visits} />
      </h3>
      <ol className="stops">
        {route.visits.map((visit) => (
          <Stop key={visit.stop_id} visit={visit} zone={zone} picked={stops.has(visit.stop_id)} onStop={onStop} onTake={route.locked || visit.locked ? null : onTake}>
            <span className="faint">{distance(visit.distance_m, shownUnits)}</span>
          </Stop>
        ))}
      </ol>
      {route.reason && (
        <>
          <h3>Why these stops ride together</h3>
          <p>{route.reason}</p>
        </>
      )}
    </>
  );
}

interface StopProps {
  visit: DayStop;
  zone: string;
  picked: boolean;
  onStop: (stop: string) => void;
  onTake: Props["onTake"];
  children: ReactNode;
}

function Stop({ visit, zone, picked, onStop, onTake, children }: StopProps) {
  const at = timeOfDay(Date.parse(visit.arrives_at), zone);
  return (
    <li className={picked ? "picked" : undefined}>
      <button
        type="button"
        className={onTake ? "quiet stop-pick grabbable" : "quiet stop-pick"}
        aria-pressed={picked}
        title={windowWords(visit, zone)}
        onClick={() => onStop(visit.stop_id)}
        onPointerDown={(event) => {
          if (event.button === 0) onTake?.(event, visit.stop_id);
        }}
      >
        <span className="faint">{visit.sequence}</span> {at}
        <span className="hidden"> stop {visit.stop_id}</span>
        {visit.late && <span className="mark medium"> ▲ late</span>}
        {visit.locked && <span className="mark low"> ■ locked</span>}
      </button>
      <span>
        {visit.parcel_ids.map((id) => (
          <Link key={id} to={`/parcel/${inPath(id)}`}>
            {id}
          </Link>
        ))}
      </span>
      {children}
    </li>
  );
}

function windowWords({ opens_at: opens, closes_at: closes, due_at: due }: DayStop, zone: string): string {
  const said = (at: string | null): string => (at === null ? "" : timeOfDay(Date.parse(at), zone));
  if (opens || closes) return `window ${said(opens) || "any time"} to ${said(closes) || "the end of the day"}`;
  return due ? `due by ${said(due)}` : "any time of the day";
}

function facts(route: DayRoute, shown: Units): readonly (readonly [string, string])[] {
  const outS = (Date.parse(route.returns_at) - Date.parse(route.departs_at)) / 1_000;
  return [
    ["Vehicle", `${route.vehicle_id} (${route.vehicle_type ?? "–"})`],
    ["Driver", route.driver_id ?? "–"],
    ["Carrier", `${route.carrier_id ?? "–"} (${route.mode})`],
    ["Stops", `${count(route.stops)}, ${count(route.parcels)} parcels`],
    ["Distance", distance(route.distance_m, shown)],
    ["Paid", span(route.paid_s * 1_000)],
    ["Stops an hour", outS > 0 ? decimal((route.stops * 3_600) / outS) : "–"],
    ["Fill", share(route.fill)],
    ["Slack", `${slackWords(route.slack_s)} to its ${route.limit === "shift" ? "shift's end" : "longest duty"}`],
    ["Hours of service", route.hos_ruleset ?? "does not apply"],
    ["Cost", `${cents(route.cost_usd)}, ${cents(route.parcels ? route.cost_usd / route.parcels : null)} a parcel`],
    ["Of it", costWords(route.costs)],
  ];
}

const COSTS = {
  fixed_usd: "day", distance_usd: "distance", time_usd: "hours", stops_usd: "stops", parcels_usd: "parcels", fuel_usd: "fuel",
} as const;

function costWords(costs: DayRoute["costs"]): string {
  const kinds = Object.keys(COSTS) as (keyof typeof COSTS)[];
  return kinds
    .filter((kind) => Math.abs(costs[kind]) >= 0.005)
    .map((kind) => `${COSTS[kind]} ${cents(costs[kind])}`)
    .join(", ");
}

const STOPS = [
  { label: "sequence", cell: (visit: DayStop) => visit.sequence },
  { label: "arrives_at", cell: (visit: DayStop) => visit.arrives_at },
  { label: "departs_at", cell: (visit: DayStop) => visit.departs_at },
  { label: "parcels", cell: (visit: DayStop) => visit.parcel_ids.join(";") },
  { label: "distance_m", cell: (visit: DayStop) => visit.distance_m },
  { label: "latitude", cell: (visit: DayStop) => visit.latitude },
  { label: "longitude", cell: (visit: DayStop) => visit.longitude },
];
