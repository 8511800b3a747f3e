import { useCallback, useRef, useState } from "react";
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
  const { plan_id: plan, version: shown } = day;
  // The next change may be asked for before the day after the last one is here.
  const made = useRef(0);

  const edit = useCallback(
    async (to: string, body: unknown): Promise<EditMade | null> => {
      setBusy(true);
      setError(null);
      try {
        const edited = await post<EditMade>(to, body, newKey());
        made.current = edited.version;
        return edited;
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
      const asked = { version: Math.max(shown, made.current), parcel_ids: stops, to_vehicle_id: vehicle };
      const moved = await edit(`${path}/moves`, asked);
      if (moved) offerUndo(movedSaid(stops.length, vehicle, moved.cost_usd), () => void undo(moved.number));
    },
    [edit, path, shown, undo],
  );
  const lock = useCallback<Editing["lock"]>(
    async (asked, locked) => {
      await edit(`${path}/locks`, { version: Math.max(shown, made.current), ...asked, locked });
    },
    [edit, path, shown],
  );
  return { busy, error, forget: useCallback(() => setError(null), []), move, lock, undo };
}
