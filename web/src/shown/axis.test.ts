import { describe, expect, it } from "vitest";
import { timeScale } from "./axis";

const at = (text: string): number => Date.parse(text);

describe("an axis of time", () => {
  it("holds every instant and ends on ticks", () => {
    const instants = [at("2026-11-24T05:10:00Z"), at("2026-11-25T17:56:00Z")];
    const { fromMs, toMs, ticks } = timeScale(instants, 900);
    expect(fromMs).toBeLessThanOrEqual(instants[0] ?? 0);
    expect(toMs).toBeGreaterThanOrEqual(instants[1] ?? 0);
    expect([ticks[0], ticks.at(-1)]).toEqual([fromMs, toMs]);
    expect(ticks.length).toBeLessThanOrEqual(12);
  });

  it("puts its ends at its ends", () => {
    const scale = timeScale([at("2026-11-24T05:00:00Z"), at("2026-11-24T11:00:00Z")], 600);
    expect([scale.at(scale.fromMs), scale.at(scale.toMs)]).toEqual([0, 600]);
  });

  it("has a length when all happens at once", () => {
    const { fromMs, toMs } = timeScale([at("2026-11-24T05:00:00Z")], 600);
    expect(toMs).toBeGreaterThan(fromMs);
  });
});
