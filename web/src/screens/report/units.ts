import type { ReportKpi, ReportRatio } from "../../api/schema";
import { cents, count, decimal, share, UNKNOWN } from "../../shown/numbers";

type Show = (value: number | null | undefined) => string;

const SHOWS: Record<string, Show> = {
  share,
  usd: cents,
  usd_per_mile: cents,
  per_1000: count,
  days: (value) => (value === null || value === undefined ? UNKNOWN : `${decimal(value, 1)} d`),
};

export function showOf(unit: string): Show {
  return SHOWS[unit] ?? ((value) => decimal(value, 2));
}

export interface Difference {
  text: string;
  verdict: "better" | "worse" | "same" | "neither";
}

/**
 * From the plan to what happened: with its sign, and whether that is good. Costs are booked when a
 * load or route has run, so they say nothing beside the plan's until the days are over.
 */
export function differenceOf({ unit, better, planned, actual }: ReportKpi, isOver = true): Difference | null {
  const [before, after] = [planned?.value ?? null, actual.value];
  if (before === null || after === null) return null;
  if (unit === "usd" && !isOver) return { text: "not over yet", verdict: "neither" };
  const moved = after - before;
  const show = showOf(unit);
  const size = unit === "share" ? `${(Math.abs(moved) * 100).toFixed(1)} points` : show(Math.abs(moved));
  if (size === (unit === "share" ? "0.0 points" : show(0))) return { text: "as planned", verdict: "same" };
  const verdict = better === 0 ? "neither" : moved * better > 0 ? "better" : "worse";
  return { text: `${moved > 0 ? "+" : "−"}${size}`, verdict };
}

/** "385 of 554", "$7,870 ÷ 800": what a figure is made of. */
export function partsOf({ numerator, denominator }: ReportRatio, unit: string): string {
  if (denominator === 0) return "nothing yet";
  const [above, below] = [unit === "usd" || unit === "usd_per_mile" ? `$${count(numerator)}` : count(numerator), count(denominator)];
  if (unit === "days" || unit === "per_1000") return "";
  return unit === "share" ? `${above} of ${below}` : `${above} ÷ ${below}`;
}
