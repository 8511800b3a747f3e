import { type GeoContext, geoPath } from "d3-geo";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import { projection } from "./projection";

export interface Basemap {
  states: Path2D;
  stateLines: Path2D;
  neighbours: Path2D;
}

let loading: Promise<Basemap> | null = null;

/** The land, projected once; it comes after the first picture. */
export function loadBasemap(): Promise<Basemap> {
  loading ??= import("virtual:basemap").then(({ default: land }) => ({
    states: drawn(feature(land.states, collection(land.states))),
    stateLines: drawn(mesh(land.states, collection(land.states), (one, other) => one !== other)),
    neighbours: drawn(feature(land.neighbours, collection(land.neighbours))),
  }));
  return loading;
}

function collection(land: Topology): GeometryCollection {
  return land.objects.land as GeometryCollection;
}

function drawn(shape: Parameters<ReturnType<typeof geoPath>>[0]): Path2D {
  const path = new Path2D();
  geoPath(projection, path as unknown as GeoContext)(shape);
  return path;
}
