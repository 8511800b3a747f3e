import type { Bracket, GanttRow, PartKind } from "./ganttRows";

export const ROW_PX = 28;
/** Heights tell the kinds apart without colours. */
export const HEIGHTS: Readonly<Record<PartKind, number>> = { drive: 6, service: 18, break: 14, wait: 10, slack: 2 };
const LEAST_PX = 2;
/** How far beside a narrow stop the pointer still means it. */
const NEAR_PX = 2;
const FOOT_PX = 3;
/** Windows of a row with more of them are drawn where they are missed or chosen. */
const MOST_WINDOWS = 40;

type X = (ms: number) => number;

interface Box {
  left: number;
  wide: number;
}

export function boxOf({ fromMs, toMs }: { fromMs: number; toMs: number }, x: X): Box {
  const left = x(fromMs);
  return { left, wide: Math.max(x(toMs) - left, LEAST_PX) };
}

/** All parts of a kind as one path: a row has hundreds of parts, and a page many rows. */
export function partPaths(row: GanttRow, x: X): readonly { kind: PartKind; d: string }[] {
  const drawn = new Map<PartKind, string[]>();
  for (const part of row.parts) {
    const { left, wide } = boxOf(part, x);
    const tall = HEIGHTS[part.kind];
    const paths = drawn.get(part.kind) ?? [];
    paths.push(`M${left.toFixed(1)} ${(ROW_PX - tall) / 2}h${wide.toFixed(1)}v${tall}h${(-wide).toFixed(1)}z`);
    drawn.set(part.kind, paths);
  }
  return [...drawn].map(([kind, paths]) => ({ kind, d: paths.join("") }));
}

/** Windows as brackets: those that are kept, and those that are missed. */
export function windowPaths(row: GanttRow, x: X): { kept: string; missed: string } {
  const served = servedBy(row);
  const paths = (missed: boolean): string =>
    row.brackets
      .filter((bracket) => bracket.missed === missed && (missed || row.brackets.length <= MOST_WINDOWS))
      .map((bracket) => windowPath(bracket, served.get(bracket.stop), x, false))
      .join("");
  return { kept: paths(false), missed: paths(true) };
}

/** The window of a chosen stop, closed below. */
export function chosenWindow(row: GanttRow, stop: string, x: X): { d: string; missed: boolean } | null {
  const bracket = row.brackets.find((each) => each.stop === stop);
  if (!bracket) return null;
  return { d: windowPath(bracket, servedBy(row).get(stop), x, true), missed: bracket.missed };
}

/** The part at a place of its row, -1 for none: a stop where one is near enough, else what is there. */
export function partAt(row: GanttRow, x: X, atPx: number): number {
  let there = -1;
  let nearest = -1;
  let leastPx = Infinity;
  row.parts.forEach((part, number) => {
    const { left, wide } = boxOf(part, x);
    const awayPx = Math.max(left - atPx, atPx - left - wide, 0);
    if (awayPx === 0 && there < 0) there = number;
    if (part.stop !== null && awayPx <= NEAR_PX && awayPx < leastPx) [nearest, leastPx] = [number, awayPx];
  });
  return nearest >= 0 ? nearest : there;
}

function servedBy(row: GanttRow): ReadonlyMap<string, { fromMs: number; toMs: number }> {
  return new Map(row.parts.flatMap((part) => (part.stop === null ? [] : [[part.stop, part] as const])));
}

function windowPath(
  { opensMs, closesMs }: Bracket,
  served: { fromMs: number; toMs: number } | undefined,
  x: X,
  closed: boolean,
): string {
  if (!served) return "";
  const [from, to] = [x(opensMs ?? served.fromMs), x(closesMs ?? served.toMs)];
  const [top, bottom] = [3, ROW_PX - 3];
  return [
    opensMs === null ? "" : `M${from + FOOT_PX} ${top} H${from} V${bottom} H${from + FOOT_PX}`,
    closesMs === null ? "" : `M${to - FOOT_PX} ${top} H${to} V${bottom} H${to - FOOT_PX}`,
    closed ? `M${from} ${bottom} H${to}` : "",
  ].join("");
}
