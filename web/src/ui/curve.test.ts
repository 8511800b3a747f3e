import { describe, expect, it } from "vitest";
import { curve } from "./curve";

describe("a small curve", () => {
  it("goes from the left to the right, the least below and the most above", () => {
    expect(curve([0, 10, 5], 100, 20, { inset: 0 }).line).toBe("M0.0 20.0L50.0 0.0L100.0 10.0");
  });

  it("has a gap where nothing was known", () => {
    expect(curve([1, null, 3, 2], 30, 10, { inset: 0 }).line).toBe("M0.0 10.0M20.0 0.0L30.0 5.0");
  });

  it("stands on zero as an area, closed at each gap", () => {
    expect(curve([2, 4, null], 20, 8, { fromZero: true, inset: 0 }).area).toBe("M0.0 8L0.0 4.0L10.0 0.0L10.0 8Z");
    expect(curve([0, 0], 20, 8, { fromZero: true, inset: 0 }).area).toBe("M0.0 8L0.0 8.0L20.0 8.0L20.0 8Z");
  });

  it("is nothing without two points", () => {
    expect(curve([1], 10, 10).line).toBe("");
    expect(curve([null, null], 10, 10).line).toBe("");
  });
});
