import { useEffect, useMemo } from "react";
import { get } from "../api/client";
import type { Chart, ChartVehicle } from "../api/schema";
import { onEvents } from "../live/live";
import { type Loaded, useLoaded } from "../live/loaded";
import { everyVehicle, Fleet, type Wanted } from "./fleet";
import { type Scene, sceneOf } from "./scene";

const EVERY_MS = 15_000;

/** The map of now: what stands, asked now and then, and what moves, as the stream tells. */
export function useChart(wanted: Wanted = everyVehicle): {
  chart: Loaded<Chart>;
  scene: Scene | null;
  fleet: Fleet;
} {
  const chart = useLoaded<Chart>("map", (signal) => get("/v1/map", signal), { everyMs: EVERY_MS });
  const { data } = chart;
  const scene = useMemo(() => (data ? sceneOf(data) : null), [data]);
  const fleet = useMemo(() => new Fleet(wanted), [wanted]);
  useEffect(() => {
    if (data) fleet.take(data.vehicles);
  }, [data, fleet]);
  useEffect(
    () =>
      onEvents((events) => {
        const pings = events.filter(({ kind }) => kind === "position");
        fleet.take(pings.map((ping) => ping.data as ChartVehicle));
      }),
    [fleet],
  );
  return { chart, scene, fleet };
}
