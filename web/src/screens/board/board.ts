import type { Arrival, BoardWave, CommandAsked, Departure } from "../../api/schema";
import { span } from "../../shown/times";
import type { Tone } from "../../shown/words";

export interface Mark {
  tone: Tone | "none";
  mark: string;
  text: string;
}

const MINUTE_MS = 60_000;
/** A departure that is due for so long is overdue: before, a truck may just be closing its doors. */
const GRACE_MS = 2 * MINUTE_MS;

/** How long to an instant: "24 min", and past it "over by 3 min". */
export function countdown(atMs: number, nowMs: number): string {
  return atMs >= nowMs ? span(atMs - nowMs) : `over by ${span(nowMs - atMs)}`;
}

export function stateOf(row: Departure, nowMs: number): Mark {
  const late = row.late_s >= 60 ? ` ${span(row.late_s * 1_000)} late` : "";
  switch (row.state) {
    case "departed":
      return { tone: "done", mark: "✓", text: `Left${late}` };
    case "cancelled":
      return { tone: "none", mark: "✕", text: "Cancelled" };
    case "held":
      return { tone: "medium", mark: "▲", text: `Held${row.held_by ? ` by ${row.held_by}` : ""}` };
    case "planned":
      if (Date.parse(row.leaves_at) + GRACE_MS < nowMs) return { tone: "high", mark: "◆", text: "Overdue" };
      if (late) return { tone: "medium", mark: "▲", text: `Expected${late}` };
      return { tone: "low", mark: "■", text: "On plan" };
  }
}

export function adviceOf(row: Departure): Mark {
  const { action, hold_min: minutes } = row.advice;
  if (action === "hold") {
    return { tone: "high", mark: "◆", text: minutes ? `Hold ${minutes} min` : "Keep holding" };
  }
  if (action === "go") return { tone: "done", mark: "✓", text: row.state === "held" ? "Release" : "Go" };
  return { tone: "none", mark: "–", text: "" };
}

const ARRIVAL: Record<Arrival["state"], Mark> = {
  planned: { tone: "low", mark: "■", text: "Not left" },
  held: { tone: "medium", mark: "▲", text: "Held there" },
  rolling: { tone: "low", mark: "➤", text: "On the road" },
  arrived: { tone: "done", mark: "✓", text: "Here" },
};

export function arrivalOf(row: Arrival): Mark {
  if (row.state !== "arrived" && row.slack_s !== null && row.slack_s < 0) {
    return { tone: "high", mark: "◆", text: `${ARRIVAL[row.state].text}, misses its wave` };
  }
  if (row.state === "rolling" && (row.late_s ?? 0) >= 60) {
    return { tone: "medium", mark: "▲", text: `${span((row.late_s ?? 0) * 1_000)} late` };
  }
  return ARRIVAL[row.state];
}

const WAVE: Record<BoardWave["state"], Mark> = {
  planned: { tone: "low", mark: "■", text: "Planned" },
  sorting: { tone: "medium", mark: "▲", text: "Sorting" },
  ended: { tone: "done", mark: "✓", text: "Ended" },
};

export function waveOf(row: BoardWave): Mark {
  return WAVE[row.state];
}

/** What a wave counts down to next: its cut-off, then its end. */
export function waveNext(row: BoardWave, nowMs: number): { name: string; at: string } | null {
  if (row.state === "ended") return null;
  if (Date.parse(row.inbound_cutoff_at) > nowMs) return { name: "cut-off", at: row.inbound_cutoff_at };
  const ready = row.ready_at ?? row.ends_at;
  return ready === null ? null : { name: "ready", at: ready };
}

/** Whether somebody may still decide about it. */
export function isWaiting(row: Departure): boolean {
  return row.state === "planned" || row.state === "held";
}

const HOLDS_MIN = [15, 30, 60];

/** Minutes that a load may be held, with what is advised among them. */
export function holdChoices(row: Departure): number[] {
  const advised = row.advice.action === "hold" ? row.advice.hold_min : 0;
  return [...new Set(advised > 0 ? [...HOLDS_MIN, advised] : HOLDS_MIN)].sort((a, b) => a - b);
}

/** Until when a hold of so many minutes lasts: beyond the time at which the load would leave now. */
export function heldUntil(row: Departure, minutes: number, nowMs: number): string {
  const base = Math.max(Date.parse(row.leaves_at), nowMs);
  return new Date(Math.ceil((base + minutes * MINUTE_MS) / MINUTE_MS) * MINUTE_MS).toISOString();
}

/** A hold until this releases a load: its planned time, or now. */
export function releasedAt(row: Departure, nowMs: number): string {
  const soonest = Math.ceil((nowMs + MINUTE_MS) / MINUTE_MS) * MINUTE_MS;
  return new Date(Math.max(Date.parse(row.departs_at), soonest)).toISOString();
}

export type Deed = "hold" | "go" | "cancel";

/** What is asked when a load is held, released or cancelled. */
export function commandOf(row: Departure, deed: Deed, minutes: number, nowMs: number): CommandAsked {
  if (deed === "cancel") return { command: "cancel_load", load_id: row.load_id, preview: false };
  const until = deed === "hold" ? heldUntil(row, minutes, nowMs) : releasedAt(row, nowMs);
  return { command: "hold_departure", load_id: row.load_id, until, preview: false };
}

/** The driver with the fewest hours to spare: who limits the load. */
export function shortest(row: Departure): Departure["drivers"][number] | null {
  const spare = ({ driving_left_h: left, to_drive_h: drives }: Departure["drivers"][number]): number =>
    left === null ? Infinity : left - (drives ?? 0);
  return row.drivers.toSorted((a, b) => spare(a) - spare(b))[0] ?? null;
}
