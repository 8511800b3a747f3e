import type { DayRoute, DayVehicle, FacilityDay } from "../../../api/schema";
import { count } from "../../../shown/numbers";
import { span, timeOfDay } from "../../../shown/times";

export type PartKind = "drive" | "service" | "break" | "wait" | "slack";

export interface GanttPart {
  kind: PartKind;
  fromMs: number;
  toMs: number;
  said: string;
  /** Of a service. */
  stop: string | null;
}

/** When a stop may be served; null: that side is open. */
export interface Bracket {
  stop: string;
  opensMs: number | null;
  closesMs: number | null;
  missed: boolean;
}

export interface GanttRow {
  vehicle: string;
  /** Null: the vehicle stays in. */
  route: string | null;
  label: string;
  more: string;
  locked: boolean;
  lockedStops: ReadonlySet<string>;
  late: number;
  parts: readonly GanttPart[];
  brackets: readonly Bracket[];
  /** The red edge: the end of the shift or of the longest duty. */
  limitMs: number | null;
  limitSaid: string;
}

export function ganttRows(day: FacilityDay): GanttRow[] {
  return [...day.routes.map((route) => routeRow(route, day.timezone)), ...day.idle.map(idleRow)];
}

function routeRow(route: DayRoute, zone: string): GanttRow {
  const stopAt = new Map(route.visits.map((visit) => [visit.sequence, visit.stop_id]));
  const parts = route.segments.map((segment): GanttPart => {
    const [fromMs, toMs] = [Date.parse(segment.starts_at), Date.parse(segment.ends_at)];
    const times = `${timeOfDay(fromMs, zone)} to ${timeOfDay(toMs, zone)} (${span(toMs - fromMs)})`;
    const stop = segment.sequence === null ? undefined : stopAt.get(segment.sequence);
    return {
      kind: segment.kind as PartKind,
      fromMs,
      toMs,
      stop: segment.kind === "service" ? (stop ?? null) : null,
      said: `${doing(segment)}, ${times}`,
    };
  });
  const [backMs, limitMs] = [Date.parse(route.returns_at), Date.parse(route.must_return_at)];
  const limitSaid = `${route.limit === "shift" ? "its shift ends" : "its longest duty ends"} at ${timeOfDay(limitMs, zone)}`;
  if (limitMs > backMs) {
    parts.push({ kind: "slack", fromMs: backMs, toMs: limitMs, stop: null, said: `slack of ${span(limitMs - backMs)}: ${limitSaid}` });
  }
  return {
    vehicle: route.vehicle_id,
    route: route.route_id,
    label: shortVehicle(route.vehicle_id),
    more: slackWords(route.slack_s),
    locked: route.locked,
    lockedStops: new Set(route.visits.filter(({ locked }) => locked).map(({ stop_id: id }) => id)),
    late: route.late_stops,
    parts,
    brackets: route.visits.flatMap((visit): Bracket[] => {
      const closes = visit.closes_at ?? visit.due_at;
      if (visit.opens_at === null && closes === null) return [];
      return [{ stop: visit.stop_id, opensMs: parse(visit.opens_at), closesMs: parse(closes), missed: visit.late }];
    }),
    limitMs,
    limitSaid,
  };
}

function idleRow(vehicle: DayVehicle): GanttRow {
  const like = vehicle.more > 0 ? ` and ${count(vehicle.more)} like it` : "";
  return {
    vehicle: vehicle.vehicle_id,
    route: null,
    label: `${shortVehicle(vehicle.vehicle_id)}${like}`,
    more: "stays in",
    locked: false,
    lockedStops: new Set(),
    late: 0,
    parts: [],
    brackets: [],
    limitMs: null,
    limitSaid: "",
  };
}

function doing({ kind, sequence, parcels }: DayRoute["segments"][number]): string {
  if (kind === "service") return `serves stop ${sequence ?? ""}, ${count(parcels)} ${parcels === 1 ? "parcel" : "parcels"}`;
  if (kind === "drive") return sequence === null ? "drives home" : `drives to stop ${sequence}`;
  if (kind === "wait") return `waits for stop ${sequence ?? ""}`;
  return "takes a break";
}

export function slackWords(slackS: number): string {
  return slackS < 0 ? `${span(-slackS * 1_000)} over` : `${span(slackS * 1_000)} slack`;
}

/** Vehicles of a facility share their beginning: "LAX-OWN-van-0003" is "OWN-van-0003" there. */
export function shortVehicle(id: string): string {
  const parts = id.split("-");
  return parts.length > 2 ? parts.slice(1).join("-") : id;
}

/** Instants that the axis of a day must hold. */
export function instantsOf(rows: readonly GanttRow[]): number[] {
  return rows.flatMap(({ parts, limitMs }) => [
    ...parts.flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
    ...(limitMs === null ? [] : [limitMs]),
  ]);
}

function parse(at: string | null): number | null {
  return at === null ? null : Date.parse(at);
}
