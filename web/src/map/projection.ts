import { geoConicEqualArea } from "d3-geo";

/** Equal-area, for the lower 48 states with Canada and Mexico around them. */
export const projection = geoConicEqualArea()
  .parallels([29.5, 45.5])
  .rotate([96, 0])
  .center([0, 38])
  .scale(1_000)
  .translate([0, 0]);

export type Position = readonly [x: number, y: number];

/** A place on the plane of the map; null for what lies off it. */
export function project(longitude: number, latitude: number): Position | null {
  const found = projection([longitude, latitude]);
  return found && Number.isFinite(found[0]) && Number.isFinite(found[1]) ? found : null;
}

export function unproject(x: number, y: number): Position | null {
  return projection.invert?.([x, y]) ?? null;
}
