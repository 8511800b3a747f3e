import "../../styles/data.css";
import "../../styles/plan.css";
import { useCallback, useMemo, useRef, useState } from "react";
import { get, inPath } from "../../api/client";
import { type Every, getEvery } from "../../api/pages";
import type { EditPage, FacilityDay, Me, PlanAnswer, PlanLane, PlanMetro } from "../../api/schema";
import { mayPlan } from "../../api/session";
import { setQuery, useAddress } from "../../frame/address";
import { useKeys } from "../../frame/keys";
import { useLoaded } from "../../live/loaded";
import { count } from "../../shown/numbers";
import { Empty, Failure, Skeleton, StaleNote } from "../../ui/faces";
import { Link } from "../../ui/Link";
import { Time } from "../../ui/Time";
import { Departures } from "./Departures";
import { DayPane } from "./day/DayPane";
import { Figures } from "./Figures";
import { Lanes } from "./Lanes";
import { Making } from "./Making";
import { Metros } from "./Metros";
import { PlanMap } from "./PlanMap";
import { type Ends } from "./planScene";
import { By } from "./Plans";
import { Release } from "./Release";
import { StateMark } from "./StateMark";

const SOON_MS = 1_000;
const EVERY_MS = 30_000;

/** One plan: its figures, its lanes and metros, and what the chosen one consists of. */
export function Plan({ id, me }: { id: string; me: Me }) {
  const [state, setState] = useState<PlanAnswer["state"] | null>(null);
  const [unchecked, setUnchecked] = useState<readonly string[]>([]);
  const plan = useLoaded<PlanAnswer>(
    `plan ${id}`,
    async (signal) => {
      const found = await get<PlanAnswer>(`/v1/plans/${inPath(id)}`, signal);
      setState(found.state);
      return found;
    },
    { everyMs: state === "planning" ? SOON_MS : EVERY_MS },
  );
  useKeys({ Escape: () => setQuery({ from: null, to: null, metro: null, route: null, load: null, day: null, stop: null, compare: null }) });

  if (plan.data === null) {
    if (plan.error?.status === 404) {
      return (
        <Empty title={`There is no plan ${id}`}>
          <Link to="/plan">See the plans that are there</Link>
        </Empty>
      );
    }
    return plan.error ? (
      <Failure error={plan.error} retry={plan.retry} />
    ) : (
      <Skeleton rows={8} label="the plan" />
    );
  }
  const { summary } = plan.data;
  return (
    <div className="plan">
      <section className="kpis plan-top" aria-label="Figures of the plan">
        <div className="plan-name">
          <span>
            <Link to="/plan">Plans</Link> / <strong>{id}</strong>
          </span>
          <span>
            <StateMark state={plan.data.state} />{" "}
            <span className="faint">
              {plan.data.released_at === null && "asked for "}
              <Time at={plan.data.released_at ?? plan.data.created_at} withZone />{" "}
            </span>
            <By actor={plan.data.released_by ?? plan.data.created_by} me={me} />
          </span>
          <span className="plan-acts">
            {plan.data.state === "draft" && mayPlan(me) && (
              <Release
                plan={plan.data}
                onReleased={(told) => {
                  setUnchecked(told);
                  plan.retry();
                }}
              />
            )}
            {plan.data.state === "draft" && !mayPlan(me) && <span className="faint">A planner releases it.</span>}
            {plan.data.state === "released" && <Link to={`/report/${inPath(id)}`}>What happened to it</Link>}
          </span>
        </div>
        {summary && <Figures summary={summary} />}
      </section>
      {plan.error && <StaleNote error={plan.error} retry={plan.retry} />}
      {unchecked.length > 0 && <Unchecked told={unchecked} onClose={() => setUnchecked([])} />}
      {plan.data.state === "planning" && (
        <Empty title="The plan is being made">
          <Making plan={plan.data} />
        </Empty>
      )}
      {plan.data.state === "failed" && (
        <Empty title="The plan was not made">
          <p>{plan.data.error ?? "Its job was cancelled."}</p>
          <Link to="/plan">Back to the plans</Link>
        </Empty>
      )}
      {summary && <Inside id={id} state={plan.data.state} me={me} onChanged={plan.retry} />}
    </div>
  );
}

function Unchecked({ told, onClose }: { told: readonly string[]; onClose: () => void }) {
  return (
    <div className="stale-note" role="status">
      <span>
        <span className="mark done">✓ Released.</span> The gates could not check for want of data: {told.join("; ")}
      </span>
      <button type="button" className="quiet" onClick={onClose}>
        Close
      </button>
    </div>
  );
}

/** Whether a day is at another version by now: asked first, since a day may be megabytes. */
async function wasEdited(day: FacilityDay, signal: AbortSignal): Promise<boolean> {
  const { plan_id: plan, facility_id: facility, delivery_date: date, version } = day;
  const asked = new URLSearchParams({ facility_id: facility, delivery_date: date, limit: "1" }).toString();
  const { items } = await get<EditPage>(`/v1/plans/${inPath(plan)}/edits?${asked}`, signal);
  return (items[0]?.number ?? 0) !== version;
}

interface InsideProps {
  id: string;
  state: PlanAnswer["state"];
  me: Me;
  onChanged: () => void;
}

function Inside({ id, state, me, onChanged }: InsideProps) {
  const { query } = useAddress();
  const path = `/v1/plans/${inPath(id)}`;
  const lanes = useLoaded<Every<PlanLane>>(`lanes ${id}`, (signal) => getEvery(`${path}/lanes`, signal));
  const metros = useLoaded<Every<PlanMetro>>(`metros ${id}`, (signal) => getEvery(`${path}/metros`, signal));
  const [from, to, asked] = [query.get("from"), query.get("to"), query.get("metro")];
  const ends = useMemo<Ends | null>(() => (from !== null && to !== null ? { from, to } : null), [from, to]);
  const metro = metros.data?.items.find(({ facility_id: each }) => each === asked) ?? null;
  const date = query.get("day") ?? metro?.delivery_dates[0] ?? null;
  const dayPath = asked === null || date === null ? null : `${path}/days/${encodeURIComponent(asked)}/${date}`;
  const held = useRef<{ name: string; day: FacilityDay } | null>(null);
  const dayName = `day ${dayPath ?? ""} ${state}`;
  const day = useLoaded<FacilityDay | null>(
    dayName,
    async (signal) => {
      if (dayPath === null) return null;
      const known = held.current?.name === dayName ? held.current.day : null;
      if (known && !(await wasEdited(known, signal))) return known;
      const found = await get<FacilityDay>(dayPath, signal);
      held.current = { name: dayName, day: found };
      return found;
    },
    { everyMs: EVERY_MS },
  );
  const [retryDay, retryMetros] = [day.retry, metros.retry];
  const changed = useCallback(() => {
    retryDay();
    retryMetros();
    onChanged();
  }, [onChanged, retryDay, retryMetros]);
  const [routeId, stopIds] = [query.get("route"), query.get("stop")];
  const stops = useMemo(() => new Set((stopIds ?? "").split(",").filter(Boolean)), [stopIds]);
  const error = lanes.error ?? metros.error;
  const retry = (): void => {
    lanes.retry();
    metros.retry();
  };
  if (lanes.data === null || metros.data === null) {
    return error ? <Failure error={error} retry={retry} /> : <Skeleton rows={8} label="the lanes" />;
  }
  const showsMetros = query.get("show") === "metros" || (metro !== null && ends === null);
  return (
    <>
      <div className="plan-panes">
        <section className="pane plan-table" aria-label="Lanes and metros">
          <div className="chips">
            <button
              type="button"
              className="chip"
              aria-pressed={!showsMetros}
              onClick={() => setQuery({ show: null, metro: null, route: null, day: null, stop: null, compare: null })}
            >
              Lanes {count(lanes.data.items.length)}
            </button>
            <button
              type="button"
              className="chip"
              aria-pressed={showsMetros}
              onClick={() => setQuery({ show: "metros", from: null, to: null, load: null })}
            >
              Metros {count(metros.data.items.length)}
            </button>
            {lanes.data.cut && <span className="faint">The first {count(lanes.data.items.length)} lanes are held here.</span>}
          </div>
          {showsMetros ? (
            <Metros metros={metros.data.items} chosen={asked} />
          ) : lanes.data.items.length === 0 ? (
            <Empty title="No load runs between facilities">Every parcel starts where it is delivered, or a partner takes it.</Empty>
          ) : (
            <Lanes lanes={lanes.data.items} chosen={ends} />
          )}
        </section>
        <section className="pane plan-map" aria-label="Map">
          <PlanMap
            metros={metros.data.items}
            lanes={lanes.data.items}
            ends={ends}
            metro={metro}
            day={day.data}
            route={routeId}
            stops={stops}
          />
        </section>
      </div>
      <section
        className={ends === null && asked === null ? "pane plan-below nothing" : "pane plan-below"}
        aria-label="Departures and routes"
      >
        {ends !== null ? (
          <Departures
            plan={id}
            ends={ends}
            lane={lanes.data.items.find((each) => each.from === ends.from && each.to === ends.to)}
            metro={metros.data.items.find(({ facility_id: each }) => each === ends.to)}
            chosen={query.get("load")}
          />
        ) : asked !== null && metro === null ? (
          <Empty title={`The plan has no facility ${asked}`} />
        ) : metro !== null && dayPath === null ? (
          <Empty title={`${metro.name} sends out no routes`}>
            {metro.handed_over
              ? `It hands ${count(metro.handed_over)} parcels over to partners.`
              : "Parcels only pass through it."}
          </Empty>
        ) : metro !== null ? (
          day.data === null ? (
            day.error ? (
              <Failure error={day.error} retry={day.retry} />
            ) : (
              <Skeleton rows={4} label="the routes" />
            )
          ) : (
            <DayPane
              metro={metro}
              day={day.data}
              mayChange={mayPlan(me)}
              route={routeId}
              stops={stops}
              compare={query.get("compare")}
              onChanged={changed}
            />
          )
        ) : (
          <Empty title="Nothing is selected">
            A lane shows its departures here, a metro its routes by the hour. Both can be chosen on the map too.
          </Empty>
        )}
      </section>
    </>
  );
}
