import { describe, expect, it } from "vitest";
import { ServerClock } from "./clock";

describe("the server's clock", () => {
  it("is this machine's until the server says its time", () => {
    expect(new ServerClock().at(5)).toBe(5);
  });

  it("runs on from what was said, at the pace of a real clock", () => {
    const clock = new ServerClock();
    clock.heard(1_000_000, 0);
    clock.heard(1_015_300, 15_000);
    expect(clock.at(16_000)).toBe(1_016_300);
  });

  it("follows a day that is played sixty times faster", () => {
    const clock = new ServerClock();
    clock.heard(0, 0);
    clock.heard(600_000, 10_000);
    expect(clock.at(11_000)).toBe(660_000);
  });

  it("stands still while the day is paused", () => {
    const clock = new ServerClock();
    clock.heard(600_000, 0);
    clock.heard(600_000, 10_000);
    expect(clock.at(20_000)).toBe(600_000);
  });
});
