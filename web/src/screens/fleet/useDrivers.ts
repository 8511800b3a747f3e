import type { DriverRow } from "../../api/schema";
import { type Every, getEvery } from "../../api/pages";
import { type Loaded, useLoaded } from "../../live/loaded";
import { askedAt, usePast } from "../../past/past";

const EVERY_MS = 20_000;
const LEAST_MS = 5_000;
const MOST = 20_000;

/** Every driver of the instant that is shown, those with the fewest hours left first. */
export function useDrivers(): Loaded<Every<DriverRow>> {
  const atMs = usePast();
  const asked = askedAt("/v1/drivers", atMs);
  return useLoaded<Every<DriverRow>>(asked, (signal) => getEvery(asked, signal, { most: MOST }), {
    everyMs: EVERY_MS,
    leastMs: LEAST_MS,
    when: (kind, told) => concernsDrivers(kind, told),
    still: atMs !== null,
    kin: atMs === null ? "drivers" : "drivers then",
  });
}

/** Whether something that happened may change what drivers may do, or what one of them may. */
export function concernsDrivers(kind: string, told: unknown, id?: string): boolean {
  if (kind === "command") return true;
  if (kind !== "duty") return false;
  return id === undefined || (told as { driver_id?: unknown } | null)?.driver_id === id;
}
