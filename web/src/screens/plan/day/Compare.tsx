import { type ReactNode } from "react";
import { get, inPath } from "../../../api/client";
import type { ChangedParcel, ChangedRoute, DayComparison, EditPage, FacilityDay, PlanPage } from "../../../api/schema";
import { setQuery } from "../../../frame/address";
import { useLoaded } from "../../../live/loaded";
import { useStore } from "../../../live/store";
import { cents, count, decimal } from "../../../shown/numbers";
import { timeOfDay } from "../../../shown/times";
import { distance, units } from "../../../shown/units";
import { Empty, Failure, Skeleton } from "../../../ui/faces";
import { Link } from "../../../ui/Link";
import { CsvButton } from "../../../ui/Saving";
import { Time } from "../../../ui/Time";
import { shortVehicle } from "./ganttRows";
import { costChange, dayPath } from "./moving";

interface Props {
  day: FacilityDay;
  /** "made", "edit:3" or "plan:ID". */
  against: string;
  onUndo: ((edit: number) => void) | null;
}

/** Two plans of a facility-day side by side, or two editions of one: differences only. */
export function Compare({ day, against, onUndo }: Props) {
  const path = dayPath(day);
  const asked = questionOf(against);
  const { data, error, retry } = useLoaded<DayComparison>(`changes ${path} ${day.version} ${asked}`, (signal) =>
    get(`${path}/changes?${asked}`, signal),
  );
  const edits = useLoaded<EditPage>(`edits ${path} ${day.version}`, (signal) =>
    get(
      `/v1/plans/${inPath(day.plan_id)}/edits?facility_id=${encodeURIComponent(day.facility_id)}&delivery_date=${day.delivery_date}&limit=200`,
      signal,
    ),
  );
  const plans = useLoaded<PlanPage>("plans to compare with", (signal) => get("/v1/plans?limit=50", signal));
  const others = (plans.data?.items ?? []).filter(
    ({ plan_id: id, state }) => id !== day.plan_id && (state === "draft" || state === "released"),
  );
  const history = edits.data?.items ?? [];
  return (
    <div className="compare">
      <div className="table-tools">
        <label>
          Compared with{" "}
          <select value={against} onChange={(event) => setQuery({ compare: event.target.value }, { replace: true })}>
            <option value="made">this plan as it was made</option>
            {history.map(({ number }) => (
              <option key={number} value={`edit:${number}`}>
                this plan after edit {number}
              </option>
            ))}
            {others.map(({ plan_id: id }) => (
              <option key={id} value={`plan:${id}`}>
                {id}
              </option>
            ))}
          </select>
        </label>
        <span className="grow" />
        {data && <CsvButton name={`changes-${day.facility_id}-${day.delivery_date}`} columns={PARCELS} rows={data.parcels} />}
        <button type="button" className="quiet" onClick={() => setQuery({ compare: null })}>
          Back to the routes
        </button>
      </div>
      {data === null ? (
        error ? (
          <Failure error={error} retry={retry} />
        ) : (
          <Skeleton rows={5} label="the differences" />
        )
      ) : data.routes.length === 0 && data.parcels_changed === 0 ? (
        <Empty title="Nothing differs">Routes, times and costs of this day are the same in both.</Empty>
      ) : (
        <div className="compare-panes">
          <Totals found={data} />
          <ChangedRoutes rows={data.routes} zone={day.timezone} />
          <ChangedParcels rows={data.parcels} all={data.parcels_changed} zone={day.timezone} />
        </div>
      )}
      {history.length > 0 && <History history={history} onUndo={onUndo} />}
    </div>
  );
}

function questionOf(against: string): string {
  const [kind, which] = [against.split(":")[0], against.slice(against.indexOf(":") + 1)];
  if (kind === "plan") return new URLSearchParams({ against: which }).toString();
  return new URLSearchParams({ at: kind === "edit" ? which : "0" }).toString();
}

const NAMES: Readonly<Record<string, string>> = {
  routes: "Routes", stops: "Stops", parcels: "Parcels", distance_m: "Distance", paid_s: "Paid time", cost_usd: "Cost",
  fixed_usd: "of it by the day", distance_usd: "of it by distance", time_usd: "of it by the hour", stops_usd: "of it by the stop",
  parcels_usd: "of it by the parcel", fuel_usd: "of it fuel", late_parcels: "Late parcels",
};
const LEAST = 0.005;

function Totals({ found }: { found: DayComparison }) {
  const shownUnits = useStore(units);
  const say = (name: string, value: number): string => {
    if (name.endsWith("_usd")) return cents(value);
    if (name === "distance_m") return distance(value, shownUnits);
    return name === "paid_s" ? `${decimal(value / 3_600)} h` : count(value);
  };
  const differ = found.totals.filter(({ was, now }) => Math.abs(now - was) >= LEAST);
  return (
    <Table caption="Totals" heads={["", "Was", "Now", "Change"]} numeric={3}>
      {differ.map(({ name, was, now }) => (
        <tr key={name}>
          <th scope="row">{NAMES[name] ?? name}</th>
          <td className="numeric">{say(name, was)}</td>
          <td className="numeric">{say(name, now)}</td>
          <td className={`numeric ${now > was ? "worse" : "better"}`}>
            {name.endsWith("_usd") ? costChange(now - was) : `${now > was ? "+" : "−"}${say(name, Math.abs(now - was))}`}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function ChangedRoutes({ rows, zone }: { rows: readonly ChangedRoute[]; zone: string }) {
  const back = (at: string | null): string => (at === null ? "stays in" : `back ${timeOfDay(Date.parse(at), zone)}`);
  return (
    <Table caption={`Routes that differ: ${count(rows.length)}`} heads={["Vehicle", "Was", "Now", "Cost"]} numeric={1}>
      {rows.map((row) => (
        <tr key={row.vehicle_id}>
          <th scope="row">
            <button type="button" className="quiet row-choice" onClick={() => setQuery({ route: row.now_route_id, compare: null })}>
              {shortVehicle(row.vehicle_id)}
            </button>
          </th>
          <td>{row.was_stops === null ? back(null) : `${count(row.was_stops)} stops, ${back(row.was_returns_at)}`}</td>
          <td>{row.now_stops === null ? back(null) : `${count(row.now_stops)} stops, ${back(row.now_returns_at)}`}</td>
          <td className="numeric">{costChange(row.difference_usd)}</td>
        </tr>
      ))}
    </Table>
  );
}

const SHOWN = 200;

function ChangedParcels({ rows, all, zone }: { rows: readonly ChangedParcel[]; all: number; zone: string }) {
  const side = (vehicle: string | null, at: string | null, late: boolean | null): ReactNode =>
    vehicle === null ? (
      "–"
    ) : (
      <>
        {shortVehicle(vehicle)} {at === null ? "" : timeOfDay(Date.parse(at), zone)}
        {late && <span className="mark medium"> ▲ late</span>}
      </>
    );
  return (
    <Table caption={`Parcels that differ: ${count(all)}`} heads={["Parcel", "What", "Was", "Now"]} numeric={0}>
      {rows.slice(0, SHOWN).map((row) => (
        <tr key={row.order_id}>
          <th scope="row">
            <Link to={`/parcel/${inPath(row.parcel_id)}`}>{row.parcel_id}</Link>
          </th>
          <td>{row.what}</td>
          <td>{side(row.was_vehicle_id, row.was_arrives_at, row.was_late)}</td>
          <td>{side(row.now_vehicle_id, row.now_arrives_at, row.now_late)}</td>
        </tr>
      ))}
      {all > SHOWN && (
        <tr>
          <td colSpan={4} className="faint">
            The first {count(Math.min(rows.length, SHOWN))} are shown; the table that is saved has {count(rows.length)}.
          </td>
        </tr>
      )}
    </Table>
  );
}

const KINDS: Readonly<Record<string, string>> = {
  move: "moved stops", optimise: "planned anew", undo: "took back an edit", lock: "locked", unlock: "freed",
};

function History({ history, onUndo }: { history: EditPage["items"]; onUndo: Props["onUndo"] }) {
  return (
    <Table caption="What was changed, the newest first" heads={["Edit", "What", "Cost", "By", "When", ""]} numeric={0}>
      {history.map((edit) => (
        <tr key={edit.number}>
          <th scope="row">{edit.number}</th>
          <td>{KINDS[edit.kind] ?? edit.kind}</td>
          <td className="numeric">{edit.cost_usd === null ? "–" : costChange(edit.cost_usd)}</td>
          <td>{edit.made_by.replace(":", " ")}</td>
          <td>
            <Time at={edit.made_at} withZone />
          </td>
          <td>
            {onUndo && (
              <button type="button" className="quiet" onClick={() => onUndo(edit.number)}>
                Take back<span className="hidden"> edit {edit.number}</span>
              </button>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

interface TableProps {
  caption: string;
  heads: readonly string[];
  /** How many of the last columns are numbers. */
  numeric: number;
  children: ReactNode;
}

function Table({ caption, heads, numeric, children }: TableProps) {
  return (
    <table className="compare-table">
      <caption>{caption}</caption>
      <thead>
        <tr>
          {heads.map((head, place) =>
            head === "" ? (
              <td key={place} />
            ) : (
              <th key={head} scope="col" className={place >= heads.length - numeric ? "numeric" : undefined}>
                {head}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

const PARCELS = (
  [
    "parcel_id", "order_id", "what", "was_vehicle_id", "was_arrives_at", "was_late", "now_vehicle_id", "now_arrives_at",
    "now_late",
  ] as const
).map((name) => ({
  label: name,
  cell: (row: ChangedParcel) => {
    const value = row[name];
    return typeof value === "boolean" ? String(value) : value;
  },
}));
