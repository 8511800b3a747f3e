import { useEffect, useMemo } from "react";
import type { Chart, ChartVehicle } from "../api/schema";
import { onEvents } from "../live/live";
import type { Loaded } from "../live/loaded";
import { usePast } from "../past/past";
import { useShown } from "../past/useShown";
import { everyVehicle, Fleet, type Spot, type Wanted } from "./fleet";
import { type Scene, sceneOf } from "./scene";

const EVERY_MS = 15_000;

/** The map: what stands, asked now and then, and what moves, as the stream tells; or of a past instant. */
export function useChart(wanted: Wanted = everyVehicle): {
  chart: Loaded<Chart>;
  scene: Scene | null;
  fleet: Fleet;
} {
  const atMs = usePast();
  const chart = useShown<Chart>("/v1/map", { everyMs: EVERY_MS });
  const { data } = chart;
  const scene = useMemo(() => (data ? sceneOf(data) : null), [data]);
  // A past instant knows nothing of pings that came later.
  const moment = atMs === null ? "now" : (data?.at ?? "past");
  const fleet = useMemo(() => new Fleet(wanted, moment), [wanted, moment]);
  useEffect(() => {
    if (data) fleet.take(data.vehicles, placesOf(data));
  }, [data, fleet]);
  useEffect(() => {
    if (atMs !== null) return undefined;
    return onEvents((events) => {
      const pings = events.filter(({ kind }) => kind === "position");
      fleet.take(pings.map((ping) => ping.data as ChartVehicle));
    });
  }, [atMs, fleet]);
  return { chart, scene, fleet };
}

function placesOf(chart: Chart): ReadonlyMap<string, Spot> {
  const places = new Map<string, Spot>();
  for (const { facility_id: id, longitude, latitude } of chart.facilities) {
    if (longitude !== null && latitude !== null) places.set(id, { longitude, latitude });
  }
  return places;
}
