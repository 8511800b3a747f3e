import type { PointerEvent } from "react";
import type { Bracket, GanttPart, GanttRow, PartKind } from "./ganttRows";

export const ROW_PX = 28;
/** Heights tell the kinds apart without colours. */
const HEIGHTS: Record<PartKind, number> = { drive: 6, service: 18, break: 14, wait: 10, slack: 2 };
const LEAST_PX = 2;

interface Props {
  row: GanttRow;
  x: (ms: number) => number;
  stops: ReadonlySet<string>;
  taken: ReadonlySet<string>;
  told: number | null;
  onTold: (part: number) => void;
  onTake: ((event: PointerEvent, stop: string) => void) | null;
  onStop: (stop: string, more: boolean) => void;
}

/** What a driver does, end to end, with the windows of the stops as brackets. */
export function GanttParts({ row, x, stops, taken, told, onTold, onTake, onStop }: Props) {
  const shown = row.brackets.filter(({ stop, missed }) => missed || stops.has(stop) || row.brackets.length <= 40);
  return (
    <>
      {row.parts.map((part, number) => (
        <Part
          key={number}
          part={part}
          x={x}
          chosen={part.stop !== null && stops.has(part.stop)}
          locked={part.stop !== null && row.lockedStops.has(part.stop)}
          taken={part.stop !== null && taken.has(part.stop)}
          told={told === number}
          onTold={() => onTold(number)}
          onTake={onTake}
          onStop={onStop}
        />
      ))}
      {shown.map((bracket) => (
        <Window key={bracket.stop} bracket={bracket} x={x} chosen={stops.has(bracket.stop)} row={row} />
      ))}
    </>
  );
}

interface PartProps {
  part: GanttPart;
  x: (ms: number) => number;
  chosen: boolean;
  locked: boolean;
  taken: boolean;
  told: boolean;
  onTold: () => void;
  onTake: Props["onTake"];
  onStop: Props["onStop"];
}

function Part({ part, x, chosen, locked, taken, told, onTold, onTake, onStop }: PartProps) {
  const { kind, fromMs, toMs, stop } = part;
  const [left, wide] = [x(fromMs), Math.max(x(toMs) - x(fromMs), LEAST_PX)];
  const tall = HEIGHTS[kind];
  const top = (ROW_PX - tall) / 2;
  const classes = ["part", kind, chosen && "picked", locked && "held", taken && "taken"];
  return (
    <g
      onPointerEnter={onTold}
      className={stop !== null && onTake && !locked ? "grabbable" : undefined}
      onPointerDown={(event) => {
        if (stop !== null && !locked && event.button === 0) onTake?.(event, stop);
      }}
      onClick={(event) => {
        if (stop === null) return;
        event.stopPropagation();
        onStop(stop, event.shiftKey || event.ctrlKey || event.metaKey);
      }}
    >
      <rect x={left} y={0} width={wide} height={ROW_PX} className="part-reach" />
      <rect x={left} y={top} width={wide} height={tall} className={classes.filter(Boolean).join(" ")} />
      {told && <rect x={left - 1} y={1} width={wide + 2} height={ROW_PX - 2} className="part-told" />}
    </g>
  );
}

interface WindowProps {
  bracket: Bracket;
  x: (ms: number) => number;
  chosen: boolean;
  row: GanttRow;
}

function Window({ bracket: { opensMs, closesMs, missed, stop }, x, chosen, row }: WindowProps) {
  const served = row.parts.find((part) => part.stop === stop);
  if (!served) return null;
  const [from, to] = [opensMs ?? served.fromMs, closesMs ?? served.toMs];
  const [top, bottom, foot] = [3, ROW_PX - 3, 3];
  return (
    <path
      className={`window${missed ? " missed" : ""}${chosen ? " picked" : ""}`}
      d={[
        opensMs === null ? "" : `M${x(from) + foot} ${top} H${x(from)} V${bottom} H${x(from) + foot}`,
        closesMs === null ? "" : `M${x(to) - foot} ${top} H${x(to)} V${bottom} H${x(to) - foot}`,
        chosen ? `M${x(from)} ${bottom} H${x(to)}` : "",
      ].join(" ")}
    />
  );
}
