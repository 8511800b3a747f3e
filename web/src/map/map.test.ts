import { describe, expect, it } from "vitest";
import { Fleet } from "./fleet";
import { Points } from "./points";
import { project, unproject } from "./projection";
import { centred, centreOf, fitted, onScreen, zoomed } from "./view";

const SIZE = { width: 200, height: 100 };

describe("the projection", () => {
  it("goes there and back", () => {
    const [x = 0, y = 0] = project(-90.05, 35.15) ?? [];
    const [longitude = 0, latitude = 0] = unproject(x, y) ?? [];
    expect([longitude, latitude].map((each) => each.toFixed(4))).toEqual(["-90.0500", "35.1500"]);
  });
});

describe("a view", () => {
  it("keeps the place under the pointer when it comes closer", () => {
    const before = { k: 2, x: 10, y: -4 };
    const at = [(50 - before.x) / before.k, (20 - before.y) / before.k] as const;
    const [x, y] = onScreen(zoomed(before, 1.7, [50, 20]), at);
    expect([x.toFixed(6), y.toFixed(6)]).toEqual(["50.000000", "20.000000"]);
  });

  it("shows all that is to be shown", () => {
    const positions = [[-300, -50], [400, 80]] as const;
    const view = fitted(positions, SIZE, 10);
    for (const [x, y] of positions.map((each) => onScreen(view, each))) {
      expect(x).toBeGreaterThanOrEqual(10 - 1e-9);
      expect(x).toBeLessThanOrEqual(190 + 1e-9);
      expect(y).toBeGreaterThanOrEqual(10 - 1e-9);
      expect(y).toBeLessThanOrEqual(90 + 1e-9);
    }
  });

  it("has the centre that it was given", () => {
    expect(centreOf(centred([3, 4], 5, SIZE), SIZE)).toEqual([3, 4]);
  });
});

describe("points", () => {
  it("are drawn as pixels, and those outside are left out", () => {
    const points = new Points();
    points.put("here", project(-96, 38) ?? [0, 0], 0xff0000ff);
    points.put("far", project(-60, 50) ?? [0, 0], 0xff0000ff);
    const pixels = new Uint32Array(200 * 100);
    points.draw(pixels, 200, 100, centred(project(-96, 38) ?? [0, 0], 1, SIZE), 1, 4);
    expect(pixels.filter(Boolean).length).toBe(12);
    expect(points.nearest(102, 51, centred(project(-96, 38) ?? [0, 0], 1, SIZE), 8)).toBe("here");
  });

  it("are as many as come", () => {
    const points = new Points();
    for (let each = 0; each < 5_000; each += 1) points.put(`v${each}`, [0, 0], each);
    points.put("v0", [3, 4], 7);
    expect(points.at("v0")).toEqual([3, 4]);
    expect(points.count).toBe(5_000);
  });
});

describe("the fleet", () => {
  const ping = (at: string, longitude: number) => ({
    vehicle_id: "T1", latitude: 38, longitude, at, load_id: "L1", route_id: null,
    down: false, kind: "truck" as const, to_facility_id: "DEN",
  });
  const x = (fleet: Fleet): number => fleet.points.at("T1")?.[0] ?? NaN;
  const planeX = (longitude: number): number => project(longitude, 38)?.[0] ?? NaN;

  it("leaves out what is not wanted, and tells who listens", () => {
    const fleet = new Fleet(({ load_id }) => load_id === "L2");
    let told = 0;
    fleet.listen(() => (told += 1));
    fleet.take([ping("2026-11-26T01:00:00Z", -96)]);
    expect([fleet.vehicles.size, told]).toEqual([0, 1]);
  });

  it("follows the newest ping and knows where a truck goes", () => {
    const fleet = new Fleet();
    fleet.take([ping("2026-11-26T01:00:00Z", -96), ping("2026-11-26T01:05:00Z", -95)]);
    fleet.take([ping("2026-11-26T01:01:00Z", -99)]);
    expect(fleet.vehicles.get("T1")).toMatchObject({ longitude: -95, kind: "truck", heading: -0 });
  });

  it("glides from ping to ping in the time between them, and no faster", () => {
    const fleet = new Fleet();
    fleet.take([ping("2026-11-26T01:00:00Z", -96)], undefined, 0);
    expect(fleet.step(1)).toBe(false);
    fleet.take([ping("2026-11-26T01:05:00Z", -95)], undefined, 2_000);
    expect(x(fleet)).toBeCloseTo(planeX(-96));
    expect(fleet.step(3_000)).toBe(true);
    expect(x(fleet)).toBeCloseTo((planeX(-96) + planeX(-95)) / 2);
    expect(fleet.step(4_000)).toBe(false);
    expect(x(fleet)).toBeCloseTo(planeX(-95));
  });

  it("is never more than three seconds behind what is known", () => {
    const fleet = new Fleet();
    fleet.take([ping("2026-11-26T01:00:00Z", -96)], undefined, 0);
    fleet.take([ping("2026-11-26T01:15:00Z", -95)], undefined, 900_000);
    fleet.step(903_000);
    expect(x(fleet)).toBeCloseTo(planeX(-95));
  });

  it("stays where it is while the same ping is told again", () => {
    const fleet = new Fleet();
    fleet.take([ping("2026-11-26T01:00:00Z", -96)], undefined, 0);
    fleet.take([ping("2026-11-26T01:05:00Z", -95)], undefined, 2_000);
    fleet.step(3_000);
    fleet.take([ping("2026-11-26T01:05:00Z", -95)], undefined, 3_000);
    expect(fleet.step(4_000)).toBe(false);
    expect(x(fleet)).toBeCloseTo(planeX(-95));
  });

  it("points a truck that was seen once to where its load is bound", () => {
    const fleet = new Fleet();
    fleet.take([ping("2026-11-26T01:00:00Z", -96)], new Map([["DEN", { longitude: -105, latitude: 38 }]]), 0);
    expect(Math.abs(fleet.vehicles.get("T1")?.heading ?? 0)).toBeCloseTo(Math.PI);
  });
});
