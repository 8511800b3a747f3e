import type { Parcel } from "../../api/schema";
import { span } from "../../shown/times";
import type { Tone } from "../../shown/words";

export interface Verdict {
  tone: Tone | "none";
  mark: string;
  text: string;
}

type Standing = Pick<Parcel, "status" | "status_at" | "promised_at" | "eta" | "terminal">;

/** Whether the promise holds, as far as anybody can say. */
export function verdictOf(parcel: Standing, nowMs: number): Verdict {
  const promisedMs = parcel.promised_at === null ? null : Date.parse(parcel.promised_at);
  if (promisedMs === null) return { tone: "none", mark: "–", text: "no promise is known" };
  if (parcel.status === "delivered" && parcel.status_at !== null) {
    const lateMs = Date.parse(parcel.status_at) - promisedMs;
    if (lateMs <= 0) return { tone: "done", mark: "✓", text: "promise kept" };
    return { tone: "high", mark: "◆", text: `delivered ${span(lateMs)} late` };
  }
  if (parcel.terminal) return { tone: "high", mark: "◆", text: "will not be delivered" };
  if (promisedMs < nowMs) {
    return { tone: "high", mark: "◆", text: `late by ${span(nowMs - promisedMs)} already` };
  }
  if (parcel.eta === null) return { tone: "none", mark: "–", text: "no forecast yet" };
  const middleMs = Date.parse(parcel.eta.p50);
  const latestMs = Date.parse(parcel.eta.p95 ?? parcel.eta.p80 ?? parcel.eta.p50);
  if (middleMs > promisedMs) {
    return { tone: "high", mark: "◆", text: `probably ${span(middleMs - promisedMs)} late` };
  }
  if (latestMs > promisedMs) return { tone: "medium", mark: "▲", text: "may be late" };
  return { tone: "done", mark: "✓", text: "on time" };
}
