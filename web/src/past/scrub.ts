const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export interface Reach {
  name: string;
  hours: number;
  stepMs: number;
  /** Between two marks. */
  markMs: number;
}

export const REACHES: readonly Reach[] = [
  { name: "6 h", hours: 6, stepMs: MINUTE, markMs: HOUR },
  { name: "24 h", hours: 24, stepMs: 5 * MINUTE, markMs: 3 * HOUR },
  { name: "3 d", hours: 72, stepMs: 15 * MINUTE, markMs: 12 * HOUR },
  { name: "14 d", hours: 336, stepMs: HOUR, markMs: 48 * HOUR },
];

/** The shortest reach, from the chosen one on, in which an instant lies. */
export function reachFor(chosen: number, atMs: number | null, nowMs: number): Reach {
  const fits = (reach: Reach): boolean => atMs === null || atMs >= stretch(reach, nowMs).fromMs;
  const found = REACHES.slice(chosen).find(fits) ?? REACHES.at(-1);
  if (!found) throw new Error("there are reaches");
  return found;
}

/** From where to where it goes, in whole steps; its end is now. */
export function stretch({ hours, stepMs }: Reach, nowMs: number): { fromMs: number; toMs: number } {
  const toMs = Math.ceil(nowMs / stepMs) * stepMs;
  return { fromMs: toMs - hours * HOUR, toMs };
}

/** The last instant of whole steps that is past for sure. */
export function justPast({ stepMs }: Reach, nowMs: number): number {
  return Math.floor(nowMs / stepMs) * stepMs - stepMs;
}

/** Instants to mark, on whole hours of a zone that is `offsetMs` before UTC. */
export function marks(fromMs: number, toMs: number, markMs: number, offsetMs: number): number[] {
  const found: number[] = [];
  const first = Math.ceil((fromMs - offsetMs) / markMs) * markMs + offsetMs;
  for (let atMs = first; atMs < toMs; atMs += markMs) found.push(atMs);
  return found;
}
