import type { ChartVehicle } from "../api/schema";
import { Points } from "./points";
import { type Position, project } from "./projection";

export interface Vehicle extends ChartVehicle {
  /** Where it goes, in radians from east, clockwise; null where nobody knows. */
  heading: number | null;
}

export interface Spot {
  longitude: number;
  latitude: number;
}

export type Wanted = (vehicle: ChartVehicle) => boolean;
export type Paints = Record<ChartVehicle["kind"], number>;

export const everyVehicle: Wanted = () => true;

interface Glide {
  from: Position;
  to: Position;
  startMs: number;
  lastsMs: number;
}

const LONGEST_GLIDE_MS = 3_000;
/** In a crowd nobody follows a single one: dots jump. */
const MOST_GLIDING = 3_000;

/** Every vehicle that is wanted, where it was seen last. */
export class Fleet {
  readonly vehicles = new Map<string, Vehicle>();
  readonly points = new Points();
  private paints: Paints = { truck: 0, van: 0 };
  private readonly listeners = new Set<() => void>();
  private readonly heardMs = new Map<string, number>();
  private readonly glides = new Map<string, Glide>();

  /** `moment` names the instant whose fleet it is: another one is another fleet. */
  constructor(
    private readonly wanted: Wanted = everyVehicle,
    readonly moment = "now",
  ) {}

  /** Be told when anything moved. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Vehicles as the map or the stream has them; what is older than what is known changes nothing. */
  take(vehicles: readonly ChartVehicle[], places?: ReadonlyMap<string, Spot>, nowMs = performance.now()): void {
    for (const each of vehicles) this.put(each, places, nowMs);
    if (vehicles.length) this.tell();
  }

  paint(paints: Paints): void {
    this.paints = paints;
    for (const { vehicle_id: id, kind } of this.vehicles.values()) this.points.paint(id, paints[kind]);
  }

  /** Put those that glide where they are by now; whether any of them still does. */
  step(nowMs: number): boolean {
    for (const [id, { from, to, startMs, lastsMs }] of this.glides) {
      const share = Math.min(1, (nowMs - startMs) / lastsMs);
      this.points.move(id, [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share]);
      if (share >= 1) this.glides.delete(id);
    }
    return this.glides.size > 0;
  }

  private put(vehicle: ChartVehicle, places: ReadonlyMap<string, Spot> | undefined, nowMs: number): void {
    const id = vehicle.vehicle_id;
    const before = this.vehicles.get(id);
    if (!before && !this.wanted(vehicle)) return;
    if (before && Date.parse(before.at) > Date.parse(vehicle.at)) return;
    const bound = places?.get(vehicle.to_facility_id ?? "");
    const heading =
      (before ? headingOf(before, vehicle) : null) ?? before?.heading ?? (bound ? headingOf(vehicle, bound) : null);
    this.vehicles.set(id, { ...vehicle, heading });
    const to = project(vehicle.longitude, vehicle.latitude);
    if (!to || before?.at === vehicle.at) return;
    const from = this.points.at(id);
    this.points.put(id, from && this.startGlide(id, from, to, nowMs) ? from : to, this.paints[vehicle.kind]);
    this.heardMs.set(id, nowMs);
  }

  /**
   * Whether it moves there bit by bit: in the time that passed between the
   * two pings, and at the most in three seconds, so that it is never far behind what is known.
   */
  private startGlide(id: string, from: Position, to: Position, nowMs: number): boolean {
    const lastsMs = Math.min(nowMs - (this.heardMs.get(id) ?? nowMs), LONGEST_GLIDE_MS);
    if (lastsMs <= 0 || this.vehicles.size > MOST_GLIDING || wantsNoMotion()) {
      this.glides.delete(id);
      return false;
    }
    this.glides.set(id, { from, to, startMs: nowMs, lastsMs });
    return true;
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

function headingOf(from: Spot, to: Spot): number | null {
  const east = (to.longitude - from.longitude) * Math.cos((to.latitude * Math.PI) / 180);
  const north = to.latitude - from.latitude;
  return Math.hypot(east, north) < 1e-5 ? null : Math.atan2(-north, east);
}

function wantsNoMotion(): boolean {
  return typeof matchMedia === "function" && matchMedia("(prefers-reduced-motion: reduce)").matches;
}
