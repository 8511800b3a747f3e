import { useCallback, useEffect, useRef, useState } from "react";

const FAR_PX = 4;
const EDGE_PX = 36;
const SCROLL_PX = 14;

export interface Dragged {
  stops: readonly string[];
  x: number;
  y: number;
  /** The row under the pointer. */
  over: string | null;
}

interface Held {
  stops: readonly string[];
  x: number;
  y: number;
}

/** Stops on the pointer: from a part of a row, or from a list, to a row. Escape lets them go. */
export function useDrag(onDrop: (stops: readonly string[], vehicle: string) => void): {
  dragged: Dragged | null;
  hold: (event: { clientX: number; clientY: number }, stops: readonly string[]) => void;
} {
  const [held, setHeld] = useState<Held | null>(null);
  const [dragged, setDragged] = useState<Dragged | null>(null);
  const latest = useRef({ onDrop, dragged });
  useEffect(() => {
    latest.current = { onDrop, dragged };
  });
  useEffect(() => {
    if (held === null) return undefined;
    const letGo = (): void => {
      setHeld(null);
      setDragged(null);
    };
    const move = (event: PointerEvent): void => {
      const far = Math.hypot(event.clientX - held.x, event.clientY - held.y) > FAR_PX;
      if (!far && latest.current.dragged === null) return;
      event.preventDefault();
      scrollAt(event.clientX, event.clientY);
      setDragged({ stops: held.stops, x: event.clientX, y: event.clientY, over: rowAt(event.clientX, event.clientY) });
    };
    const up = (): void => {
      const { dragged: last, onDrop: drop } = latest.current;
      if (last) {
        // The click that ends a drag chooses nothing.
        addEventListener("click", swallow, { capture: true, once: true });
        setTimeout(() => removeEventListener("click", swallow, { capture: true }), 0);
        if (last.over !== null) drop(last.stops, last.over);
      }
      letGo();
    };
    const press = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      letGo();
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    addEventListener("pointercancel", letGo);
    addEventListener("keydown", press, { capture: true });
    return () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", up);
      removeEventListener("pointercancel", letGo);
      removeEventListener("keydown", press, { capture: true });
    };
  }, [held]);
  const hold = useCallback(
    ({ clientX: x, clientY: y }: { clientX: number; clientY: number }, stops: readonly string[]) =>
      setHeld({ stops, x, y }),
    [],
  );
  return { dragged, hold };
}

function swallow(event: MouseEvent): void {
  event.stopPropagation();
  event.preventDefault();
}

function rowAt(x: number, y: number): string | null {
  const row = document.elementFromPoint(x, y)?.closest<SVGElement>("[data-vehicle]");
  return row?.dataset.vehicle ?? null;
}

/** Near an edge of the rows they come into view. */
function scrollAt(x: number, y: number): void {
  const rows = document.elementFromPoint(x, y)?.closest(".gantt-scroll");
  if (!rows) return;
  const { top, bottom } = rows.getBoundingClientRect();
  if (y < top + EDGE_PX * 2) rows.scrollTop -= SCROLL_PX;
  else if (y > bottom - EDGE_PX) rows.scrollTop += SCROLL_PX;
}
