import { useCallback, useEffect, useState } from "react";
import { get, inPath, newKey, post } from "../../../api/client";
import { asRefused, type RefusedError } from "../../../api/problems";
import type { FacilityDay, JobAnswer, OptimiseAccepted } from "../../../api/schema";
import { dayPath } from "./moving";

const EVERY_MS = 500;
/** What failed is tried again. */
const UNDER_WAY: ReadonlySet<string> = new Set(["waiting", "running", "failed"]);

export interface Anew {
  /** The job that was asked for last, here or before this page was loaded anew. */
  job: JobAnswer | null;
  running: boolean;
  asking: boolean;
  error: RefusedError | null;
  ask: (seconds: number) => Promise<void>;
  /** End it now: with what it has found so far, or without. */
  end: (keep: boolean) => Promise<void>;
  forget: () => void;
}

/** A job that plans what is not locked of a day anew: asked for, watched, ended. */
export function useAnew(day: FacilityDay, onDone: () => void): Anew {
  const path = dayPath(day);
  const { version } = day;
  const name = `anew ${path}`;
  const [jobId, setJobId] = useState(() => kept(name));
  const [job, setJob] = useState<JobAnswer | null>(null);
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<RefusedError | null>(null);
  const running = job !== null && UNDER_WAY.has(job.state);
  const watched = jobId !== null && (job === null || running) ? jobId : null;

  useEffect(() => {
    if (watched === null) return undefined;
    const stop = new AbortController();
    const look = (): void => {
      get<JobAnswer>(`/v1/jobs/${inPath(watched)}`, stop.signal).then(
        (now) => {
          setError(null);
          setJob(now);
          if (!UNDER_WAY.has(now.state)) onDone();
        },
        (failure: unknown) => {
          if (stop.signal.aborted) return;
          const told = asRefused(failure);
          // A job of a store that was emptied is nobody's any more.
          if (told.status === 404) {
            keep(name, null);
            setJobId(null);
          } else setError(told);
        },
      );
    };
    look();
    const timer = setInterval(look, EVERY_MS);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [name, onDone, watched]);

  const ask = useCallback(
    async (seconds: number): Promise<void> => {
      setAsking(true);
      setError(null);
      try {
        const { job_id: id } = await post<OptimiseAccepted>(`${path}/optimise`, { version, seconds }, newKey());
        keep(name, id);
        setJob(null);
        setJobId(id);
      } catch (failure) {
        setError(asRefused(failure));
      } finally {
        setAsking(false);
      }
    },
    [name, path, version],
  );
  const end = useCallback(
    async (wanted: boolean): Promise<void> => {
      if (jobId === null) return;
      const to = wanted ? `${path}/optimise/${inPath(jobId)}/end` : `/v1/jobs/${inPath(jobId)}/cancel`;
      try {
        await post(to, {}, newKey());
      } catch (failure) {
        setError(asRefused(failure));
      }
    },
    [jobId, path],
  );
  const forget = useCallback(() => {
    keep(name, null);
    setJobId(null);
    setJob(null);
    setError(null);
  }, [name]);
  return { job, running: watched !== null, asking, error, ask, end, forget };
}

/** Of this tab, so that a page that is loaded anew goes on watching. */
function kept(name: string): string | null {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

function keep(name: string, job: string | null): void {
  try {
    if (job === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, job);
  } catch {
    // It is watched until the page is left.
  }
}
