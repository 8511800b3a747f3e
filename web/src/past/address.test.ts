import { beforeEach, describe, expect, it, vi } from "vitest";

describe("links from the past", () => {
  beforeEach(() => {
    vi.resetModules();
    vi.stubGlobal("window", globalThis);
    vi.stubGlobal("addEventListener", () => undefined);
    vi.stubGlobal("location", { pathname: "/tower", search: "?at=2026-11-26T21:14:00Z&id=1" });
    return () => vi.unstubAllGlobals();
  });

  it("lead to the same instant, where a screen can show it", async () => {
    const { keepingTime } = await import("../frame/address");
    expect(keepingTime("/parcel/P1")).toBe("/parcel/P1?at=2026-11-26T21:14:00Z");
    expect(keepingTime("/tower?show=mine")).toBe("/tower?show=mine&at=2026-11-26T21:14:00Z");
    expect(keepingTime("/tower?at=2026-11-26T01:00:00Z")).toBe("/tower?at=2026-11-26T01:00:00Z");
    expect(keepingTime("/board/DFW?load=B1")).toBe("/board/DFW?load=B1&at=2026-11-26T21:14:00Z");
    expect(keepingTime("/sign-in")).toBe("/sign-in");
    expect(keepingTime("/towering")).toBe("/towering");
  });

  it("show now on a screen that cannot", async () => {
    const { pastNow } = await import("./past");
    expect(pastNow()).toBe(Date.parse("2026-11-26T21:14:00Z"));
    vi.stubGlobal("location", { pathname: "/plan", search: "?at=2026-11-26T21:14:00Z" });
    vi.resetModules();
    expect((await import("./past")).pastNow()).toBeNull();
  });
});
