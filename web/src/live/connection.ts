import { EventReader, type StreamEvent } from "./events";

export type Link = "connecting" | "live" | "lost" | "refused";

interface Told {
  events(events: StreamEvent[]): void;
  link(link: Link): void;
  /** Something was heard, be it a sign of life alone. */
  heard(): void;
}

const SILENCE_MS = 40_000;
const LONGEST_WAIT_MS = 15_000;

/** Keep a stream open until `signal`; after a drop, go on where it ended. */
export async function follow(lastId: () => number | null, told: Told, signal: AbortSignal): Promise<void> {
  let failures = 0;
  for (;;) {
    told.link("connecting");
    const began = Date.now();
    const status = await readOnce(lastId(), told, signal);
    if (isOver(signal)) return;
    if (status === 401 || status === 403) {
      told.link("refused");
      return;
    }
    told.link("lost");
    failures = Date.now() - began > 10_000 ? 0 : failures + 1;
    await wait(Math.min(500 * 2 ** failures, LONGEST_WAIT_MS), signal);
    if (isOver(signal)) return;
  }
}

/** Asked anew each time: it changes while something is waited for. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function readOnce(lastId: number | null, told: Told, signal: AbortSignal): Promise<number> {
  const silence = new AbortController();
  let watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const answer = await fetch("/v1/stream", {
      headers: lastId === null ? {} : { "Last-Event-ID": String(lastId) },
      credentials: "same-origin",
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!answer.ok || !answer.body) return answer.status;
    told.link("live");
    const events = new EventReader();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return 0;
      clearTimeout(watchdog);
      watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
      told.heard();
      const found = events.read(value);
      if (found.length) told.events(found);
    }
  } catch {
    return 0;
  } finally {
    clearTimeout(watchdog);
  }
}

/** Until the time is over, the network is back, or nobody listens any more. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    function end(): void {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      resolve();
    }
    addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}
