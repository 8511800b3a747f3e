import { describe, expect, it } from "vitest";
import type { DriverRow, DutyDay, DutySegment, WhatIfAnswer } from "../../api/schema";
import { askedOf, gainsOf, hours, NOTHING_ASKED, questionOf, shownDrivers, standingOf, verdictOf } from "./fleet";
import { forbiddenIn, hoursOfDay, placed, stretchesOf } from "./rods";

const NOW = Date.parse("2026-11-30T18:00:00Z");

function driver(part: Partial<DriverRow>): DriverRow {
  return {
    driver_id: "D-1",
    standing: "working",
    activity: "ON",
    facility_id: "DFW",
    load_id: null,
    next_load_id: null,
    legal_again_at: null,
    timezone: "America/Chicago",
    clocks: null,
    ...part,
  } as DriverRow;
}

function left(seconds: number): DriverRow["clocks"] {
  return { drive_now_s: seconds } as DriverRow["clocks"];
}

describe("hours", () => {
  it("counts no minute that is only begun, and says nothing of what is not known", () => {
    expect(hours(3 * 3_600 + 359)).toBe("3:05");
    expect(hours(59)).toBe("0:00");
    expect(hours(null)).toBe("–");
  });
});

describe("standing", () => {
  it("tells an hour from two, and until when somebody rests in the time of home", () => {
    expect(standingOf(driver({ standing: "short", clocks: left(3_599) }), NOW).tone).toBe("high");
    expect(standingOf(driver({ standing: "short", clocks: left(3_600) }), NOW).tone).toBe("medium");
    const resting = driver({ standing: "resting", legal_again_at: "2026-11-30T23:10:00Z" });
    expect(standingOf(resting, NOW).text).toBe("Resting to 17:10");
    const longer = driver({ standing: "out_of_hours", legal_again_at: "2026-12-02T23:10:00Z" });
    expect(standingOf(longer, NOW).text).toBe("Out of hours to Wed 2 17:10");
  });
});

describe("filters", () => {
  const rows = [
    driver({ driver_id: "D-1", load_id: "L-9" }),
    driver({ driver_id: "D-2", standing: "rested", facility_id: "LAX" }),
    driver({ driver_id: "D-3", standing: "unknown" }),
  ];
  const ids = (...asked: [Parameters<typeof shownDrivers>[1], string, string]): string[] =>
    shownDrivers(rows, ...asked).map((row) => row.driver_id);
  it("go by standing, home, and the id of a driver or a load", () => {
    expect(ids("all", "", "")).toEqual(["D-1", "D-2", "D-3"]);
    expect(ids("resting", "", "")).toEqual(["D-2"]);
    expect(ids("all", "DFW", "")).toEqual(["D-1", "D-3"]);
    expect(ids("all", "", " l-9")).toEqual(["D-1"]);
  });
});

describe("what gives hours back", () => {
  it("tells together what one deed gives", () => {
    const change = { what: "reset", at: "2026-11-30T23:10:00Z", in_berth: false, text: "", citation: "" } as const;
    const gains = gainsOf({
      changes: [
        { ...change, rule: "driving_11h", gains_s: 7_200 },
        { ...change, rule: "window_14h", gains_s: 3_600 },
        { ...change, what: "midnight", rule: "cycle_70_8", gains_s: 60 },
      ],
    });
    expect(gains.map((gain) => gain.gains)).toEqual([["+2:00 driving", "+1:00 window"], ["+0:01 cycle"]]);
  });
});

describe("what if", () => {
  it("asks for a load or for hours, and for nothing that is no number", () => {
    expect(questionOf(NOTHING_ASKED, NOW)).toBeNull();
    expect(questionOf({ ...NOTHING_ASKED, load: "B1", drive: "" }, NOW)).toEqual({ load_id: "B1", drive_h: 0, work_h: 0 });
    expect(questionOf({ ...NOTHING_ASKED, drive: "x" }, NOW)).toBeNull();
    expect(questionOf({ ...NOTHING_ASKED, drive: "2.5", after: "1" }, NOW)).toEqual({
      drive_h: 2.5,
      work_h: 0,
      from: "2026-11-30T19:00:00.000Z",
    });
    expect(askedOf(new URLSearchParams("load=B1&after=2"))).toEqual({ load: "B1", drive: "", work: "", after: "2" });
  });

  it("is no yes where the plan or what comes later stands against it", () => {
    const answer = { allowed: true, clash_at: null, spoils: [], regulated: true } as unknown as WhatIfAnswer;
    expect(verdictOf(answer).tone).toBe("done");
    expect(verdictOf({ ...answer, clash_at: "2026-11-30T23:10:00Z" }).tone).toBe("medium");
    expect(verdictOf({ ...answer, allowed: null }).text).toBe("Not known");
    expect(verdictOf({ ...answer, allowed: false }).tone).toBe("critical");
  });
});

describe("the record of a day", () => {
  const day: DutyDay = {
    date: "2026-11-01",
    starts_at: "2026-11-01T05:00:00Z",
    ends_at: "2026-11-02T06:00:00Z",
    off_s: 0,
    sb_s: 0,
    d_s: 0,
    on_s: 0,
  };
  const segment = (activity: string, startsAt: string, endsAt: string, source: DutySegment["source"]): DutySegment => ({
    activity,
    starts_at: startsAt,
    ends_at: endsAt,
    source,
    load_id: null,
    route_id: null,
    place: "DFW",
  });
  it("has 25 hours where the clocks go back", () => {
    expect(hoursOfDay(day)).toHaveLength(26);
  });
  it("is cut at its midnights, and what began before has no place here", () => {
    const rows = stretchesOf(
      [
        segment("YM", "2026-11-01T03:00:00Z", "2026-11-01T06:00:00Z", "told"),
        segment("D", "2026-11-01T06:00:00Z", "2026-11-03T06:00:00Z", "plan"),
        segment("OFF", "2026-11-03T06:00:00Z", "2026-11-03T07:00:00Z", "told"),
      ],
      day,
    );
    expect(rows.map(({ line, unsure, place }) => [line, unsure, place])).toEqual([
      ["ON", false, null],
      ["D", true, "DFW"],
    ]);
    expect(rows.map(({ fromMs, toMs }) => (toMs - fromMs) / 3_600_000)).toEqual([1, 24]);
  });
  it("shows what is forbidden of it alone", () => {
    const finding = { rule: "", text: "", seconds: 0, severity: "nominal", citation: "" };
    const found = forbiddenIn([{ ...finding, starts_at: "2026-11-01T04:00:00Z", ends_at: "2026-11-01T07:00:00Z" }], day);
    expect(found.map(({ fromMs, toMs }) => toMs - fromMs)).toEqual([2 * 3_600_000]);
  });
  it("names places that have room", () => {
    const items = [0, 10, 45, 60, 90].map((px) => ({ px, place: px === 45 ? null : "DFW" }));
    expect(placed(items, ({ px }) => px, 40).map(({ px }) => px)).toEqual([0, 60]);
  });
});
