import { describe, expect, it } from "vitest";
import { timelineOf } from "./moments";
import { verdictOf } from "./promise";

const HOUR_MS = 3_600_000;
const NOW = Date.parse("2026-11-26T12:00:00Z");
const iso = (hours: number): string => new Date(NOW + hours * HOUR_MS).toISOString();
const eta = (p50: number, p95: number) => ({ p50: iso(p50), p80: null, p95: iso(p95) });

describe("the verdict on a promise", () => {
  const under = { status: "picked_up", status_at: iso(-1), terminal: false, promised_at: iso(8) };
  it.each([
    ["on time", { ...under, eta: eta(2, 4) }],
    ["may be late", { ...under, eta: eta(6, 10) }],
    ["probably 2 h 00 late", { ...under, eta: eta(10, 12) }],
    ["no forecast yet", { ...under, eta: null }],
    ["no promise is known", { ...under, promised_at: null, eta: null }],
    ["late by 1 h 00 already", { ...under, promised_at: iso(-1), eta: null }],
    ["promise kept", { ...under, status: "delivered", terminal: true, eta: null }],
    ["will not be delivered", { ...under, status: "lost", terminal: true, eta: null }],
  ])("says: %s", (text, parcel) => expect(verdictOf(parcel, NOW).text).toBe(text));
});

describe("the timeline", () => {
  const event = (hours: number, receivedHours = hours) => ({
    source: "scanner", source_event_id: String(hours), kind: "picked_up", occurred_at: iso(hours),
    received_at: iso(receivedHours), facility_id: "MEM", vehicle_id: null, driver_id: null, payload: null,
  });
  const step = {
    load_id: "L", from_facility_id: "MEM", to_facility_id: "SLC", departs_at: iso(1), arrives_at: iso(9),
  };
  const told = { events: [event(-6)], path: [step], promisedMs: NOW + 12 * HOUR_MS, predictedMs: NOW + 10 * HOUR_MS, destination: "SLC", terminal: false, nowMs: NOW };

  it("has scans, the silence since, now, the plan, the forecast and the promise in order", () => {
    expect(timelineOf(told).map(({ kind }) => kind)).toEqual([
      "actual", "silence", "now", "planned", "planned", "predicted", "promise",
    ]);
  });

  it("of a parcel that is there has neither silence nor now", () => {
    const kinds = timelineOf({ ...told, terminal: true }).map(({ kind }) => kind);
    expect(kinds).toEqual(["actual", "planned", "planned", "promise"]);
  });

  it("says when a scan was told late", () => {
    expect(timelineOf({ ...told, events: [event(-6, -3)] })[0]?.toldMs).toBe(NOW - 3 * HOUR_MS);
  });
});
