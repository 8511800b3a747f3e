import type { LaneDeparture } from "../../api/schema";
import { cents, count, share } from "../../shown/numbers";
import { span, timeOfDay } from "../../shown/times";
import type { TimeRow } from "../../ui/TimeRows";
import { kindWords, modeWords } from "./words";

/** A load as a row of time: from door to door, filled as far as it is. */
export function departureRow(load: LaneDeparture, zone: string | undefined): TimeRow {
  const [fromMs, toMs] = [Date.parse(load.departs_at), Date.parse(load.arrives_at)];
  const cutoffMs = parse(load.cutoff_at);
  const spare = cutoffMs === null ? "no cut-off left" : `${span(cutoffMs - toMs)} before the cut-off`;
  const said = [
    `leaves ${timeOfDay(fromMs, zone)}, on the way for ${span(toMs - fromMs)}, ${spare}`,
    `${share(load.cube_share)} full, ${count(load.parcels)} parcels`,
    `${load.carrier_id ?? "own"}, ${kindWords(load.kind)}, ${modeWords(load.driver_mode)}`,
    cents(load.cost_usd),
  ].join("; ");
  return {
    id: load.load_id,
    label: `${load.carrier_id ?? "own"} · ${modeWords(load.driver_mode)}`,
    more: cents(load.cost_usd),
    parts: [{ kind: "load", fromMs, toMs, level: load.cube_share, said }],
    limitMs: cutoffMs,
  };
}

function parse(at: string | null): number | null {
  return at === null ? null : Date.parse(at);
}
