import { useEffect, useState } from "react";
import { get, inPath, newKey, post } from "../../../api/client";
import { asRefused, type RefusedError } from "../../../api/problems";
import type { FacilityDay, JobAnswer, OptimiseAccepted } from "../../../api/schema";
import { count } from "../../../shown/numbers";
import { words } from "../../../shown/words";
import { costChange, dayPath } from "./moving";

const EVERY_MS = 500;
const SECONDS = 20;
/** What failed is tried again. */
const UNDER_WAY: ReadonlySet<string> = new Set(["waiting", "running", "failed"]);

interface Found {
  found: boolean;
  cost_usd: number;
  routes_before: number;
  routes_after: number;
}

interface Props {
  day: FacilityDay;
  onDone: () => void;
}

/** Have what is not locked planned anew, and watch how far that is. */
export function Optimise({ day, onDone }: Props) {
  const [job, setJob] = useState<JobAnswer | null>(null);
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<RefusedError | null>(null);
  const running = job !== null && UNDER_WAY.has(job.state);
  const jobId = running ? job.job_id : null;
  const locked = day.routes.filter((route) => route.locked).length;

  useEffect(() => {
    if (jobId === null) return undefined;
    const stop = new AbortController();
    const timer = setInterval(() => {
      get<JobAnswer>(`/v1/jobs/${inPath(jobId)}`, stop.signal).then(
        (now) => {
          setJob(now);
          if (!UNDER_WAY.has(now.state)) onDone();
        },
        (failure: unknown) => {
          if (!stop.signal.aborted) setError(asRefused(failure));
        },
      );
    }, EVERY_MS);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [jobId, onDone]);

  async function ask(): Promise<void> {
    setAsking(true);
    setError(null);
    setJob(null);
    try {
      const asked = { version: day.version, seconds: SECONDS };
      const { job_id: id } = await post<OptimiseAccepted>(`${dayPath(day)}/optimise`, asked, newKey());
      setJob(await get<JobAnswer>(`/v1/jobs/${inPath(id)}`));
    } catch (failure) {
      setError(asRefused(failure));
    } finally {
      setAsking(false);
    }
  }
  async function cancel(id: string): Promise<void> {
    try {
      await post(`/v1/jobs/${inPath(id)}/cancel`, {}, newKey());
    } catch (failure) {
      setError(asRefused(failure));
    }
  }
  const per100 = Math.round((job?.share_done ?? 0) * 100);
  return (
    <span className="optimise">
      <button
        type="button"
        disabled={asking || running}
        title={locked ? `${count(locked)} locked routes stay as they are` : "no route is locked"}
        onClick={() => void ask()}
      >
        Plan {locked ? "the rest" : "the day"} anew
      </button>
      {running && (
        <>
          <progress max={100} value={per100} aria-label={`planning anew, ${per100} %`} />
          <span role="status">
            {job.stage ? words(job.stage) : "Waiting for its turn"} · {per100} %
          </span>
          <button type="button" className="quiet" onClick={() => void cancel(job.job_id)}>
            Stop
          </button>
        </>
      )}
      {job && !running && <Outcome job={job} />}
      {error && (
        <span className="mark high" role="alert">
          ◆ {error.detail}
        </span>
      )}
    </span>
  );
}

function Outcome({ job }: { job: JobAnswer }) {
  if (job.state !== "done") {
    return (
      <span className="mark medium" role="status">
        ▲ {job.state === "cancelled" ? "stopped; nothing was changed" : (job.error ?? `it is ${job.state}`)}
      </span>
    );
  }
  const told = job.result as unknown as Found;
  return (
    <span className="mark done" role="status">
      ✓{" "}
      {told.found
        ? `${costChange(told.cost_usd)}, ${count(told.routes_before)} → ${count(told.routes_after)} routes`
        : "nothing better was found"}
    </span>
  );
}
