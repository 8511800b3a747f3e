import { describe, expect, it } from "vitest";
import type { ParcelEvent } from "../../api/schema";
import type { Position } from "../../map/projection";
import { waysOf } from "./way";

const HOUR = 3_600_000;
const T0 = Date.parse("2026-11-26T00:00:00Z");
const PLACES = new Map<string, Position>([["LAX", [0, 0]], ["PHX", [1, 0]], ["DAL", [2, 0]], ["MEM", [3, 3]]]);
const PARCEL = {
  path: [["LAX", "PHX"], ["PHX", "DAL"]].map(([from = "", to = ""]) => ({
    load_id: "L", from_facility_id: from, to_facility_id: to, departs_at: "", arrives_at: "",
  })),
  terminal: false, facility_id: null, destination_facility_id: "DAL",
};
const scan = (facility: string | null, hours: number): ParcelEvent => ({
  source: "s", source_event_id: String(hours), kind: "arrived_facility", facility_id: facility,
  occurred_at: new Date(T0 + hours * HOUR).toISOString(), received_at: new Date(T0 + hours * HOUR).toISOString(),
  vehicle_id: null, driver_id: null, payload: null,
});
const drawn = (events: ParcelEvent[], atHours: number, parcel = PARCEL): Record<string, readonly Position[]> =>
  Object.fromEntries(waysOf(PLACES, parcel, events, T0 + atHours * HOUR).map(({ kind, at }) => [kind, at]));

describe("the way of a parcel", () => {
  it("goes on from the last scan as it is predicted", () => {
    expect(drawn([scan("LAX", 0), scan("PHX", 2)], 3)).toEqual({
      planned: [[0, 0], [1, 0], [2, 0]],
      actual: [[0, 0], [1, 0]],
      predicted: [[1, 0], [2, 0]],
    });
  });

  it("is silence from the last scan to where it should have come next", () => {
    const ways = drawn([scan("LAX", 0)], 9);
    expect(ways.silence).toEqual([[0, 0], [1, 0]]);
    expect(ways.predicted).toEqual([[1, 0], [2, 0]]);
  });

  it("leads from off the plan straight to its end", () => {
    expect(drawn([scan("LAX", 0), scan("MEM", 2)], 3).predicted).toEqual([[3, 3], [2, 0]]);
  });

  it("has nothing to come before the first scan or after the end", () => {
    expect(Object.keys(drawn([], 3))).toEqual(["planned"]);
    expect(Object.keys(drawn([scan("LAX", 0)], 9, { ...PARCEL, terminal: true }))).toEqual(["planned", "actual"]);
  });
});
