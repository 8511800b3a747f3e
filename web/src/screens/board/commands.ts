import { newKey, post } from "../../api/client";
import type { Departure } from "../../api/schema";
import { heldUntil, releasedAt } from "./board";

export type Deed = "hold" | "go" | "cancel";

export interface Command {
  command: "hold_departure" | "cancel_load";
  load_id: string;
  until?: string;
}

/** What a command comes to. */
export interface Outcome {
  command: string;
  preview: boolean;
  late_parcels: number;
  late_parcels_before: number;
  cost_usd: number;
  legal: boolean;
  reasons: string[];
  event_id?: string;
}

export function commandOf(row: Departure, deed: Deed, minutes: number, nowMs: number): Command {
  if (deed === "cancel") return { command: "cancel_load", load_id: row.load_id };
  const until = deed === "hold" ? heldUntil(row, minutes, nowMs) : releasedAt(row, nowMs);
  return { command: "hold_departure", load_id: row.load_id, until };
}

export function previewed(command: Command): Promise<Outcome> {
  return post<Outcome>("/v1/commands", { ...command, preview: true }, newKey());
}

/** `key`: the same for each try of one decision, so that it is done once. */
export function done(command: Command, key: string): Promise<Outcome> {
  return post<Outcome>("/v1/commands", command, key);
}

/** "saves 41 parcels", "makes 3 parcels late", "changes no promise". */
export function saidOf({ late_parcels: late, late_parcels_before: before }: Outcome): string {
  const saved = before - late;
  if (saved === 0) return "Changes no promise";
  const parcels = `${Math.abs(saved).toLocaleString("en-US")} ${Math.abs(saved) === 1 ? "parcel" : "parcels"}`;
  return saved > 0 ? `Saves ${parcels}` : `Makes ${parcels} late`;
}
