import { useEffect } from "react";
import { hereNow, useSeconds } from "../live/clock";
import { useStore } from "../live/store";
import { acting, forgetUndo, undo } from "../screens/tower/acts";
import { useKeys } from "./keys";

/** What was just done, and ten seconds to take it back. */
export function UndoOffer() {
  const { undo: offered } = useStore(acting);
  useSeconds();
  useKeys({ z: () => void undo() });
  useEffect(() => {
    if (!offered) return undefined;
    const timer = setTimeout(forgetUndo, offered.untilMs - Date.now());
    return () => clearTimeout(timer);
  }, [offered]);
  return (
    <div className="undo-place" role="status">
      {offered && (
        <div className="undo">
          <span>
            <span aria-hidden="true">✓</span> {offered.said}
          </span>
          <button type="button" onClick={() => void undo()}>
            Undo <kbd>z</kbd>
          </button>
          <span className="age">{Math.max(0, Math.ceil((offered.untilMs - hereNow()) / 1_000))} s</span>
        </div>
      )}
    </div>
  );
}
