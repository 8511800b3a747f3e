import type { FacilityDay, PlanLane, PlanMetro } from "../../api/schema";
import type { Path } from "../../map/paths";
import { project } from "../../map/projection";
import type { Lane, Place, Scene } from "../../map/scene";
import { cents, count, share } from "../../shown/numbers";

export interface Ends {
  from: string;
  to: string;
}

export function laneId({ from, to }: Ends): string {
  return JSON.stringify([from, to]);
}

export function endsOf(id: string): Ends {
  const [from, to] = JSON.parse(id) as [string, string];
  return { from, to };
}

/** A plan as the map shows it: facilities by what they send out, lanes by what they carry. */
export function planScene(
  metros: readonly PlanMetro[],
  lanes: readonly PlanLane[],
  chosen: Ends | null,
): Scene {
  const places = metros.flatMap((metro): Place[] => {
    const { facility_id: id, name, latitude, longitude, timezone } = metro;
    const at = latitude === null || longitude === null ? null : project(longitude, latitude);
    if (!at) return [];
    const queue = metro.parcels + metro.handed_over;
    const said = `${name} (${id}) · ${count(metro.routes)} routes, ${count(metro.parcels)} parcels to doors, ${count(metro.handed_over)} handed over`;
    return [{ id, name, roles: [], queue, exceptions: 0, timezone: timezone ?? "UTC", at, said }];
  });
  const known = new Map(places.map((place) => [place.id, place.at]));
  const drawn = lanes.flatMap((lane): Lane[] => {
    const [from, to] = [known.get(lane.from), known.get(lane.to)];
    if (!from || !to) return [];
    return [
      {
        id: laneId(lane),
        from,
        to,
        parcels: lane.volume_m3,
        rolling: 1,
        fill: lane.fill,
        chosen: chosen?.from === lane.from && chosen.to === lane.to,
        said: `${lane.from} to ${lane.to} · ${count(lane.loads)} loads, ${share(lane.fill)} full, ${cents(lane.cost_usd)}`,
      },
    ];
  });
  return {
    places,
    lanes: drawn,
    mostQueue: Math.max(1, ...places.map((place) => place.queue)),
    mostParcels: Math.max(1e-9, ...drawn.map((lane) => lane.parcels)),
  };
}

/** Routes as lines from the facility through their stops and back; the chosen one stands out. */
export function routePaths(day: FacilityDay, chosen: string | null, stops: ReadonlySet<string>): Path[] {
  const home = project(day.longitude, day.latitude);
  const last = [...day.routes].sort((one, other) => Number(one.route_id === chosen) - Number(other.route_id === chosen));
  return last.map((route) => {
    const visits = route.visits.flatMap(({ stop_id: id, latitude, longitude }) => {
      const at = project(longitude, latitude);
      return at ? [{ id, at }] : [];
    });
    const ends = home ? [{ id: null, at: home }] : [];
    const drawn = [...ends, ...visits, ...ends];
    return {
      id: route.route_id,
      at: drawn.map(({ at }) => at),
      stops: drawn.map(({ id }) => id),
      marked: stops,
      kind: route.route_id === chosen ? "chosen" : "route",
    };
  });
}
