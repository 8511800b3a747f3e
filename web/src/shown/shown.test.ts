import { describe, expect, it } from "vitest";
import { cents, change, count, decimal, dollars, money, share } from "./numbers";
import { clockTime, relative, span, utc, zoneName } from "./times";
import { severityOf, words } from "./words";

describe("spans", () => {
  it.each([
    [-5, "0 s"],
    [42_900, "42 s"],
    [12 * 60_000, "12 min"],
    [(3 * 60 + 5) * 60_000, "3 h 05"],
    [52 * 3_600_000, "2 d 4 h"],
    [48 * 3_600_000, "2 d"],
  ])("%d ms is %s", (ms, said) => expect(span(ms)).toBe(said));

  it("look forward and back", () => {
    expect(relative(60_000, 0)).toBe("in 1 min");
    expect(relative(0, 60_000)).toBe("1 min ago");
  });
});

describe("instants", () => {
  const at = Date.parse("2026-11-27T02:14:00Z");

  it("are shown in the zone of the place, with its name", () => {
    expect(clockTime(at, at, "America/New_York")).toBe("21:14");
    expect(zoneName(at, "America/New_York")).toBe("EST");
    expect(utc(at)).toBe("2026-11-27 02:14 UTC");
  });

  it("name the day when it is another one there", () => {
    expect(clockTime(at, at + 24 * 3_600_000, "America/New_York")).toBe("Thu, Nov 26 21:14");
  });
});

describe("numbers", () => {
  it("that are unknown are a dash and never zero", () => {
    expect([count(null), share(undefined), dollars(null)]).toEqual(["–", "–", "–"]);
  });

  it("have cents and decimals where that is asked", () => {
    expect([cents(9.842), cents(-0.43), cents(0), cents(null)]).toEqual(["$9.84", "−$0.43", "$0.00", "–"]);
    expect(decimal(3.07, 1)).toBe("3.1");
  });

  it("are short and keep their units", () => {
    expect([count(1204), share(0.968), dollars(950), dollars(18_200), dollars(1_400_000)]).toEqual([
      "1,204", "96.8 %", "$950", "$18.2k", "$1.4M",
    ]);
  });
});

describe("money", () => {
  it("has its sign", () => {
    expect([money(-264.1), money(75), money(-0.2), change(16), change(-232), change(0.3)]).toEqual([
      "-$264", "$75", "$0", "+$16", "-$232", "$0",
    ]);
  });
});

describe("words", () => {
  it("are those of the trade", () => {
    expect([words("hos_risk"), words("vehicle_breakdown")]).toEqual([
      "Hours of service at risk", "Vehicle breakdown",
    ]);
  });

  it("give every severity a shape, and an unknown one too", () => {
    expect(["P0", "P1", "P2", "P3", "P9"].map((name) => severityOf(name).mark)).toEqual([
      "●", "◆", "▲", "■", "▲",
    ]);
  });
});
