import { useRef } from "react";
import { get, inPath } from "../../api/client";
import type { LaneDeparture, LaneDepartures, PlanLane, PlanMetro } from "../../api/schema";
import { setQuery } from "../../frame/address";
import { useLoaded } from "../../live/loaded";
import { cents, count, decimal, share } from "../../shown/numbers";
import { clockTime, utc } from "../../shown/times";
import { words } from "../../shown/words";
import { Empty, Failure, Skeleton, StaleNote } from "../../ui/faces";
import { CsvButton, SvgButton } from "../../ui/Saving";
import { TimeRows } from "../../ui/TimeRows";
import { departureRow } from "./parts";
import type { Ends } from "./planScene";
import { Side } from "./Side";
import { kindWords, modeWords } from "./words";

interface Props {
  plan: string;
  ends: Ends;
  lane: PlanLane | undefined;
  metro: PlanMetro | undefined;
  chosen: string | null;
}

const MOST = 200;

/** The departures of a lane in time and space, and why the chosen one is as it is. */
export function Departures({ plan, ends, lane, metro, chosen }: Props) {
  const drawing = useRef<SVGSVGElement>(null);
  const asked = new URLSearchParams({ ...ends, limit: String(MOST) }).toString();
  const { data, error, retry } = useLoaded<LaneDepartures>(`departures ${plan} ${asked}`, (signal) =>
    get(`/v1/plans/${inPath(plan)}/departures?${asked}`, signal),
  );
  const zone = metro?.timezone ?? undefined;
  const name = `departures-${ends.from}-${ends.to}`;
  if (data === null) {
    return error ? <Failure error={error} retry={retry} /> : <Skeleton rows={4} label="the departures" />;
  }
  if (data.items.length === 0) {
    return (
      <Empty title={`No load runs from ${ends.from} to ${ends.to}`}>
        Parcels between them go through other places, or a partner takes them from where they start.
      </Empty>
    );
  }
  const load = data.items.find(({ load_id: id }) => id === chosen) ?? data.items[0];
  return (
    <div className="below">
      <div className="below-main">
        <div className="table-tools">
          <h2>
            {ends.from} to {ends.to}
          </h2>
          <span className="faint">
            {count(data.items.length)} departures, times of {metro?.name ?? ends.to}; bars are filled as the loads
            are, dashes are cut-offs, the red edge is the one to make
          </span>
          <span className="grow" />
          <SvgButton name={name} drawing={drawing} />
          <CsvButton name={name} columns={COLUMNS} rows={data.items} />
        </div>
        {error && <StaleNote error={error} retry={retry} />}
        <TimeRows
          label={`Departures from ${ends.from} to ${ends.to}`}
          rows={data.items.map((each) => departureRow(each, zone))}
          zone={zone}
          marks={data.cutoffs.map((at) => ({ atMs: Date.parse(at), name: `cut-off at ${ends.to}: ${utc(Date.parse(at))}` }))}
          chosen={load?.load_id ?? null}
          onChoose={(id) => setQuery({ load: id }, { replace: true })}
          drawing={drawing}
          hint="Point at a departure, or go to it with Tab; Enter shows why it is so."
        />
        {data.next_cursor !== null && <p className="faint cut">The first {MOST} departures are shown.</p>}
      </div>
      {load && <Reasons load={load} lane={lane} zone={zone} />}
    </div>
  );
}

function Reasons({ load, lane, zone }: { load: LaneDeparture; lane: PlanLane | undefined; zone: string | undefined }) {
  const facts: readonly (readonly [string, string])[] = [
    ["Leaves", clockTime(Date.parse(load.departs_at), 0, zone)],
    ["Lands", clockTime(Date.parse(load.arrives_at), 0, zone)],
    ["How", `${kindWords(load.kind)} · ${load.step ?? load.vehicle_type ?? "–"} · ${modeWords(load.driver_mode)}`],
    ["Carrier", load.carrier_id ?? "own"],
    ["Drivers", driversOf(load.driver_ids)],
    ["Parcels", `${count(load.parcels)}, ${decimal(load.volume_m3)} m³, ${share(load.cube_share)} full`],
    ["Transit", `${decimal(load.transit_h_p50)} h, 9 in 10 by ${decimal(load.transit_h_p90)} h`],
    ["Cost", `${cents(load.cost_usd)}, ${cents(load.parcels ? load.cost_usd / load.parcels : null)} a parcel`],
  ];
  return (
    <Side label="Why it is so">
      <h2>{load.load_id}</h2>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {load.decisions.map((decision) => (
        <section key={decision.question}>
          <h3>{words(decision.question)}</h3>
          <p>
            <strong>{decision.chosen}</strong> {decision.reason}
          </p>
          {decision.alternatives.length > 0 && (
            <ul className="beaten">
              {decision.alternatives.map((each) => (
                <li key={`${each.option} ${each.service}`}>
                  {each.option} <span className="faint">{cents(each.cost_usd)} · {each.why_not}</span>
                </li>
              ))}
            </ul>
          )}
        </section>
      ))}
      {lane?.reason && (
        <section>
          <h3>Why parcels take this lane</h3>
          <p>
            <strong>{lane.path}</strong> {lane.reason}
          </p>
        </section>
      )}
    </Side>
  );
}

function driversOf(ids: string | null): string {
  if (!ids) return "–";
  const all = ids.split(";");
  return all.length > 3 ? `${all.slice(0, 2).join(", ")} and ${all.length - 2} more` : all.join(", ");
}

const COLUMNS = (
  [
    "load_id", "kind", "step", "vehicle_type", "units", "driver_mode", "driver_ids", "carrier_id", "departs_at",
    "arrives_at", "cutoff_at", "parcels", "volume_m3", "weight_kg", "cube_share", "weight_share", "miles",
    "cost_usd", "transit_h_p50", "transit_h_p90",
  ] as const
).map((name) => ({ label: name, cell: (load: LaneDeparture) => load[name] }));
