import "../../../styles/plan-day.css";
import { type PointerEvent, useCallback, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { DayRoute, FacilityDay, PlanMetro, WeighedMove } from "../../../api/schema";
import { setQuery } from "../../../frame/address";
import { useKeys } from "../../../frame/keys";
import { count } from "../../../shown/numbers";
import { dayOf } from "../../../shown/times";
import { CsvButton } from "../../../ui/Saving";
import { saveText, svgText } from "../../../ui/save";
import { Side } from "../Side";
import { AskAnew, Searching } from "./Anew";
import { useAnew } from "./anew";
import { Compare } from "./Compare";
import { useDrag } from "./dragging";
import { useEditing } from "./editing";
import { Gantt } from "./Gantt";
import { type GanttRow, ganttRows } from "./ganttRows";
import { MovePanel } from "./MovePanel";
import { dayPath, useWeighed, verdict } from "./moving";
import { RouteSide } from "./RouteSide";

interface Props {
  metro: PlanMetro;
  day: FacilityDay;
  /** Whether who is signed in may change it. */
  mayChange: boolean;
  route: string | null;
  stops: ReadonlySet<string>;
  compare: string | null;
  onChanged: () => void;
}

/** The routes of a metro on a day: read, weighed, changed, locked, planned anew and compared. */
export function DayPane({ metro, day, mayChange, route: asked, stops, compare, onChanged }: Props) {
  const drawing = useRef<SVGSVGElement>(null);
  const [whole, setWhole] = useState(false);
  const [moving, setMoving] = useState<readonly string[] | null>(null);
  const [pointed, setPointed] = useState<string | null>(null);
  const changeable = mayChange && day.changeable;
  const editing = useEditing(day, onChanged);
  const anew = useAnew(day, onChanged);
  const rows = useMemo(() => ganttRows(day), [day]);
  const route = day.routes.find(({ route_id: id }) => id === asked);
  const name = `routes-${metro.facility_id}-${day.delivery_date}`;

  const { dragged, hold } = useDrag((taken, vehicle) => drop(taken, vehicle));
  const taken = dragged?.stops ?? moving;
  const over = dragged ? dragged.over : moving ? pointed : null;
  const weighed = useWeighed(day, taken);
  const move = over === null ? undefined : weighed.moves?.get(over);

  function drop(which: readonly string[], vehicle: string): void {
    const known = weighed.moves?.get(vehicle);
    // What is not weighed yet the server refuses by itself; what is known not to fit is not asked for.
    if (editing.busy || known?.fits === false) return;
    setMoving(null);
    void editing.move(which, vehicle);
  }
  const take = (event: PointerEvent, stop: string): void => hold(event, stops.has(stop) ? [...stops] : [stop]);
  const startMoving = useCallback((which: readonly string[]): void => {
    setPointed(null);
    setMoving(which);
  }, []);

  useKeys({
    ...(moving !== null ? { Escape: () => setMoving(null) } : {}),
    ...(changeable && stops.size > 0 && moving === null ? { m: () => startMoving([...stops]) } : {}),
  });

  function choose(row: GanttRow): void {
    setQuery({ route: row.route === asked ? null : row.route, stop: null }, { replace: true });
  }
  function pick(of: string | null, stop: string, more: boolean): void {
    const kept = more ? [...stops].filter((each) => each !== stop) : [];
    const now = stops.has(stop) && (more || stops.size === 1) ? kept : [...kept, stop];
    setQuery({ route: of, stop: now.join(",") }, { replace: true });
  }
  function savePicture(): void {
    flushSync(() => setWhole(true));
    if (drawing.current) saveText(`${name}.svg`, "image/svg+xml", svgText(drawing.current));
    setWhole(false);
  }
  const label = (vehicle: string): string => rows.find((row) => row.vehicle === vehicle)?.label ?? vehicle;
  if (compare !== null) {
    return (
      <div className="below-main">
        <Compare day={day} against={compare} onUndo={changeable ? (edit) => void editing.undo(edit) : null} />
        {editing.error && <Refusal said={editing.error.detail} onClose={editing.forget} />}
      </div>
    );
  }
  return (
    <div className="below">
      <div className="below-main">
        <div className="table-tools day-tools">
          <h2>{metro.name}</h2>
          {metro.delivery_dates.map((each) => (
            <button
              key={each}
              type="button"
              className="chip"
              aria-pressed={each === day.delivery_date}
              onClick={() => setQuery({ day: each, route: null, stop: null }, { replace: true })}
            >
              {dayOf(Date.parse(`${each}T12:00:00Z`), "UTC")}
            </button>
          ))}
          <Legend />
          <span className="grow" />
          {changeable && <AskAnew routes={day.routes} anew={anew} />}
          <button type="button" className="quiet" onClick={() => setQuery({ compare: "made" })}>
            Compare
          </button>
          <Exports day={day} />
          <button type="button" className="quiet save" title={`Save ${name}.svg`} onClick={savePicture}>
            SVG
          </button>
          <CsvButton name={name} columns={TOURS} rows={day.routes} />
        </div>
        {changeable && <Searching anew={anew} />}
        {editing.error && <Refusal said={editing.error.detail} onClose={editing.forget} />}
        <Gantt
          label={`Routes of ${metro.name}`}
          rows={rows}
          zone={day.timezone}
          chosen={route?.vehicle_id ?? null}
          stops={stops}
          moving={taken === null ? null : { stops: taken, over, weighed: weighed.moves }}
          whole={whole}
          drawing={drawing}
          said={taken === null ? null : <Told move={move} over={over === null ? null : label(over)} stops={taken.length} zone={day.timezone} />}
          hint={hint(changeable)}
          onChoose={choose}
          onStop={(row, stop, more) => pick(row.route, stop, more)}
          onTake={changeable ? (event, _, stop) => take(event, stop) : null}
          onMove={(row, stop) => {
            const which = stops.size > 0 ? [...stops] : stop === null ? [] : [stop];
            if (!changeable || which.length === 0) return;
            if (stops.size === 0) setQuery({ route: row.route, stop }, { replace: true });
            startMoving(which);
          }}
          onLock={(row) => {
            if (changeable && row.route !== null) void editing.lock({ vehicle_ids: [row.vehicle] }, !row.locked);
          }}
        />
      </div>
      <Side label="The chosen route">
        {moving !== null ? (
          <MovePanel
            stops={moving.length}
            weighed={weighed}
            over={pointed}
            zone={day.timezone}
            busy={editing.busy}
            onOver={setPointed}
            onDrop={(vehicle) => drop(moving, vehicle)}
            onCancel={() => setMoving(null)}
          />
        ) : route ? (
          <RouteSide
            route={route}
            zone={day.timezone}
            stops={stops}
            changeable={changeable}
            onStop={(stop) => pick(route.route_id, stop, true)}
            onTake={changeable ? take : null}
            onMove={() => startMoving(route.visits.map(({ stop_id: id }) => id).filter((id) => stops.has(id)))}
            onLock={(locked) => void editing.lock({ vehicle_ids: [route.vehicle_id] }, locked)}
            onLockStops={(locked) => void editing.lock({ parcel_ids: [...stops] }, locked)}
          />
        ) : (
          <p className="faint">Choose a route: its stops come here, and it stands out on the map.</p>
        )}
      </Side>
      {dragged && (
        <div className="drag-ghost" style={{ left: dragged.x + 14, top: dragged.y + 16 }} aria-hidden="true">
          <Told move={move} over={over === null ? null : label(over)} stops={dragged.stops.length} zone={day.timezone} />
        </div>
      )}
    </div>
  );
}

function hint(changeable: boolean): string {
  const keys = "↑ ↓ go through the routes, ← → through a route; Enter shows it on the map";
  return changeable ? `Drag a stop to another route. ${keys}, Space picks a stop, m moves it, l locks the route.` : `${keys}.`;
}

interface ToldProps {
  move: WeighedMove | undefined;
  over: string | null;
  stops: number;
  zone: string;
}

/** What dropping stops here would come to, before they are dropped. */
function Told({ move, over, stops, zone }: ToldProps) {
  const what = `${count(stops)} ${stops === 1 ? "stop" : "stops"}`;
  if (over === null) return <span>{what}: point at a route to weigh it</span>;
  if (!move) return <span>{what} to {over}: weighing…</span>;
  if (move.refusals[0]?.limit === "same") return <span>{what}: {over} has it now</span>;
  return (
    <span className={move.fits ? "told-fits" : "told-barred"}>
      <strong>
        {move.fits ? "✓" : "✕"} {over}
      </strong>{" "}
      {verdict(move, zone)}
    </span>
  );
}

function Refusal({ said, onClose }: { said: string; onClose: () => void }) {
  return (
    <p className="mark high day-refusal" role="alert">
      <span aria-hidden="true">◆</span> {said}{" "}
      <button type="button" className="quiet" onClick={onClose}>
        Close
      </button>
    </p>
  );
}

function Exports({ day }: { day: FacilityDay }) {
  const path = `${dayPath(day)}/export?format=`;
  return (
    <span className="exports">
      <a href={`${path}csv`} download title="Every stop as a table">
        Stops
      </a>
      <a href={`${path}geojson`} download title="Routes and stops for a map">
        GeoJSON
      </a>
      <a href={`${path}pdf`} download title="What each driver takes along">
        Manifests
      </a>
    </span>
  );
}

function Legend() {
  return (
    <span className="gantt-legend faint">
      <span className="key drive">drive</span>
      <span className="key service">service</span>
      <span className="key break">break</span>
      <span className="key wait">wait</span>
      <span className="key slack">slack</span>
      <span className="key window">window</span>
      <span className="key limit">must be back</span>
    </span>
  );
}

const TOURS = (
  [
    "route_id", "vehicle_id", "vehicle_type", "driver_id", "carrier_id", "departs_at", "returns_at", "must_return_at",
    "slack_s", "stops", "parcels", "late_stops", "volume_m3", "fill", "distance_m", "paid_s", "cost_usd",
  ] as const
).map((name) => ({ label: name, cell: (tour: DayRoute) => tour[name] }));
