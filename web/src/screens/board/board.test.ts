import { describe, expect, it } from "vitest";
import type { Departure } from "../../api/schema";
import { adviceOf, arrivalOf, commandOf, countdown, heldUntil, holdChoices, releasedAt, shortest, stateOf, waveNext } from "./board";

const NOW = Date.parse("2026-11-27T03:00:30Z");

function row(more: Partial<Departure> = {}): Departure {
  return {
    load_id: "L1", kind: "loaded", to: "DEN", state: "planned", added: false, door: 1,
    departs_at: "2026-11-27T03:20:00Z", leaves_at: "2026-11-27T03:20:00Z", held_until: null,
    held_by: null, departed_at: null, late_s: 0, arrives_at: null, comes_at: null, cutoff_at: null,
    slack_s: null, carrier_id: "own", vehicle_type: "van53", units: 1, driver_mode: "solo",
    drivers: [], planned: 120, loaded: 0, ready: 79, in_sort: 41, to_come: 0, stopped: 0, gone: 0,
    planned_m3: 4, now_m3: 3, space_m3: 5, planned_share: 0.8, now_share: 0.6,
    advice: { action: "hold", hold_min: 20, saves: 41, reason: "" }, ...more,
  };
}

const driver = { activity: "ON", drive_now_h: 8 };

describe("a departure", () => {
  it("counts down, and says by how much it is over", () => {
    expect(countdown(NOW + 24 * 60_000, NOW)).toBe("24 min");
    expect(countdown(NOW - 3 * 60_000, NOW)).toBe("over by 3 min");
  });

  it.each([
    [{}, "■ On plan"],
    [{ late_s: 1_500, leaves_at: "2026-11-27T03:45:00Z" }, "▲ Expected 25 min late"],
    [{ leaves_at: "2026-11-27T02:50:00Z" }, "◆ Overdue"],
    [{ leaves_at: "2026-11-27T02:59:00Z" }, "■ On plan"],
    [{ state: "held", held_by: "Ruiz" }, "▲ Held by Ruiz"],
    [{ state: "departed", late_s: 120 }, "✓ Left 2 min late"],
    [{ state: "cancelled" }, "✕ Cancelled"],
  ] as [Partial<Departure>, string][])("of %j is marked %s", (more, said) => {
    const { mark, text } = stateOf(row(more), NOW);
    expect(`${mark} ${text}`).toBe(said);
  });

  it("that is held is advised to go on, or to be released", () => {
    const held = (action: "hold" | "go"): Departure =>
      row({ state: "held", advice: { action, hold_min: 0, saves: 0, reason: "" } });
    expect([adviceOf(row()).text, adviceOf(held("hold")).text, adviceOf(held("go")).text]).toEqual([
      "Hold 20 min", "Keep holding", "Release",
    ]);
  });

  it("is limited by the driver who has the fewest hours to spare", () => {
    const drivers = [
      { ...driver, driver_id: "unknown", driving_left_h: null, to_drive_h: 9 },
      { ...driver, driver_id: "fresh", driving_left_h: 11, to_drive_h: 9 },
      { ...driver, driver_id: "tired", driving_left_h: 10, to_drive_h: 9 },
    ];
    expect(shortest(row({ drivers }))?.driver_id).toBe("tired");
    expect(shortest(row())).toBeNull();
  });
});

describe("a hold", () => {
  it("offers what is advised among the usual choices", () => {
    expect(holdChoices(row())).toEqual([15, 20, 30, 60]);
    expect(holdChoices(row({ advice: { action: "go", hold_min: 0, saves: 0, reason: "" } }))).toEqual([15, 30, 60]);
  });

  it("lasts beyond the time at which the load would leave, now at the earliest", () => {
    expect(heldUntil(row(), 15, NOW)).toBe("2026-11-27T03:35:00.000Z");
    expect(heldUntil(row({ leaves_at: "2026-11-27T02:50:00Z" }), 15, NOW)).toBe("2026-11-27T03:16:00.000Z");
  });

  it("is released by one until the plan, or until the next minute", () => {
    expect(releasedAt(row(), NOW)).toBe("2026-11-27T03:20:00.000Z");
    expect(releasedAt(row({ departs_at: "2026-11-27T02:50:00Z" }), NOW)).toBe("2026-11-27T03:02:00.000Z");
  });
});

describe("arrivals and waves", () => {
  it("warn of a wave that is missed", () => {
    const coming = {
      load_id: "A", kind: null, from: "LAX", state: "rolling", arrives_at: null, comes_at: null,
      arrived_at: null, late_s: 600, cutoff_at: null, slack_s: -60, parcels: 1, carrier_id: null,
      vehicle_type: null,
    } as const;
    expect(arrivalOf(coming).text).toBe("On the road, misses its wave");
    expect(arrivalOf({ ...coming, slack_s: 60 }).text).toBe("10 min late");
    expect(arrivalOf({ ...coming, late_s: 0, slack_s: null }).text).toBe("On the road");
  });

  it("count down to the cut-off, then to when the parcels are ready", () => {
    const wave = {
      wave: "night", state: "planned", inbound_cutoff_at: "2026-11-27T03:30:00Z", starts_at: null,
      ends_at: "2026-11-27T04:00:00Z", ready_at: "2026-11-27T04:10:00Z", capacity_parcels: 1,
      waiting: 1, left: null,
    } as const;
    expect(waveNext(wave, NOW)?.name).toBe("cut-off");
    expect(waveNext(wave, NOW + 3_600_000)).toEqual({ name: "ready", at: "2026-11-27T04:10:00Z" });
    expect(waveNext({ ...wave, state: "ended" }, NOW)).toBeNull();
  });
});

describe("a command", () => {
  it("holds beyond the time at which the load would leave, releases by a hold until the plan, or cancels", () => {
    const asked = { command: "hold_departure", load_id: "L1", preview: false };
    expect(commandOf(row(), "hold", 15, NOW)).toEqual({ ...asked, until: "2026-11-27T03:35:00.000Z" });
    expect(commandOf(row(), "go", 15, NOW)).toEqual({ ...asked, until: "2026-11-27T03:20:00.000Z" });
    expect(commandOf(row(), "cancel", 15, NOW)).toEqual({ command: "cancel_load", load_id: "L1", preview: false });
  });
});
