import { hereNow, serverNow, useSeconds } from "../live/clock";
import { usePast } from "../past/past";
import { UNKNOWN } from "../shown/numbers";
import { span } from "../shown/times";

interface Props {
  atMs: number | null;
  /** By whose clock `atMs` is. */
  clock?: "here" | "server";
  staleAfterMs?: number;
}

/** How old what stands beside it is. */
export function Age({ atMs, clock = "here", staleAfterMs = 60_000 }: Props) {
  useSeconds();
  // What is past grows no older.
  if (usePast() !== null) return null;
  if (atMs === null) return <span className="age">{UNKNOWN}</span>;
  const ageMs = (clock === "here" ? hereNow() : serverNow()) - atMs;
  const stale = ageMs > staleAfterMs;
  return <span className={stale ? "age stale" : "age"}>{stale ? `${span(ageMs)}, stale` : span(ageMs)}</span>;
}
