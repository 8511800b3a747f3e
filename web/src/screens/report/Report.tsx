import "../../styles/data.css";
import "../../styles/report.css";
import { get, inPath } from "../../api/client";
import type { PlanReport } from "../../api/schema";
import { go } from "../../frame/address";
import { useLoaded } from "../../live/loaded";
import { count, share } from "../../shown/numbers";
import { Age } from "../../ui/Age";
import { Empty, Failure, Skeleton, StaleNote } from "../../ui/faces";
import { Link } from "../../ui/Link";
import { Time } from "../../ui/Time";
import { Cost } from "./Cost";
import { Kpis } from "./Kpis";
import { Late } from "./Late";
import { Lanes, Metros, Services } from "./Places";
import { useReleased } from "./released";

const EVERY_MS = 60_000;
/** The server answers with figures of up to a minute ago. */
const STALE_MS = 3 * EVERY_MS;

/** What happened to a released plan so far, beside what was planned. */
export function Report({ id }: { id: string }) {
  const path = `/v1/reports/${inPath(id)}`;
  const { data, error, retry } = useLoaded<PlanReport>(`report ${id}`, (signal) => get(path, signal), {
    everyMs: EVERY_MS,
  });
  if (data === null) {
    if (error?.status === 404) {
      return (
        <Empty title={`There is no plan ${id}`}>
          <Link to="/report">See the report of the newest one</Link>
        </Empty>
      );
    }
    if (error?.status === 409) {
      return (
        <Empty title="The plan is not released">
          <p>{error.detail}</p>
          <Link to={`/plan/${inPath(id)}`}>Go to the plan</Link>
        </Empty>
      );
    }
    return error ? <Failure error={error} retry={retry} /> : <Skeleton rows={10} label="the report" />;
  }
  return (
    <div className="report">
      <header className="pane report-top">
        <div className="table-tools">
          <Choice id={id} />
          <Link to={`/plan/${inPath(id)}`}>Plan</Link>
          <a href={`${path}/document`} download>
            Document
          </a>
          <span className="grow" />
          <span className="faint">
            as of <Time at={data.at} withZone /> · {count(data.events)} events
          </span>
          <Age atMs={Date.parse(data.at)} clock="server" staleAfterMs={STALE_MS} />
          <button type="button" className="quiet" onClick={retry}>
            Ask again
          </button>
        </div>
        {error && <StaleNote error={error} retry={retry} />}
        <p className="verdict">
          {data.verdict.slice(data.verdict.length > 1 ? 1 : 0).map((sentence, place) => (
            <span key={sentence} className={place === 0 ? "verdict-first" : undefined}>
              {sentence}{" "}
            </span>
          ))}
        </p>
        <Progress report={data} />
      </header>
      <section className="pane report-part report-kpis" aria-label="Planned and actual figures">
        <Kpis report={data} />
      </section>
      <section className="pane report-part" aria-label="Causes of lateness">
        <Late report={data} />
      </section>
      <section className="pane report-part" aria-label="Cost">
        <Cost report={data} />
      </section>
      <section className="pane report-part" aria-label="Services">
        <Services report={data} />
      </section>
      <section className="pane report-part" aria-label="Metros">
        <Metros report={data} />
      </section>
      <section className="pane report-part report-lanes" aria-label="Lanes">
        <Lanes report={data} />
      </section>
    </div>
  );
}

function Choice({ id }: { id: string }) {
  const { data } = useReleased();
  const plans = data?.plans ?? [];
  const known = plans.some(({ plan_id: each }) => each === id);
  return (
    <select aria-label="Released plan" value={id} onChange={(event) => go(`/report/${inPath(event.target.value)}`)}>
      {!known && <option value={id}>{id}</option>}
      {plans.map(({ plan_id: each, released_at: at }) => (
        <option key={each} value={each}>
          {each}, released {at?.slice(0, 16).replace("T", " ")} UTC
        </option>
      ))}
    </select>
  );
}

const ENDS: Record<string, string> = {
  delivered: "done", returned: "medium", lost: "critical", destroyed: "high", open_exception: "open",
};

/** How far it has come: where its parcels ended, loads and routes run. */
function Progress({ report: { progress, ends } }: { report: PlanReport }) {
  const shown = ends.filter(({ parcels }) => parcels > 0);
  const facts = [
    [`${count(progress.ended)} of ${count(progress.parcels)}`, "parcels ended"],
    [count(progress.due), "due by now or delivered"],
    [`${count(progress.loads_run)} of ${count(progress.loads_planned)}`, "loads left"],
    [`${count(progress.routes_driven)} of ${count(progress.routes_planned)}`, "routes out"],
    ...(progress.loads_added ? [[count(progress.loads_added), "loads bought beyond the plan"]] : []),
  ];
  return (
    <div className="progress">
      <div className="ends" aria-hidden="true">
        {shown.map(({ state, parcels }) => (
          <span key={state} className={`end ${ENDS[state] ?? "open"}`} style={{ flexGrow: parcels }} />
        ))}
      </div>
      <p className="ends-said">
        {shown.map(({ state, name, parcels }) => (
          <span key={state}>
            <span className={`end-key ${ENDS[state] ?? "open"}`} aria-hidden="true" />
            {count(parcels)} {name.toLowerCase()}{" "}
            <span className="faint">{share(progress.parcels ? parcels / progress.parcels : null)}</span>
          </span>
        ))}
        <span className="grow" />
        {facts.map(([value, name]) => (
          <span key={name}>
            <strong>{value}</strong> <span className="faint">{name}</span>
          </span>
        ))}
      </p>
    </div>
  );
}
