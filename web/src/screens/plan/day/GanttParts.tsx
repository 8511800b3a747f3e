import { useMemo } from "react";
import { boxOf, chosenWindow, HEIGHTS, partPaths, ROW_PX, windowPaths } from "./ganttDrawing";
import type { GanttPart, GanttRow } from "./ganttRows";

interface Props {
  row: GanttRow;
  x: (ms: number) => number;
  /** Stops that are chosen, and those that are being moved; of this row or others. */
  stops: ReadonlySet<string>;
  taken: ReadonlySet<string>;
  told: number | null;
  mayTake: boolean;
}

/** What a driver does, end to end, with the windows of the stops as brackets. */
export function GanttParts({ row, x, stops, taken, told, mayTake }: Props) {
  const paths = useMemo(() => partPaths(row, x), [row, x]);
  const windows = useMemo(() => windowPaths(row, x), [row, x]);
  const marked = useMemo(
    () => row.parts.filter(({ stop }) => stop !== null && (stops.has(stop) || taken.has(stop) || row.lockedStops.has(stop))),
    [row, stops, taken],
  );
  const pointed = told === null ? undefined : row.parts[told];
  return (
    <>
      {paths.map(({ kind, d }) => (
        <path key={kind} d={d} className={kind === "service" && mayTake ? "part service grabbable" : `part ${kind}`} />
      ))}
      {windows.kept && <path d={windows.kept} className="window" />}
      {windows.missed && <path d={windows.missed} className="window missed" />}
      {marked.map((part) => (
        <Marked key={part.stop} part={part} row={row} x={x} chosen={part.stop !== null && stops.has(part.stop)} taken={part.stop !== null && taken.has(part.stop)} />
      ))}
      {pointed && <Told part={pointed} x={x} />}
    </>
  );
}

interface MarkedProps {
  part: GanttPart;
  row: GanttRow;
  x: Props["x"];
  chosen: boolean;
  taken: boolean;
}

/** A stop that is chosen, locked or on the way to elsewhere. */
function Marked({ part, row, x, chosen, taken }: MarkedProps) {
  const { left, wide } = boxOf(part, x);
  const tall = HEIGHTS[part.kind];
  const locked = part.stop !== null && row.lockedStops.has(part.stop);
  const around = chosen && part.stop !== null ? chosenWindow(row, part.stop, x) : null;
  const classes = ["part", part.kind, chosen && "picked", locked && "held", taken && "taken"];
  return (
    <>
      <rect x={left} y={(ROW_PX - tall) / 2} width={wide} height={tall} className={classes.filter(Boolean).join(" ")} />
      {around && <path d={around.d} className={around.missed ? "window missed picked" : "window picked"} />}
    </>
  );
}

function Told({ part, x }: { part: GanttPart; x: Props["x"] }) {
  const { left, wide } = boxOf(part, x);
  return <rect x={left - 1} y={1} width={wide + 2} height={ROW_PX - 2} className="part-told" />;
}
