import { useCallback, useState } from "react";
import { inPath, newKey, post } from "../../../api/client";
import { asRefused, type RefusedError } from "../../../api/problems";
import type { EditMade, FacilityDay } from "../../../api/schema";
import { offerUndo } from "../../tower/acts";
import { dayPath, movedSaid } from "./moving";

export interface Editing {
  busy: boolean;
  error: RefusedError | null;
  forget: () => void;
  move: (stops: readonly string[], vehicle: string) => Promise<void>;
  lock: (asked: { vehicle_ids?: readonly string[]; parcel_ids?: readonly string[] }, locked: boolean) => Promise<void>;
  undo: (edit: number) => Promise<void>;
}

/** Changes of a facility-day as it was seen; who comes second is told and sees it as it is. */
export function useEditing(day: FacilityDay, onChanged: () => void): Editing {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<RefusedError | null>(null);
  const path = dayPath(day);
  const { plan_id: plan, version } = day;

  const edit = useCallback(
    async (to: string, body: unknown): Promise<EditMade | null> => {
      setBusy(true);
      setError(null);
      try {
        return await post<EditMade>(to, body, newKey());
      } catch (failure) {
        setError(asRefused(failure));
        return null;
      } finally {
        setBusy(false);
        onChanged();
      }
    },
    [onChanged],
  );
  const undo = useCallback(
    async (number: number): Promise<void> => {
      await edit(`/v1/plans/${inPath(plan)}/edits/${number}/undo`, {});
    },
    [edit, plan],
  );
  const move = useCallback(
    async (stops: readonly string[], vehicle: string): Promise<void> => {
      const asked = { version, parcel_ids: stops, to_vehicle_id: vehicle };
      const made = await edit(`${path}/moves`, asked);
      if (made) offerUndo(movedSaid(stops.length, vehicle, made.cost_usd), () => void undo(made.number));
    },
    [edit, path, undo, version],
  );
  const lock = useCallback<Editing["lock"]>(
    async (asked, locked) => {
      await edit(`${path}/locks`, { version, ...asked, locked });
    },
    [edit, path, version],
  );
  return { busy, error, forget: useCallback(() => setError(null), []), move, lock, undo };
}
