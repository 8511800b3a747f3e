import { useSeconds } from "../live/clock";
import { shownNow } from "../past/past";
import { UNKNOWN } from "../shown/numbers";
import { clockTime, relative, utc, zoneName } from "../shown/times";

interface Props {
  at: string | number | null | undefined;
  /** Of the place; without, that of who looks. */
  zone?: string | undefined;
  withZone?: boolean;
  withRelative?: boolean;
}

/** An instant in a zone that is named; hovering gives UTC and how long it is from now. */
export function Time({ at, zone, withZone = false, withRelative = false }: Props) {
  useSeconds();
  if (at === null || at === undefined) return <span className="faint">{UNKNOWN}</span>;
  const atMs = typeof at === "number" ? at : Date.parse(at);
  const nowMs = shownNow();
  const distance = relative(atMs, nowMs);
  return (
    <time dateTime={new Date(atMs).toISOString()} title={`${utc(atMs)} · ${distance}`}>
      {clockTime(atMs, nowMs, zone)}
      {withZone && ` ${zoneName(atMs, zone)}`}
      {withRelative && <span className="faint"> ({distance})</span>}
    </time>
  );
}
