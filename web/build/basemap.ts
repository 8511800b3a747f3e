import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { GeometryCollection, GeometryObject, Topology } from "topojson-specification";
import type { Plugin } from "vite";

const NEIGHBOURS = new Set([
  "Canada", "Mexico", "Greenland", "Cuba", "Bahamas", "Guatemala", "Belize", "Honduras",
  "El Salvador", "Nicaragua", "Haiti", "Dominican Rep.", "Jamaica", "Costa Rica", "Panama",
]);
const ADDRESS = "virtual:basemap";

/** The land that is drawn, cut out of the atlases when the pages are built. */
export function basemap(): Plugin {
  return {
    name: "crossdock-basemap",
    resolveId: (id) => (id === ADDRESS ? `\0${ADDRESS}.json` : undefined),
    load(id) {
      if (id !== `\0${ADDRESS}.json`) return undefined;
      const states = atlas("us-atlas/states-10m.json");
      const countries = atlas("world-atlas/countries-50m.json");
      return JSON.stringify({
        states: only(states, "states", () => true),
        neighbours: only(countries, "countries", (name) => NEIGHBOURS.has(name)),
      });
    },
  };
}

function atlas(name: string): Topology {
  const path = createRequire(import.meta.url).resolve(name);
  return JSON.parse(readFileSync(path, "utf8")) as Topology;
}

/** A topology with some geometries of one object and the arcs that they use. */
function only(from: Topology, object: string, wanted: (name: string) => boolean): Topology {
  const collection = from.objects[object] as GeometryCollection<{ name: string }>;
  const arcs: Topology["arcs"] = [];
  const places = new Map<number, number>();
  const moved = (arc: number): number => {
    const old = arc < 0 ? ~arc : arc;
    let place = places.get(old);
    if (place === undefined) {
      place = arcs.push(from.arcs[old] ?? []) - 1;
      places.set(old, place);
    }
    return arc < 0 ? ~place : place;
  };
  const geometries: GeometryObject[] = [];
  for (const each of collection.geometries) {
    if (!each.properties || !("name" in each.properties) || !wanted(each.properties.name)) continue;
    if (each.type === "Polygon") {
      geometries.push({ type: each.type, arcs: each.arcs.map((ring) => ring.map(moved)) });
    } else if (each.type === "MultiPolygon") {
      const shapes = each.arcs.map((shape) => shape.map((ring) => ring.map(moved)));
      geometries.push({ type: each.type, arcs: shapes });
    }
  }
  return {
    type: "Topology",
    ...(from.transform ? { transform: from.transform } : {}),
    objects: { land: { type: "GeometryCollection", geometries } },
    arcs,
  };
}
