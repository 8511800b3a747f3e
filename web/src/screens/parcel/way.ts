import type { ParcelDetail, ParcelEvent } from "../../api/schema";
import type { Path } from "../../map/paths";
import type { Position } from "../../map/projection";
import { SILENCE_MS } from "./moments";

type Told = Pick<ParcelDetail, "path" | "terminal" | "facility_id" | "destination_facility_id">;

/** The way of a parcel on the map: planned, seen, silent since, and still to come. */
export function waysOf(
  places: ReadonlyMap<string, Position>,
  parcel: Told | null,
  events: readonly ParcelEvent[],
  nowMs: number,
): Path[] {
  const along = (ids: readonly (string | null)[]): Position[] =>
    ids.map((id) => places.get(id ?? "")).filter((at) => at !== undefined);
  const planned = stopsOf(parcel);
  const seen = events.filter((event) => event.facility_id !== null);
  const last = seen.at(-1);
  const ways: Path[] = [
    { kind: "planned", at: along(planned) },
    { kind: "actual", at: along(seen.map((event) => event.facility_id)) },
  ];
  if (parcel && !parcel.terminal && last) {
    const rest = restOf(planned, last.facility_id);
    const heardMs = Math.max(...events.map((event) => Date.parse(event.occurred_at)));
    const silent = nowMs - heardMs > SILENCE_MS;
    // Where nobody has seen it since: from the last scan on to where it should have come next.
    if (silent) ways.push({ kind: "silence", at: along(rest.slice(0, 2)) });
    ways.push({ kind: "predicted", at: along(silent ? rest.slice(1) : rest) });
  }
  return ways.filter(({ kind, at }) => at.length > (kind === "planned" || kind === "actual" ? 0 : 1));
}

function stopsOf(parcel: Told | null): string[] {
  const steps = parcel?.path ?? [];
  const [first] = steps;
  return first ? [first.from_facility_id, ...steps.map((step) => step.to_facility_id)] : [];
}

/** From where it was seen last to the end of the plan; off the plan, straight to its end. */
function restOf(planned: readonly string[], seenAt: string | null): (string | null)[] {
  const place = planned.lastIndexOf(seenAt ?? "");
  if (place >= 0) return planned.slice(place);
  const end = planned.at(-1);
  return end === undefined ? [] : [seenAt, end];
}
