import { describe, expect, it } from "vitest";
import { askedAt, instantOf, pastOf } from "./past";
import { justPast, marks, reachFor, stretch } from "./scrub";

const NOW = Date.parse("2026-11-26T21:14:20Z");
const HOUR = 3_600_000;
const query = (said: string): URLSearchParams => new URLSearchParams(said);

describe("the instant of an address", () => {
  it("is past where it names one with a zone, whatever the zone", () => {
    const atMs = Date.parse("2026-11-26T21:14:00Z");
    expect(pastOf(query("at=2026-11-26T21:14:00Z"))).toBe(atMs);
    expect(pastOf(query("at=2026-11-26T16:14:00-05:00"))).toBe(atMs);
  });

  it("is now where there is none, and where nobody could say which it is", () => {
    for (const said of ["", "at=", "at=yesterday", "at=2026-11-26T21:14:00", "at=25:00Z"]) {
      expect(pastOf(query(said))).toBeNull();
    }
  });

  it("is read as it was written", () => {
    expect(pastOf(query(`at=${instantOf(NOW)}`))).toBe(NOW);
  });

  it("is asked of the server beside what else is asked", () => {
    expect(askedAt("/v1/kpis", null)).toBe("/v1/kpis");
    expect(askedAt("/v1/kpis", NOW)).toBe("/v1/kpis?at=2026-11-26T21%3A14%3A20.000Z");
    expect(askedAt("/v1/parcels?limit=1", NOW)).toContain("?limit=1&at=");
  });
});

describe("the scrubber", () => {
  const day = { name: "24 h", hours: 24, stepMs: 300_000, markMs: 3 * HOUR };

  it("ends now, in whole steps", () => {
    const { fromMs, toMs } = stretch(day, NOW);
    expect(toMs).toBe(Date.parse("2026-11-26T21:15:00Z"));
    expect(toMs - fromMs).toBe(24 * HOUR);
    expect(justPast(day, NOW)).toBe(Date.parse("2026-11-26T21:05:00Z"));
    expect((justPast(day, NOW) - fromMs) % day.stepMs).toBe(0);
  });

  it("reaches as far as the instant that is shown", () => {
    expect(reachFor(1, null, NOW).name).toBe("24 h");
    expect(reachFor(0, NOW - 20 * HOUR, NOW).name).toBe("24 h");
    expect(reachFor(1, NOW - 30 * HOUR, NOW).name).toBe("3 d");
    expect(reachFor(1, NOW - 9_000 * HOUR, NOW).name).toBe("14 d");
  });

  it("marks whole hours of the zone of who looks", () => {
    const { fromMs, toMs } = stretch(day, NOW);
    const found = marks(fromMs, toMs, 3 * HOUR, 5 * HOUR);
    expect(found).toHaveLength(8);
    expect(found.map((atMs) => (new Date(atMs).getUTCHours() + 19) % 24 % 3)).toEqual(Array(8).fill(0));
  });
});
