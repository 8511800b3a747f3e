import { useCallback, useEffect, useRef, useState } from "react";
import { asRefused, type RefusedError } from "../api/problems";
import { onEvents } from "./live";

/** What happens within so short a time is asked for together. */
const TOGETHER_MS = 50;

export interface Loaded<Answer> {
  data: Answer | null;
  /** When it was answered, by this machine's clock. */
  loadedAt: number | null;
  error: RefusedError | null;
  /** Whether the answer to what is asked is still to come. */
  pending: boolean;
  retry: () => void;
}

export interface Options {
  /** Ask again after so long. */
  everyMs?: number;
  /** Whether something that happened calls for asking again. */
  when?: (kind: string, data: unknown) => boolean;
  /** Ask for what happened at most so often. */
  leastMs?: number;
  /** It does not change: nothing that happens calls for asking again. */
  still?: boolean;
  /** Until its own answer is there, that to another question of this kin is shown. */
  kin?: string;
}

/**
 * What the server answers, asked again as time and events call for it. A failure keeps what was
 * known. `name` says what is asked: another name forgets the answer.
 */
export function useLoaded<Answer>(
  name: string,
  ask: (signal: AbortSignal) => Promise<Answer>,
  options: Options = {},
): Loaded<Answer> {
  const { everyMs, leastMs = 1_000, still = false, kin = name } = options;
  const [found, setFound] = useState<Found<Answer>>({ name, kin, data: null, loadedAt: null, error: null });
  const [asked, setAsked] = useState(0);
  const latest = useRef({ ask, options });
  const askedMs = useRef(-Infinity);
  useEffect(() => {
    latest.current = { ask, options };
  });
  const retry = useCallback(() => setAsked((times) => times + 1), []);

  useEffect(() => {
    const stop = new AbortController();
    askedMs.current = performance.now();
    latest.current
      .ask(stop.signal)
      .then((data) => setFound({ name, kin, data, loadedAt: Date.now(), error: null }))
      .catch((error: unknown) => {
        if (stop.signal.aborted) return;
        const told = asRefused(error);
        setFound((before) =>
          before.name === name
            ? { ...before, error: told }
            : { name, kin, data: null, loadedAt: null, error: told },
        );
      });
    return () => stop.abort();
  }, [name, kin, asked]);

  useEffect(() => {
    if (still) return undefined;
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const off = onEvents((events) => {
      const { when } = latest.current.options;
      const called = events.some(
        ({ kind, data }) => kind === "resync" || when?.(kind, data) === true,
      );
      if (called) {
        // What comes alone is asked for at once, what comes in a row every so often.
        waiting ??= setTimeout(
          () => {
            waiting = undefined;
            retry();
          },
          Math.max(TOGETHER_MS, askedMs.current + leastMs - performance.now()),
        );
      }
    });
    const timer = everyMs ? setInterval(retry, everyMs) : undefined;
    return () => {
      off();
      clearTimeout(waiting);
      clearInterval(timer);
    };
  }, [everyMs, leastMs, retry, still]);

  const { data, loadedAt, error } = found;
  if (found.name === name) return { data, loadedAt, error, pending: data === null && error === null, retry };
  if (found.kin === kin) return { data, loadedAt, error: null, pending: true, retry };
  return { data: null, loadedAt: null, error: null, pending: true, retry };
}

interface Found<Answer> {
  name: string;
  kin: string;
  data: Answer | null;
  loadedAt: number | null;
  error: RefusedError | null;
}
