import type { DriverFinding, DutyDay, DutySegment } from "../../api/schema";

/** The lines of the record, from the top (49 CFR 395.8(h)). */
export const LINES = ["OFF", "SB", "D", "ON"] as const;
export type Line = (typeof LINES)[number];

export const LINE_NAMES: Record<Line, string> = {
  OFF: "Off duty",
  SB: "Sleeper",
  D: "Driving",
  ON: "On duty",
};

/** The line on which a status is drawn; the passenger seat is drawn as work. */
const LINE_OF: Record<string, Line> = { OFF: "OFF", PC: "OFF", SB: "SB", D: "D", ON: "ON", YM: "ON", PS: "ON" };

export interface Stretch {
  line: Line;
  activity: string;
  fromMs: number;
  toMs: number;
  /** Nobody told it. */
  unsure: boolean;
  source: string;
  loadId: string | null;
  routeId: string | null;
  place: string | null;
}

/** The log within a day, in time order. */
export function stretchesOf(segments: readonly DutySegment[], day: DutyDay): Stretch[] {
  const [startMs, endMs] = [Date.parse(day.starts_at), Date.parse(day.ends_at)];
  const found: Stretch[] = [];
  for (const each of segments) {
    const fromMs = Math.max(Date.parse(each.starts_at), startMs);
    const toMs = Math.min(Date.parse(each.ends_at), endMs);
    if (fromMs >= toMs) continue;
    found.push({
      line: LINE_OF[each.activity] ?? "ON",
      activity: each.activity,
      fromMs,
      toMs,
      unsure: each.source === "plan" || each.source === "assumed",
      source: each.source,
      loadId: each.load_id,
      routeId: each.route_id,
      // A piece that goes on from the day before did not begin here.
      place: Date.parse(each.starts_at) < startMs ? null : each.place,
    });
  }
  return found;
}

/** Driving that a rule forbids, within a day. */
export function forbiddenIn(findings: readonly DriverFinding[], day: DutyDay): { fromMs: number; toMs: number }[] {
  const [startMs, endMs] = [Date.parse(day.starts_at), Date.parse(day.ends_at)];
  return findings
    .map((each) => ({
      fromMs: Math.max(Date.parse(each.starts_at), startMs),
      toMs: Math.min(Date.parse(each.ends_at), endMs),
    }))
    .filter(({ fromMs, toMs }) => fromMs < toMs);
}

/** The full hours of a day: 24, and 23 or 25 where the clocks change. */
export function hoursOfDay(day: DutyDay): number[] {
  const [startMs, endMs] = [Date.parse(day.starts_at), Date.parse(day.ends_at)];
  const hours: number[] = [];
  for (let ms = startMs; ms <= endMs; ms += 3_600_000) hours.push(ms);
  return hours;
}

/** The changes of a day whose places have room beside each other, so many pixels apart. */
export function placed<Item extends { place: string | null }>(
  items: readonly Item[],
  x: (item: Item) => number,
  apartPx: number,
): Item[] {
  let lastPx = -Infinity;
  return items.filter((item) => {
    if (item.place === null || x(item) - lastPx < apartPx) return false;
    lastPx = x(item);
    return true;
  });
}
