import { describe, expect, it } from "vitest";
import type { CommandAnswer } from "../../api/schema";
import { askedOf, draftOf, typedOf } from "./drafts";
import { costOf, netOf } from "./effects";

describe("what is said", () => {
  it.each([
    ["hold L-20261130-0000007", { command: "hold_departure", load_id: "L-20261130-0000007" }],
    ["Cancel load L-1", { command: "cancel_load", load_id: "L-1" }],
    ["divert L-1", { command: "divert", load_id: "L-1" }],
    ["add load ewr→ord", { command: "add_load", from: "EWR", to: "ORD" }],
    ["add load EWR -> ORD", { command: "add_load", from: "EWR", to: "ORD" }],
    ["add load EWR to ORD", { command: "add_load", from: "EWR", to: "ORD" }],
    ["add load EWR ORD", { command: "add_load", from: "EWR", to: "ORD" }],
    ["add load", { command: "add_load", from: "", to: "" }],
    ["try P-1 again", { command: "reattempt", parcel_id: "P-1" }],
    ["hold", null],
    ["L-1", null],
    ["add", null],
  ])("%s", (text, draft) => expect(draftOf(text)).toEqual(draft));
});

describe("what is asked", () => {
  const hold = { command: "hold_departure", load_id: "L" } as const;
  const departs = Date.parse("2026-12-01T04:00:00Z");

  it("holds from the planned departure on", () => {
    const typed = { ...typedOf(hold), minutes: "45" };
    expect(askedOf(hold, typed, departs, 0)).toMatchObject({ load_id: "L", until: "2026-12-01T04:45:00.000Z" });
  });

  it.each(["", " ", "x", "-5"])("is nothing while the minutes are %j", (minutes) => {
    expect(askedOf(hold, { ...typedOf(hold), minutes }, departs, 0)).toBeNull();
  });

  it("is nothing while a place is missing or both are one", () => {
    const add = { command: "add_load", from: "A", to: "" } as const;
    expect(askedOf(add, typedOf(add), null, 0)).toBeNull();
    expect(askedOf(add, { ...typedOf(add), to: "A" }, null, 0)).toBeNull();
    expect(askedOf(add, { ...typedOf(add), to: "B", volume: "x" }, null, 0)).toBeNull();
    expect(askedOf(add, { ...typedOf(add), to: "B", volume: "12.5" }, null, 0)).toMatchObject({ volume_m3: 12.5 });
  });

  it("gives parcels to a partner and a load to a place", () => {
    const parcels = { command: "divert", parcel_ids: ["P"] } as const;
    expect(askedOf(parcels, { ...typedOf(parcels), carrier: "USPS" }, null, 0)).toMatchObject({ parcel_ids: ["P"], carrier_id: "USPS" });
    const load = { command: "divert", load_id: "L" } as const;
    expect(askedOf(load, { ...typedOf(load), to: "ORD" }, null, 0)).toMatchObject({ load_id: "L", to: "ORD" });
  });
});

describe("what it comes to", () => {
  it.each([
    [41, 0, "Saves 41 parcels"],
    [0, 1, "Makes 1 parcel late"],
    [3, 3, "Changes no promise"],
  ])("of %d late before and %d after is said", (before, late, said) => {
    expect(netOf({ late_parcels_before: before, late_parcels: late } as CommandAnswer)).toBe(said);
  });

  it.each([
    [38, "Costs $38"],
    [-12.4, "Saves $12"],
    [0.2, "Costs nothing"],
  ])("costs %d", (usd, said) => expect(costOf(usd)).toBe(said));
});
