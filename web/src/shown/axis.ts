const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STEPS = [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR];

export interface TimeScale {
  fromMs: number;
  toMs: number;
  /** Where an instant lies between 0 and `width`. */
  at: (ms: number) => number;
  ticks: readonly number[];
}

/** An axis of time over some instants, with about one tick every `apartPx`. */
export function timeScale(instants: readonly number[], width: number, apartPx = 90): TimeScale {
  const first = Math.min(...instants);
  const last = Math.max(...instants);
  const span = Math.max(last - first, HOUR);
  const step = STEPS.find((each) => (span / each) * apartPx <= width) ?? Math.ceil(span / (width / apartPx));
  const fromMs = Math.floor(first / step) * step;
  const toMs = Math.max(Math.ceil(last / step) * step, fromMs + step);
  const ticks: number[] = [];
  for (let ms = fromMs; ms <= toMs; ms += step) ticks.push(ms);
  return { fromMs, toMs, ticks, at: (ms) => ((ms - fromMs) / (toMs - fromMs)) * width };
}
