import { expect, test } from "vitest";
import type { DayRoute, FacilityDay, WeighedMove } from "../../../api/schema";
import { partAt, partPaths } from "./ganttDrawing";
import { ganttRows, instantsOf, shortVehicle, slackWords } from "./ganttRows";
import { costChange, movedSaid, ranked, verdict } from "./moving";
import { leftSaid, savedSaid, searchCurve, searchSaid } from "./searching";

const ZONE = "America/Chicago";

function weighed(vehicle: string, cost: number | null, more: Partial<WeighedMove> = {}): WeighedMove {
  return {
    vehicle_id: vehicle, route_id: null, fits: cost !== null, refusals: [], cost_usd: cost, distance_m: 0,
    paid_s: 0, late_stops: 0, returns_at: null, arrivals_moved: 0, arrivals: [], ...more,
  };
}

function refused(vehicle: string, limit: string, said: string): WeighedMove {
  return weighed(vehicle, null, { refusals: [{ limit, said, over: 60, unit: "s", parcel_id: null }] });
}

test("the cheapest that fits comes first, what cannot be comes last, and its own route not at all", () => {
  const moves = [refused("d", "duty", "10 h 18"), weighed("a", 4), refused("own", "same", ""), weighed("b", -1), weighed("c", 2)];
  expect(ranked(moves).map(({ vehicle_id: id }) => id)).toEqual(["b", "c", "a", "d"]);
});

test("a change of cost has its sign, and less than half a cent is nothing", () => {
  expect([3.2, -0.4, 0.001, -0.001, null].map(costChange)).toEqual(["+$3.20", "−$0.40", "$0.00", "$0.00", "–"]);
});

test("a verdict says why not, or what it costs and whom it moves", () => {
  expect(verdict(refused("a", "duty", "10 h 18 of duty, 10 h 00 allowed"), ZONE)).toBe("10 h 18 of duty, 10 h 00 allowed");
  const move = weighed("a", 3.2, {
    returns_at: "2026-11-30T23:42:00Z",
    late_stops: 2,
    arrivals_moved: 12,
    arrivals: [{ parcel_id: "P-1", vehicle_id: "a", was_at: "2026-11-30T20:00:00Z", now_at: "2026-11-30T20:31:00Z" }],
  });
  expect(verdict(move, ZONE)).toBe("+$3.20 · back 17:42 · 2 more late · 12 ETAs move, most P-1 14:00 → 14:31 (31 min later)");
  expect(verdict(weighed("a", 0), ZONE)).toContain("nobody else");
});

test("what was moved is said in stops and dollars", () => {
  expect(movedSaid(1, "LAX-OWN-van-0003", 3.2)).toBe("1 stop to OWN-van-0003: +$3.20");
});

test("vehicles lose what all of a facility share, slack has its sign", () => {
  expect(shortVehicle("V1")).toBe("V1");
  expect(slackWords(-120)).toBe("2 min over");
});

const ROUTE: DayRoute = {
  route_id: "R-1", vehicle_id: "LAX-OWN-van-0003", vehicle_type: "cargo_van", driver_id: null, carrier_id: "OWN",
  mode: "own", capacity_m3: 8, shift_starts_at: "2026-11-30T14:00:00Z", shift_ends_at: "2026-12-01T02:00:00Z",
  max_duty_s: 36_000, hos_ruleset: null, more: 0, locked: false, departs_at: "2026-11-30T15:00:00Z",
  returns_at: "2026-11-30T17:00:00Z", must_return_at: "2026-12-01T01:00:00Z", limit: "duty", slack_s: 28_800,
  stops: 1, parcels: 2, late_stops: 1, volume_m3: 1, fill: 0.1, distance_m: 1_000, paid_s: 7_200, cost_usd: 10,
  costs: { fixed_usd: 10, distance_usd: 0, time_usd: 0, stops_usd: 0, parcels_usd: 0, fuel_usd: 0 }, reason: null,
  segments: [
    { kind: "drive", starts_at: "2026-11-30T15:00:00Z", ends_at: "2026-11-30T15:30:00Z", sequence: 1, parcels: null },
    { kind: "service", starts_at: "2026-11-30T15:30:00Z", ends_at: "2026-11-30T15:40:00Z", sequence: 1, parcels: 2 },
    { kind: "drive", starts_at: "2026-11-30T15:40:00Z", ends_at: "2026-11-30T17:00:00Z", sequence: null, parcels: null },
  ],
  visits: [
    {
      stop_id: "P-1", sequence: 1, parcel_ids: ["P-1", "P-2"], arrives_at: "2026-11-30T15:30:00Z",
      departs_at: "2026-11-30T15:40:00Z", opens_at: null, closes_at: null, due_at: "2026-11-30T15:35:00Z", late: true,
      locked: true, distance_m: 500, latitude: 34, longitude: -118,
    },
  ],
};

test("a route is a row to its limit, its stops can be taken hold of, and what is due is a bracket", () => {
  const idle = { ...ROUTE, vehicle_id: "LAX-OWN-van-0009", more: 12 };
  const day = { timezone: ZONE, routes: [ROUTE], idle: [idle] } as unknown as FacilityDay;
  const [row, spare] = ganttRows(day);
  expect(row?.parts.map(({ kind, stop }) => [kind, stop])).toEqual([
    ["drive", null], ["service", "P-1"], ["drive", null], ["slack", null],
  ]);
  expect(row?.brackets).toEqual([{ stop: "P-1", opensMs: null, closesMs: Date.parse("2026-11-30T15:35:00Z"), missed: true }]);
  expect(row?.lockedStops.has("P-1")).toBe(true);
  expect(row?.limitSaid).toBe("its longest duty ends at 19:00");
  expect(spare?.label).toBe("OWN-van-0009 and 12 like it");
  expect(Math.max(...instantsOf(ganttRows(day)))).toBe(Date.parse("2026-12-01T01:00:00Z"));
});

test("the cost of a search goes down in steps, from what stands to the best so far", () => {
  const begun = { seconds: 20, elapsed_s: 0, standing_usd: 100, trace: [{ elapsed_s: 0, cost_usd: 100 }] };
  expect(searchCurve(begun, 200, 40)).toEqual({ line: "M0.0 2.0 H0.0", standingY: 2 });
  expect(savedSaid(begun)).toBe("nothing cheaper yet");
  const found = { ...begun, elapsed_s: 8.2, trace: [...begun.trace, { elapsed_s: 2, cost_usd: 96 }, { elapsed_s: 5, cost_usd: 90 }] };
  expect(searchCurve(found, 200, 40).line).toBe("M0.0 2.0 H20.0 V16.4 H50.0 V38.0 H82.0");
  expect(searchSaid(found)).toBe("best $90.00, standing $100.00, 12 s left");
  expect(savedSaid(found)).toBe("−$10.00 (10.0 %)");
  expect(leftSaid({ ...found, seconds: 300 })).toBe("4 min left");
  expect(leftSaid({ ...found, elapsed_s: 21 })).toBe("ending");
  // A search that took longer than it was given stays within the box.
  expect(searchCurve({ ...found, elapsed_s: 25 }, 200, 40).line).toMatch(/H200\.0$/);
});

test("a row is one path a kind, and the pointer finds the stop that it is near", () => {
  const [row] = ganttRows({ timezone: ZONE, routes: [ROUTE], idle: [] } as unknown as FacilityDay);
  if (!row) throw new Error("no row");
  const from = Date.parse(ROUTE.departs_at);
  const x = (ms: number): number => (ms - from) / 60_000; // a pixel a minute: service from 30 to 40
  expect(partPaths(row, x).map(({ kind, d }) => [kind, d.split("z").length - 1])).toEqual([
    ["drive", 2], ["service", 1], ["slack", 1],
  ]);
  expect(partPaths(row, x)[1]?.d).toBe("M30.0 5h10.0v18h-10.0z");
  expect([-1, 10, 27, 28, 35, 42, 43, 121, 10_000].map((at) => partAt(row, x, at))).toEqual([-1, 0, 0, 1, 1, 1, 2, 3, -1]);
});
