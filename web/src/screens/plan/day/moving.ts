import { useEffect, useMemo, useState } from "react";
import { inPath, post } from "../../../api/client";
import { asRefused, type RefusedError } from "../../../api/problems";
import type { FacilityDay, MovePreview, WeighedMove } from "../../../api/schema";
import { cents, count } from "../../../shown/numbers";
import { span, timeOfDay } from "../../../shown/times";
import { shortVehicle } from "./ganttRows";

export interface Weighed {
  /** Null: still asked for. */
  moves: ReadonlyMap<string, WeighedMove> | null;
  error: RefusedError | null;
}

const NOTHING: Weighed = { moves: null, error: null };

export function dayPath({ plan_id: plan, facility_id: facility, delivery_date: date }: FacilityDay): string {
  return `/v1/plans/${inPath(plan)}/days/${encodeURIComponent(facility)}/${date}`;
}

/** What it would be to have stops on each vehicle; asked for once, before any of them is pointed at. */
export function useWeighed(day: FacilityDay, stops: readonly string[] | null): Weighed {
  const path = dayPath(day);
  const asked = stops === null ? null : JSON.stringify({ version: day.version, parcel_ids: stops });
  const [found, setFound] = useState<{ of: string; weighed: Weighed } | null>(null);
  const name = `${path} ${asked ?? ""}`;
  useEffect(() => {
    if (asked === null) return undefined;
    let here = true;
    const keep = (weighed: Weighed): void => {
      if (here) setFound({ of: name, weighed });
    };
    post<MovePreview>(`${path}/preview`, JSON.parse(asked)).then(
      ({ weighed }) => keep({ moves: new Map(weighed.map((each) => [each.vehicle_id, each])), error: null }),
      (failure: unknown) => keep({ moves: null, error: asRefused(failure) }),
    );
    return () => {
      here = false;
    };
  }, [asked, name, path]);
  return useMemo(() => (asked !== null && found?.of === name ? found.weighed : NOTHING), [asked, found, name]);
}

/** The best first: what fits by cost, then what does not by its reason. */
export function ranked(moves: Iterable<WeighedMove>): WeighedMove[] {
  return [...moves]
    .filter(({ refusals }) => refusals[0]?.limit !== "same")
    .sort(
      (one, other) =>
        Number(other.fits) - Number(one.fits) ||
        (one.cost_usd ?? 0) - (other.cost_usd ?? 0) ||
        one.vehicle_id.localeCompare(other.vehicle_id),
    );
}

/** "+$3.20", "−$0.40": what the day costs more. */
export function costChange(usd: number | null): string {
  if (usd === null) return "–";
  return usd >= 0.005 ? `+${cents(usd)}` : cents(Math.abs(usd) < 0.005 ? 0 : usd);
}

/** In one line: whether it fits, for how much, who is reached at another time. */
export function verdict(move: WeighedMove, zone: string): string {
  if (!move.fits) return move.refusals.map(({ said }) => said).join("; ");
  const parts = [costChange(move.cost_usd)];
  if (move.returns_at !== null) parts.push(`back ${timeOfDay(Date.parse(move.returns_at), zone)}`);
  if (move.late_stops) parts.push(`${count(Math.abs(move.late_stops))} ${move.late_stops > 0 ? "more" : "fewer"} late`);
  parts.push(movedWords(move, zone));
  return parts.join(" · ");
}

function movedWords({ arrivals_moved: moved, arrivals }: WeighedMove, zone: string): string {
  const most = arrivals[0];
  if (!most) return "nobody else is reached at another time";
  const [was, now] = [Date.parse(most.was_at), Date.parse(most.now_at)];
  const how = `${span(Math.abs(now - was))} ${now > was ? "later" : "earlier"}`;
  return `${count(moved)} ${moved === 1 ? "ETA moves" : "ETAs move"}, most ${most.parcel_id} ${timeOfDay(was, zone)} → ${timeOfDay(now, zone)} (${how})`;
}

/** "2 stops to OWN-van-0003: +$3.20". */
export function movedSaid(stops: number, vehicle: string, costUsd: number | null): string {
  return `${count(stops)} ${stops === 1 ? "stop" : "stops"} to ${shortVehicle(vehicle)}: ${costChange(costUsd)}`;
}
