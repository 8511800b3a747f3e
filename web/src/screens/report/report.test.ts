import { describe, expect, it } from "vitest";
import type { ReportKpi } from "../../api/schema";
import { differenceOf, partsOf, showOf } from "./units";

const ratio = (value: number | null) => ({ numerator: value ?? 0, denominator: value === null ? 0 : 1, value });
const kpi = (unit: string, better: number, planned: number | null, actual: number | null): ReportKpi => ({
  name: "", label: "", definition: "", interval: null, unit, better,
  planned: ratio(planned),
  actual: ratio(actual),
});

describe("a difference from the plan", () => {
  it("says which way and whether that is good", () => {
    expect(differenceOf(kpi("share", 1, 0.9, 0.85))).toEqual({ text: "−5.0 points", verdict: "worse" });
    expect(differenceOf(kpi("usd", -1, 9.41, 8.41))).toEqual({ text: "−$1.00", verdict: "better" });
    expect(differenceOf(kpi("days", 0, 1, 2))).toEqual({ text: "+1.0 d", verdict: "neither" });
  });

  it("is none where it cannot be read off the figures that are shown", () => {
    expect(differenceOf(kpi("share", 1, 0.9, 0.9001))).toEqual({ text: "as planned", verdict: "same" });
  });

  it("is unknown where either figure is", () => {
    expect(differenceOf(kpi("share", 1, null, 0.9))).toBeNull();
    expect(differenceOf(kpi("share", 1, 0.9, null))).toBeNull();
  });
});

it("a figure says what it is made of, and that nothing is there yet", () => {
  expect(partsOf({ numerator: 385, denominator: 554, value: 0.69 }, "share")).toBe("385 of 554");
  expect(partsOf({ numerator: 7870.5, denominator: 800, value: 9.84 }, "usd")).toBe("$7,871 ÷ 800");
  expect(partsOf({ numerator: 0, denominator: 0, value: null }, "share")).toBe("nothing yet");
  expect(showOf("stops_per_hour")(3.0702)).toBe("3.07");
});
