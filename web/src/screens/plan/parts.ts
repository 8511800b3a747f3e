import type { LaneDeparture, PlanTour } from "../../api/schema";
import { cents, count, decimal, share } from "../../shown/numbers";
import { distance, type Units } from "../../shown/units";
import { span, timeOfDay } from "../../shown/times";
import type { TimePart, TimeRow } from "../../ui/TimeRows";
import { kindWords, modeWords } from "./words";

/** A tour as a row of time: what the driver does, then what is left until the shift ends. */
export function tourRow(tour: PlanTour, zone: string | undefined): TimeRow {
  const parts = tour.segments.map((segment): TimePart => {
    const [fromMs, toMs] = [Date.parse(segment.starts_at), Date.parse(segment.ends_at)];
    return {
      kind: segment.kind as TimePart["kind"],
      fromMs,
      toMs,
      said: `${segmentWords(segment)}, ${timeOfDay(fromMs, zone)} to ${timeOfDay(toMs, zone)} (${span(toMs - fromMs)})`,
    };
  });
  const backMs = parse(tour.returns_at);
  const limitMs = parse(tour.must_return_at);
  if (backMs !== null && limitMs !== null && limitMs > backMs) {
    parts.push({ kind: "slack", fromMs: backMs, toMs: limitMs, said: `slack of ${span(limitMs - backMs)} to the end of the shift` });
  }
  return { id: tour.route_id, label: `${shortId(tour.route_id)} ${tour.vehicle_id ?? ""}`, more: slackWords(tour.slack_s), parts, limitMs };
}

function segmentWords({ kind, sequence, parcels }: PlanTour["segments"][number]): string {
  if (kind === "service") return `serves stop ${sequence ?? ""}, ${count(parcels)} ${parcels === 1 ? "parcel" : "parcels"}`;
  if (kind === "drive") return sequence === null ? "drives home" : `drives to stop ${sequence}`;
  if (kind === "wait") return `waits for stop ${sequence ?? ""}`;
  return "takes a break";
}

export function slackWords(slackS: number | null): string {
  if (slackS === null) return "";
  return slackS < 0 ? `${span(-slackS * 1_000)} over` : `${span(slackS * 1_000)} slack`;
}

/** Ids of a plan's routes differ at their end. */
export function shortId(id: string): string {
  return id.length > 12 ? `…${id.slice(-4)}` : id;
}

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

export function tourFacts(tour: PlanTour, shown: Units): readonly (readonly [string, string])[] {
  const seconds = tour.returns_at && tour.departs_at ? (Date.parse(tour.returns_at) - Date.parse(tour.departs_at)) / 1_000 : 0;
  return [
    ["Vehicle", `${tour.vehicle_id ?? "–"} (${tour.vehicle_type ?? "–"})`],
    ["Driver", tour.driver_id ?? "–"],
    ["Carrier", tour.carrier_id ?? "–"],
    ["Stops", `${count(tour.stops)}, ${count(tour.parcels)} parcels`],
    ["Distance", distance(tour.distance_m, shown)],
    ["Paid", span(tour.paid_s * 1_000)],
    ["Stops an hour", seconds ? decimal((tour.stops * 3_600) / seconds) : "–"],
    ["Fill", share(tour.fill)],
    ["Cost", `${cents(tour.cost_usd)}, ${cents(tour.parcels ? tour.cost_usd / tour.parcels : null)} a parcel`],
    ["Slack", slackWords(tour.slack_s) || "–"],
  ];
}

function parse(at: string | null): number | null {
  return at === null ? null : Date.parse(at);
}
