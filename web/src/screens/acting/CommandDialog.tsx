import { lazy, Suspense } from "react";
import { useStore } from "../../live/store";
import { usePast } from "../../past/past";
import { Dialog } from "../../ui/Dialog";
import { Skeleton } from "../../ui/faces";
import { titleOf } from "./drafts";
import { begun, leave } from "./open";

const CommandPanel = lazy(() => import("./CommandPanel").then(({ CommandPanel }) => ({ default: CommandPanel })));

/** A command that was begun from the palette, over whatever screen is open. */
export function CommandDialog() {
  const { draft: found } = useStore(begun);
  // It would act now: a step into the past closes it.
  const draft = usePast() === null ? found : null;
  return (
    <Dialog label={draft ? titleOf(draft) : "Command"} open={draft !== null} onClose={leave}>
      {draft && (
        <Suspense fallback={<Skeleton rows={4} label="the command" />}>
          <CommandPanel draft={draft} onClose={leave} />
        </Suspense>
      )}
    </Dialog>
  );
}
