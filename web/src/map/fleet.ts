import type { ChartVehicle } from "../api/schema";
import { Points } from "./points";

export interface Vehicle extends ChartVehicle {
  /** Where it goes, in radians from east, clockwise; null until it moved. */
  heading: number | null;
}

export type Wanted = (vehicle: ChartVehicle) => boolean;
export type Paints = Record<ChartVehicle["kind"], number>;

export const everyVehicle: Wanted = () => true;

/** Every vehicle that is wanted, where it was seen last. */
export class Fleet {
  readonly vehicles = new Map<string, Vehicle>();
  readonly points = new Points();
  private paints: Paints = { truck: 0, van: 0 };
  private readonly listeners = new Set<() => void>();

  constructor(private readonly wanted: Wanted = everyVehicle) {}

  /** Be told when anything moved. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Vehicles as the map or the stream has them; what is older than what is known changes nothing. */
  take(vehicles: readonly ChartVehicle[]): void {
    for (const each of vehicles) this.put(each);
    if (vehicles.length) this.tell();
  }

  paint(paints: Paints): void {
    this.paints = paints;
    for (const each of this.vehicles.values()) this.point(each);
  }

  private put(vehicle: ChartVehicle): void {
    const before = this.vehicles.get(vehicle.vehicle_id);
    if (!before && !this.wanted(vehicle)) return;
    if (before && Date.parse(before.at) > Date.parse(vehicle.at)) return;
    const heading = before ? headingOf(before, vehicle) : null;
    this.vehicles.set(vehicle.vehicle_id, { ...vehicle, heading: heading ?? before?.heading ?? null });
    this.point(vehicle);
  }

  private point({ vehicle_id: id, longitude, latitude, kind }: ChartVehicle): void {
    this.points.put(id, longitude, latitude, this.paints[kind]);
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

function headingOf(from: ChartVehicle, to: ChartVehicle): number | null {
  const east = (to.longitude - from.longitude) * Math.cos((to.latitude * Math.PI) / 180);
  const north = to.latitude - from.latitude;
  return Math.hypot(east, north) < 1e-5 ? null : Math.atan2(-north, east);
}
