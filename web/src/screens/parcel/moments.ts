import type { ParcelEvent, PathStep } from "../../api/schema";

export interface Moment {
  key: string;
  atMs: number;
  kind: "actual" | "planned" | "silence" | "now" | "promise" | "predicted";
  name: string;
  facility: string | null;
  /** When it was told, where that was late. */
  toldMs?: number;
  event?: ParcelEvent;
  load?: string;
  untilMs?: number;
}

interface Told {
  events: readonly ParcelEvent[];
  path: readonly PathStep[];
  promisedMs: number | null;
  predictedMs: number | null;
  destination: string | null;
  terminal: boolean;
  nowMs: number;
}

export const SILENCE_MS = 4 * 3_600_000;
const TOLD_LATE_MS = 5 * 60_000;

/** Planned and actual moments in the order of time, with the silence since the last scan. */
export function timelineOf(told: Told): Moment[] {
  const actual = told.events.map((event, place) => actualOf(event, place));
  const lastMs = actual.at(-1)?.atMs ?? null;
  const moments = [...actual, ...plannedOf(told.path)];
  if (!told.terminal) {
    moments.push({ key: "now", atMs: told.nowMs, kind: "now", name: "Now", facility: null });
    if (lastMs !== null && told.nowMs - lastMs > SILENCE_MS) {
      moments.push({
        key: "silence",
        atMs: lastMs + 1,
        untilMs: told.nowMs,
        kind: "silence",
        name: "No scan",
        facility: null,
      });
    }
    if (told.predictedMs !== null && told.predictedMs > told.nowMs) {
      moments.push({
        key: "predicted",
        atMs: told.predictedMs,
        kind: "predicted",
        name: "Arrives, probably",
        facility: told.destination,
      });
    }
  }
  if (told.promisedMs !== null) {
    moments.push({
      key: "promise",
      atMs: told.promisedMs,
      kind: "promise",
      name: "Promised until",
      facility: told.destination,
    });
  }
  return moments.sort((a, b) => a.atMs - b.atMs);
}

function actualOf(event: ParcelEvent, place: number): Moment {
  const atMs = Date.parse(event.occurred_at);
  const toldMs = Date.parse(event.received_at);
  return {
    key: `actual ${place}`,
    atMs,
    kind: "actual",
    name: event.kind,
    facility: event.facility_id,
    event,
    ...(toldMs - atMs > TOLD_LATE_MS ? { toldMs } : {}),
  };
}

function plannedOf(path: readonly PathStep[]): Moment[] {
  return path.flatMap((step, place): Moment[] => [
    {
      key: `departs ${place}`,
      atMs: Date.parse(step.departs_at),
      kind: "planned",
      name: "To depart",
      facility: step.from_facility_id,
      load: step.load_id,
    },
    {
      key: `arrives ${place}`,
      atMs: Date.parse(step.arrives_at),
      kind: "planned",
      name: "To arrive",
      facility: step.to_facility_id,
      load: step.load_id,
    },
  ]);
}
