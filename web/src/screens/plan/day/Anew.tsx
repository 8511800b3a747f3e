import { useState } from "react";
import type { DayRoute, JobAnswer, SearchTold } from "../../../api/schema";
import { setQuery } from "../../../frame/address";
import { useStore } from "../../../live/store";
import { cents, count } from "../../../shown/numbers";
import { distance, units } from "../../../shown/units";
import { words } from "../../../shown/words";
import type { Anew } from "./anew";
import { costChange } from "./moving";
import { bestOf, leftSaid, savedSaid, searchCurve, searchSaid } from "./searching";

const LENGTHS = [
  [20, "20 s"],
  [60, "1 min"],
  [300, "5 min"],
  [600, "10 min"],
] as const;
/** Stops of a day from which a minute is the least that is worth it. */
const LARGE = 1_500;

/** Ask for it: for how long, and what stays. */
export function AskAnew({ routes, anew }: { routes: readonly DayRoute[]; anew: Anew }) {
  const [chosen, setChosen] = useState<number | null>(null);
  const stops = routes.reduce((sum, route) => sum + route.stops, 0);
  const locked = routes.filter((route) => route.locked).length;
  const held = routes.reduce((sum, route) => sum + route.visits.filter((visit) => visit.locked).length, 0);
  const seconds = chosen ?? (stops > LARGE ? 60 : 20);
  const busy = anew.asking || anew.running;
  return (
    <span className="ask-anew">
      <button type="button" disabled={busy} title={stays(locked, held)} onClick={() => void anew.ask(seconds)}>
        Plan {locked || held ? "the rest" : "the day"} anew
      </button>
      <label>
        <span className="hidden">for about</span>
        <select value={seconds} disabled={busy} title="How long it is searched" onChange={(event) => setChosen(Number(event.target.value))}>
          {LENGTHS.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </span>
  );
}

function stays(locked: number, held: number): string {
  if (!locked && !held) return "From the routes as they stand; nothing is locked";
  const parts = [
    locked ? `${count(locked)} locked ${locked === 1 ? "route stays" : "routes stay"} as they are` : "",
    held ? `${count(held)} locked ${held === 1 ? "stop stays on its vehicle" : "stops stay on their vehicles"}` : "",
  ];
  return parts.filter(Boolean).join(", ");
}

/** How the search goes, what came of it, and to end it. */
export function Searching({ anew }: { anew: Anew }) {
  const { job, running, error } = anew;
  const [ending, setEnding] = useState<string | null>(null);
  if (job === null && error === null && !running) return null;
  const found = foundBy(job);
  const waitsToEnd = running && ending !== null && ending === job?.job_id;
  const end = (keep: boolean): void => {
    setEnding(job?.job_id ?? null);
    void anew.end(keep);
  };
  return (
    <section className="searching" aria-label="Planning anew">
      {job?.search && <Curve search={job.search} />}
      {running ? <Progress job={job} /> : job && <Outcome job={job} />}
      {error && (
        <span className="mark high" role="alert">
          <span aria-hidden="true">◆</span> {error.detail}
        </span>
      )}
      <span className="grow" />
      {running && job ? (
        <span className="acts">
          {job.search && (
            <button type="button" disabled={waitsToEnd} title="End now and keep the best found so far" onClick={() => end(true)}>
              End, keep the best
            </button>
          )}
          <button type="button" className="quiet" disabled={waitsToEnd} title="End now; the day stays as it is" onClick={() => end(false)}>
            Discard
          </button>
        </span>
      ) : (
        <span className="acts">
          {found?.found && (
            <button type="button" className="quiet" onClick={() => setQuery({ compare: found.version ? `edit:${found.version}` : "made" })}>
              What changed
            </button>
          )}
          <button type="button" className="quiet" onClick={anew.forget}>
            Close
          </button>
        </span>
      )}
    </section>
  );
}

const CURVE = { width: 180, height: 36 };

function Curve({ search }: { search: SearchTold }) {
  const { line, standingY } = searchCurve(search, CURVE.width, CURVE.height);
  const said = `Cost over time: ${searchSaid(search)}`;
  return (
    <svg className="search-curve" viewBox={`0 0 ${CURVE.width} ${CURVE.height}`} role="img" aria-label={said}>
      <title>{said}</title>
      <line x1={0} x2={CURVE.width} y1={standingY} y2={standingY} className="standing" />
      <path d={line} />
    </svg>
  );
}

function Progress({ job }: { job: JobAnswer | null }) {
  const per100 = Math.round((job?.share_done ?? 0) * 100);
  const search = job?.search ?? null;
  return (
    <>
      {search && (
        <span className="search-figures">
          <strong>{cents(bestOf(search))}</strong> of {cents(search.standing_usd)} standing
          <span className={bestOf(search) < search.standing_usd - 0.005 ? "better" : "faint"}> {savedSaid(search)}</span>
        </span>
      )}
      <span title="A change of the day made meanwhile wins: then nothing of the search is kept">
        <progress max={100} value={per100} aria-label={`planning anew, ${per100} %`} />{" "}
        <span role="status">{job?.wants_end ? "Ending" : job?.stage ? words(job.stage) : "Waiting for its turn"}</span>
        {search && !job?.wants_end && ` · ${leftSaid(search)}`}
      </span>
    </>
  );
}

interface Found {
  found: boolean;
  /** Of the day, before. */
  version: number;
  cost_usd: number;
  distance_m: number;
  routes_before: number;
  routes_after: number;
}

function foundBy(job: JobAnswer | null): Found | null {
  return job?.state === "done" ? (job.result as unknown as Found) : null;
}

function Outcome({ job }: { job: JobAnswer }) {
  const shownUnits = useStore(units);
  const told = foundBy(job);
  if (told === null) {
    return (
      <span className="mark medium" role="status">
        ▲ {job.state === "cancelled" ? "discarded; nothing was changed" : (job.error ?? `it is ${job.state}`)}
      </span>
    );
  }
  if (!told.found) {
    return (
      <span className="mark none" role="status">
        = nothing cheaper was found; the day stays as it is
      </span>
    );
  }
  const routes = told.routes_before === told.routes_after ? `${count(told.routes_after)} routes` : `${count(told.routes_before)} → ${count(told.routes_after)} routes`;
  return (
    <span className="mark done" role="status">
      ✓ {told.cost_usd > -0.005 ? `the same cost, ${distance(-told.distance_m, shownUnits)} shorter` : costChange(told.cost_usd)}, {routes}
    </span>
  );
}
