import { type KeyboardEvent, memo, type MouseEvent, type PointerEvent, type ReactNode, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { WeighedMove } from "../../../api/schema";
import { timeScale, type TimeScale } from "../../../shown/axis";
import { dayOf, timeOfDay, zoneName } from "../../../shown/times";
import { rowsInView } from "../../../ui/rows";
import { useWidth } from "../../../ui/useWidth";
import { type GanttRow, instantsOf } from "./ganttRows";
import { partAt, ROW_PX } from "./ganttDrawing";
import { GanttParts } from "./GanttParts";
import { costChange } from "./moving";

export interface Moving {
  stops: readonly string[];
  /** Where the pointer or the keyboard would put them. */
  over: string | null;
  weighed: ReadonlyMap<string, WeighedMove> | null;
}

interface Props {
  label: string;
  rows: readonly GanttRow[];
  zone: string;
  /** Of the URL: a vehicle and stops. */
  chosen: string | null;
  stops: ReadonlySet<string>;
  moving: Moving | null;
  /** Draw every row, for a picture. */
  whole: boolean;
  drawing: RefObject<SVGSVGElement | null>;
  /** What is told instead of the part that is pointed at. */
  said: ReactNode;
  hint: string;
  onChoose: (row: GanttRow) => void;
  onStop: (row: GanttRow, stop: string, more: boolean) => void;
  /** A stop is taken by the pointer; null where nothing may be moved. */
  onTake: ((event: PointerEvent, row: GanttRow, stop: string) => void) | null;
  onMove: (row: GanttRow, stop: string | null) => void;
  onLock: (row: GanttRow) => void;
}

const LABEL_PX = 232;
const TOP_PX = 36;
const RIGHT_PX = 28;
const LEAST_PX = 560;
const NONE: ReadonlySet<string> = new Set();

/** Tours as rows of time on one axis. Only rows in view are drawn; arrow keys go through rows and parts. */
export function Gantt(props: Props) {
  const { label, rows, zone, chosen, stops, moving, whole, drawing, said, hint } = props;
  const box = useRef<HTMLDivElement>(null);
  const width = Math.max(useWidth(box), LEAST_PX);
  const [scrolledPx, setScrolledPx] = useState(0);
  const [heightPx, setHeightPx] = useState(400);
  const [told, setTold] = useState<{ row: string; part: number } | null>(null);
  const scale = useMemo(() => timeScale(instantsOf(rows), width - LABEL_PX - RIGHT_PX, 64), [rows, width]);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const tell = useCallback((vehicle: string, number: number): void => {
    setTold((before) => (before?.row === vehicle && before.part === number ? before : { row: vehicle, part: number }));
  }, []);
  const taken = useMemo(() => new Set(moving?.stops), [moving?.stops]);
  const inView = moving?.over ?? told?.row ?? chosen;
  const place = rows.findIndex(({ vehicle }) => vehicle === inView);

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const watched = new ResizeObserver(() => setHeightPx(element.clientHeight));
    watched.observe(element);
    return () => watched.disconnect();
  }, []);
  useEffect(() => {
    const element = box.current;
    if (!element || place < 0) return;
    const top = place * ROW_PX;
    const room = element.clientHeight - TOP_PX - ROW_PX;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top > element.scrollTop + room) element.scrollTop = top - room;
  }, [place]);

  const { first, end } = whole ? { first: 0, end: rows.length } : rowsInView(scrolledPx, heightPx, ROW_PX, rows.length);
  const row = rows.find(({ vehicle }) => vehicle === told?.row);
  const part = row?.parts[told?.part ?? -1];

  function press(event: KeyboardEvent): void {
    const at = row ? rows.indexOf(row) : place;
    const current = rows[at];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step !== undefined) {
      const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
      if (next) setTold({ row: next.vehicle, part: 0 });
    } else if (along !== undefined && current) {
      const from = told?.row === current.vehicle ? told.part + along : 0;
      setTold({ row: current.vehicle, part: Math.min(Math.max(from, 0), current.parts.length - 1) });
    } else if (event.key === "Enter" && current) {
      props.onChoose(current);
    } else if (event.key === " " && current && part?.stop) {
      props.onStop(current, part.stop, true);
    } else if (event.key === "m" && current) {
      props.onMove(current, part?.stop ?? null);
    } else if (event.key === "l" && current) {
      props.onLock(current);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
  return (
    <div className="gantt">
      <p className="time-told" aria-live="polite">
        {said ??
          (row ? (
            <>
              <strong>{row.label}</strong> {part?.said ?? row.more}
            </>
          ) : (
            <span className="faint">{hint}</span>
          ))}
      </p>
      <div
        ref={box}
        className={moving ? "gantt-scroll moving" : "gantt-scroll"}
        role="listbox"
        tabIndex={0}
        aria-label={label}
        aria-activedescendant={place >= first && place < end ? `gantt-${place}` : undefined}
        onScroll={(event) => setScrolledPx(event.currentTarget.scrollTop)}
        onKeyDown={press}
      >
        <svg
          ref={drawing}
          className="time-rows"
          width={width}
          height={TOP_PX + rows.length * ROW_PX}
          role="presentation"
        >
          <g transform={`translate(0 ${TOP_PX})`}>
            {rows.slice(first, end).map((each, offset) => (
              <Row
                key={each.vehicle}
                id={`gantt-${first + offset}`}
                row={each}
                place={first + offset}
                all={rows.length}
                width={width}
                scale={scale}
                moving={moving !== null}
                move={moving?.weighed?.get(each.vehicle)}
                over={moving?.over === each.vehicle}
                chosen={each.vehicle === chosen}
                stops={touches(each, stops) ? stops : NONE}
                taken={touches(each, taken) ? taken : NONE}
                told={told?.row === each.vehicle ? told.part : null}
                mayTake={props.onTake !== null && !each.locked}
                acts={latest}
                onTold={tell}
              />
            ))}
          </g>
          <Axis scale={scale} zone={zone} width={width} topPx={whole ? 0 : scrolledPx} heightPx={whole ? rows.length * ROW_PX : heightPx} />
        </svg>
      </div>
    </div>
  );
}

interface RowProps {
  id: string;
  row: GanttRow;
  place: number;
  all: number;
  width: number;
  scale: TimeScale;
  moving: boolean;
  move: WeighedMove | undefined;
  over: boolean;
  chosen: boolean;
  stops: ReadonlySet<string>;
  taken: ReadonlySet<string>;
  told: number | null;
  mayTake: boolean;
  acts: RefObject<Props>;
  onTold: (vehicle: string, part: number) => void;
}

/** Drawn again only where something of it changed: scrolling and pointing draw no other row. */
const Row = memo(function Row(props: RowProps) {
  const { id, row, place, all, width, scale, moving, move, over, chosen, stops, taken, told, mayTake, acts, onTold } = props;
  const x = useCallback((ms: number): number => LABEL_PX + scale.at(ms), [scale]);
  const pointed = (event: MouseEvent<SVGGElement>): number => {
    const left = event.currentTarget.ownerSVGElement?.getBoundingClientRect().left ?? 0;
    return partAt(row, x, event.clientX - left);
  };
  const stopAt = (event: MouseEvent<SVGGElement>): string | null => row.parts[pointed(event)]?.stop ?? null;
  const toldStop = row.parts[told ?? -1]?.stop ?? null;
  const grabbable = mayTake && toldStop !== null && !row.lockedStops.has(toldStop);
  const classes = [
    "time-row", chosen && "chosen", row.route === null && "idle", grabbable && "grabbable",
    over && (move?.fits ? "over fits" : "over barred"),
  ];
  return (
    <g
      id={id}
      transform={`translate(0 ${place * ROW_PX})`}
      role="option"
      tabIndex={-1}
      aria-selected={chosen}
      aria-setsize={all}
      aria-posinset={place + 1}
      className={classes.filter(Boolean).join(" ")}
      data-vehicle={row.vehicle}
      onPointerMove={(event) => {
        const part = pointed(event);
        if (part >= 0) onTold(row.vehicle, part);
      }}
      onPointerDown={(event) => {
        const stop = stopAt(event);
        if (stop !== null && mayTake && !row.lockedStops.has(stop) && event.button === 0) acts.current.onTake?.(event, row, stop);
      }}
      onClick={(event) => {
        const stop = stopAt(event);
        if (stop === null) acts.current.onChoose(row);
        else acts.current.onStop(row, stop, event.shiftKey || event.ctrlKey || event.metaKey);
      }}
      onFocus={() => {
        if (told === null) onTold(row.vehicle, 0);
      }}
    >
      <rect x={0} y={0} width={width} height={ROW_PX} className="time-row-back" />
      {row.locked && <Lock />}
      <text x={row.locked ? 22 : 6} y={ROW_PX / 2} dominantBaseline="central" className="row-name">
        {`${row.label} `}
      </text>
      <text x={LABEL_PX - 8} y={ROW_PX / 2} textAnchor="end" dominantBaseline="central" className={row.late ? "row-more late" : "row-more"}>
        {row.late ? `▲ ${row.late} late · ` : ""}
        {row.more}
      </text>
      <GanttParts row={row} x={x} stops={stops} taken={taken} told={told} mayTake={mayTake} />
      {row.limitMs !== null && (
        <line x1={x(row.limitMs)} x2={x(row.limitMs)} y1={2} y2={ROW_PX - 2} className="limit">
          <title>{row.limitSaid}</title>
        </line>
      )}
      {moving && move && <Verdict move={move} x={width - RIGHT_PX} />}
    </g>
  );
});

function touches(row: GanttRow, stops: ReadonlySet<string>): boolean {
  return stops.size > 0 && row.parts.some(({ stop }) => stop !== null && stops.has(stop));
}

/** At the end of a row, while stops are being moved: what they would cost here, or why not. */
function Verdict({ move, x }: { move: WeighedMove; x: number }) {
  const limit = move.refusals[0]?.limit;
  if (limit === "same") return null;
  const said = move.fits ? `✓ ${costChange(move.cost_usd)}` : `✕ ${limit ?? "no"}`;
  const wide = 9 + said.length * 7;
  return (
    <g className={move.fits ? "row-verdict fits" : "row-verdict barred"}>
      <rect x={x - wide} y={4} width={wide} height={ROW_PX - 8} rx={4} />
      <text x={x - wide / 2} y={ROW_PX / 2} textAnchor="middle" dominantBaseline="central">
        {said}
      </text>
    </g>
  );
}

function Lock() {
  return (
    <g className="row-lock" transform={`translate(6 ${ROW_PX / 2 - 6})`}>
      <rect x={0} y={5} width={10} height={7} rx={1.5} />
      <path d="M2 5 V3 a3 3 0 0 1 6 0 V5" />
      <title>locked</title>
    </g>
  );
}

interface AxisProps {
  scale: TimeScale;
  zone: string;
  width: number;
  topPx: number;
  heightPx: number;
}

function Axis({ scale, zone, width, topPx, heightPx }: AxisProps) {
  const x = (ms: number): number => LABEL_PX + scale.at(ms);
  return (
    <g transform={`translate(0 ${topPx})`} className="gantt-axis">
      {scale.ticks.map((ms) => (
        <line key={ms} x1={x(ms)} x2={x(ms)} y1={TOP_PX - 6} y2={TOP_PX + heightPx} className="tick" />
      ))}
      <rect x={0} y={0} width={width} height={TOP_PX - 4} className="gantt-axis-back" />
      <text x={6} y={14} className="tick-name">
        {dayOf(scale.fromMs, zone)}, {zoneName(scale.fromMs, zone)}
      </text>
      {scale.ticks.map((ms) => (
        <text key={ms} x={x(ms)} y={26} textAnchor="middle" className="tick-name">
          {timeOfDay(ms, zone)}
        </text>
      ))}
    </g>
  );
}
