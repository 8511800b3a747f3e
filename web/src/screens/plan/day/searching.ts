import type { SearchTold } from "../../../api/schema";
import { cents } from "../../../shown/numbers";
import { span } from "../../../shown/times";
import { costChange } from "./moving";

/** Steps of the cost over the time of a search, in a box; what stands is at the top. */
export function searchCurve(search: SearchTold, width: number, height: number, inset = 2): { line: string; standingY: number } {
  const { trace, standing_usd: standing, seconds, elapsed_s: elapsed } = search;
  const least = Math.min(standing, ...trace.map(({ cost_usd: usd }) => usd));
  const most = Math.max(standing, ...trace.map(({ cost_usd: usd }) => usd));
  const until = Math.max(seconds, elapsed, 1e-9);
  const x = (at: number): string => ((at / until) * width).toFixed(1);
  // Where nothing was found yet the line is at the top, not in the middle of nowhere.
  const y = (usd: number): number => (most > least ? inset + ((most - usd) / (most - least)) * (height - 2 * inset) : inset);
  const steps = trace.map(({ elapsed_s: at, cost_usd: usd }, place) => {
    const to = y(usd).toFixed(1);
    return place === 0 ? `M${x(at)} ${to}` : `H${x(at)} V${to}`;
  });
  return { line: steps.length ? `${steps.join(" ")} H${x(elapsed)}` : "", standingY: y(standing) };
}

/** What the best so far costs. */
export function bestOf({ trace, standing_usd: standing }: SearchTold): number {
  return trace.at(-1)?.cost_usd ?? standing;
}

/** "−$12.30 (1.2 %)": what is saved so far. */
export function savedSaid(search: SearchTold): string {
  const change = bestOf(search) - search.standing_usd;
  if (Math.abs(change) < 0.005) return "nothing cheaper yet";
  return `${costChange(change)} (${((Math.abs(change) / Math.max(search.standing_usd, 1e-9)) * 100).toFixed(1)} %)`;
}

/** "best $980.10 of $992.40 standing, 12 s left". */
export function searchSaid(search: SearchTold): string {
  return `best ${cents(bestOf(search))}, standing ${cents(search.standing_usd)}, ${leftSaid(search)}`;
}

export function leftSaid({ seconds, elapsed_s: elapsed }: SearchTold): string {
  const left = Math.ceil(seconds - elapsed);
  if (left <= 0) return "ending";
  return left < 60 ? `${left} s left` : `${span(left * 1_000)} left`;
}
