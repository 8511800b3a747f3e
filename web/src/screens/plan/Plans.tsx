import "../../styles/data.css";
import "../../styles/plan.css";
import { useState } from "react";
import { get, inPath } from "../../api/client";
import { asRefused } from "../../api/problems";
import type { Me, PlanAnswer, PlanBrief, PlanPage } from "../../api/schema";
import { mayPlan } from "../../api/session";
import { useLoaded } from "../../live/loaded";
import { cents, count, share } from "../../shown/numbers";
import { Age } from "../../ui/Age";
import { Empty, Failure, Skeleton, StaleNote } from "../../ui/faces";
import { Link } from "../../ui/Link";
import { CsvButton } from "../../ui/Saving";
import { Time } from "../../ui/Time";
import { Ask } from "./Ask";
import { kpisOf } from "./figures";
import { Making } from "./Making";
import { StateMark } from "./StateMark";
import { STATES } from "./words";

const PAGE = 20;
const SOON_MS = 1_000;
const EVERY_MS = 30_000;

/** A plan with its figures, where it is made. */
interface Row {
  brief: PlanBrief;
  summary: PlanAnswer["summary"];
}

interface Known {
  rows: readonly Row[];
  next: string | null;
}

const made = new Map<string, PlanAnswer["summary"]>();

/** Plans, the newest first: what each costs and promises, and how far the others are. */
export function Plans({ me }: { me: Me }) {
  const [older, setOlder] = useState<Known | null>(null);
  const [waits, setWaits] = useState(true);
  const [failed, setFailed] = useState<string | null>(null);
  const { data, error, loadedAt, retry } = useLoaded<Known>(
    "plans",
    async (signal) => {
      const found = await page(null, signal);
      setWaits(found.rows.some(({ brief }) => brief.state === "planning"));
      return found;
    },
    { everyMs: waits ? SOON_MS : EVERY_MS },
  );
  const rows = [...(data?.rows ?? []), ...(older?.rows ?? [])];
  const next = older ? older.next : (data?.next ?? null);

  async function more(): Promise<void> {
    try {
      const found = await page(next);
      setOlder({ rows: [...(older?.rows ?? []), ...found.rows], next: found.next });
      setFailed(null);
    } catch (failure) {
      setFailed(asRefused(failure).detail);
    }
  }
  return (
    <div className="plans">
      <div className="plans-top">
        {mayPlan(me) && (
          <Ask
            onAsked={() => {
              setWaits(true);
              retry();
            }}
          />
        )}
        <span className="grow" />
        <Age atMs={loadedAt} staleAfterMs={2 * EVERY_MS} />
        <CsvButton name="plans" columns={COLUMNS} rows={rows} />
      </div>
      <section className="pane plans-list" aria-label="Plans">
        {error && data && <StaleNote error={error} retry={retry} />}
        {data === null && (error ? <Failure error={error} retry={retry} /> : <Skeleton rows={10} label="the plans" />)}
        {data?.rows.length === 0 && (
          <Empty title="No plan yet">
            <p>
              Send orders with <code>POST /v1/orders</code>; then a planner has what waits planned, here or with{" "}
              <code>POST /v1/plans</code>.
            </p>
            {!mayPlan(me) && <p>You are signed in as {me.role}: planners ask for plans.</p>}
          </Empty>
        )}
        {rows.length > 0 && <Table rows={rows} me={me} />}
        {next !== null && (
          <button type="button" onClick={() => void more()}>
            Show older plans
          </button>
        )}
        {failed && <p role="alert">{failed}</p>}
      </section>
    </div>
  );
}

async function page(cursor: string | null, signal?: AbortSignal): Promise<Known> {
  const asked = new URLSearchParams({ limit: String(PAGE), ...(cursor === null ? {} : { cursor }) });
  const found = await get<PlanPage>(`/v1/plans?${asked}`, signal);
  const rows = found.items.map(async (brief): Promise<Row> => ({ brief, summary: await summaryOf(brief, signal) }));
  return { rows: await Promise.all(rows), next: found.next_cursor };
}

/** The figures of a plan never change once it is made. */
async function summaryOf({ plan_id: id, state }: PlanBrief, signal?: AbortSignal): Promise<PlanAnswer["summary"]> {
  if (state === "planning" || state === "failed") return null;
  const known = made.get(id);
  if (known) return known;
  const { summary } = await get<PlanAnswer>(`/v1/plans/${inPath(id)}`, signal);
  made.set(id, summary);
  return summary;
}

function Table({ rows, me }: { rows: readonly Row[]; me: Me }) {
  return (
    <table>
      <caption className="hidden">Plans, the newest first</caption>
      <thead>
        <tr>
          <th scope="col">Plan</th>
          <th scope="col">State</th>
          <th scope="col" className="numeric">Orders</th>
          <th scope="col" className="numeric">Cost a parcel</th>
          <th scope="col" className="numeric">Promise kept</th>
          <th scope="col" className="numeric">Service kept</th>
          <th scope="col">Asked for</th>
          <th scope="col">Released</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ brief, summary }) => {
          const kpis = kpisOf(summary);
          return (
            <tr key={brief.plan_id}>
              <td>
                <Link to={`/plan/${inPath(brief.plan_id)}`}>{brief.plan_id}</Link>
              </td>
              <td>
                {brief.state === "planning" ? <Making plan={brief} /> : <StateMark state={brief.state} />}
                {brief.error && <span className="faint plan-error"> {brief.error}</span>}
              </td>
              <td className="numeric">{count(summary?.counts.orders_planned)}</td>
              <td className="numeric">{cents(kpis.cost_per_package)}</td>
              <td className="numeric">{share(kpis.planned_on_time_promise)}</td>
              <td className="numeric">{share(kpis.planned_on_time_service)}</td>
              <td>
                <Time at={brief.created_at} withZone withRelative /> <By actor={brief.created_by} me={me} />
              </td>
              <td>
                <Time at={brief.released_at} withZone />{" "}
                {brief.released_by !== null && <By actor={brief.released_by} me={me} />}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export function By({ actor, me }: { actor: string; me: Me }) {
  const said = actor === me.actor ? `you (${me.name})` : actor.replace(":", " ");
  return <span className="faint">by {said}</span>;
}

const COLUMNS = [
  { label: "plan_id", cell: ({ brief }: Row) => brief.plan_id },
  { label: "state", cell: ({ brief }: Row) => STATES[brief.state].name },
  { label: "orders", cell: ({ summary }: Row) => summary?.counts.orders_planned },
  { label: "cost_per_parcel_usd", cell: ({ summary }: Row) => kpisOf(summary).cost_per_package },
  { label: "planned_on_time_promise", cell: ({ summary }: Row) => kpisOf(summary).planned_on_time_promise },
  { label: "planned_on_time_service", cell: ({ summary }: Row) => kpisOf(summary).planned_on_time_service },
  { label: "created_at", cell: ({ brief }: Row) => brief.created_at },
  { label: "created_by", cell: ({ brief }: Row) => brief.created_by },
  { label: "released_at", cell: ({ brief }: Row) => brief.released_at },
  { label: "released_by", cell: ({ brief }: Row) => brief.released_by },
];
