import { type KeyboardEvent, type RefObject, useRef, useState } from "react";
import { timeScale } from "../shown/axis";
import { dayOf, timeOfDay, zoneName } from "../shown/times";
import { useWidth } from "./useWidth";

export interface TimePart {
  kind: "drive" | "service" | "break" | "wait" | "slack" | "load";
  fromMs: number;
  toMs: number;
  /** How much of the part is filled, 0 to 1. */
  level?: number | null;
  said: string;
}

export interface TimeRow {
  id: string;
  label: string;
  more: string;
  parts: readonly TimePart[];
  /** A red edge that nothing may cross. */
  limitMs?: number | null;
}

interface Props {
  label: string;
  rows: readonly TimeRow[];
  zone: string | undefined;
  /** Dashed lines through all rows. */
  marks?: readonly { atMs: number; name: string }[];
  chosen: string | null;
  onChoose: (id: string) => void;
  drawing: RefObject<SVGSVGElement | null>;
  /** What to do, until a part is pointed at. */
  hint: string;
}

const LABEL_PX = 232;
const ROW_PX = 26;
const TOP_PX = 38;
const RIGHT_PX = 28;
/** Heights tell the kinds apart without colours. */
const HEIGHTS: Record<TimePart["kind"], number> = {
  drive: 6, service: 18, break: 14, wait: 10, slack: 2, load: 18,
};

/** Rows of time on one axis. Arrow keys go through the parts of a row; what is pointed at is told. */
export function TimeRows({ label, rows, zone, marks = [], chosen, onChoose, drawing, hint }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const width = Math.max(useWidth(box), 560);
  const [told, setTold] = useState<{ row: string; part: number } | null>(null);
  const instants = rows.flatMap(({ parts, limitMs }) => [
    ...parts.flatMap(({ fromMs, toMs }) => [fromMs, toMs]),
    ...(limitMs ? [limitMs] : []),
  ]);
  const scale = timeScale(instants, width - LABEL_PX - RIGHT_PX, 64);
  const x = (ms: number): number => LABEL_PX + scale.at(ms);
  const height = TOP_PX + rows.length * ROW_PX + 6;
  const row = rows.find(({ id }) => id === told?.row);
  const part = row?.parts[told?.part ?? -1];

  function press(event: KeyboardEvent, { id, parts }: TimeRow): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      const at = told?.row === id ? told.part + step : 0;
      setTold({ row: id, part: Math.min(Math.max(at, 0), parts.length - 1) });
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      onChoose(id);
    }
  }
  return (
    <div className="time-rows-box">
      <p className="time-told" aria-live="polite">
        {row && part ? (
          <>
            <strong>{row.label}</strong> {part.said}
          </>
        ) : (
          <span className="faint">{hint}</span>
        )}
      </p>
      <div className="time-rows-scroll" ref={box}>
        <svg ref={drawing} width={width} height={height} role="group" aria-label={label} className="time-rows">
          <text x={4} y={14} className="tick-name">
            {zoneName(scale.fromMs, zone)}
          </text>
          {scale.ticks.map((ms, place) => {
            const before = scale.ticks[place - 1];
            const newDay = before === undefined || dayOf(before, zone) !== dayOf(ms, zone);
            const next = scale.ticks[1];
            const tooNear = place === 0 && next !== undefined && dayOf(next, zone) !== dayOf(ms, zone);
            return (
              <g key={ms}>
                <line x1={x(ms)} x2={x(ms)} y1={TOP_PX - 6} y2={height} className="tick" />
                <text x={x(ms)} y={28} textAnchor="middle" className="tick-name">
                  {timeOfDay(ms, zone)}
                </text>
                {newDay && !tooNear && (
                  <text x={x(ms)} y={14} textAnchor={place === 0 ? "start" : "middle"} className="tick-day">
                    {dayOf(ms, zone)}
                  </text>
                )}
              </g>
            );
          })}
          {marks
            .filter(({ atMs }) => atMs >= scale.fromMs && atMs <= scale.toMs)
            .map(({ atMs, name }) => (
              <line key={atMs} x1={x(atMs)} x2={x(atMs)} y1={TOP_PX - 6} y2={height} className="cutoff">
                <title>{name}</title>
              </line>
            ))}
          {rows.map((each, place) => (
            <g
              key={each.id}
              transform={`translate(0 ${TOP_PX + place * ROW_PX})`}
              role="button"
              tabIndex={0}
              aria-pressed={each.id === chosen}
              className={each.id === chosen ? "time-row chosen" : "time-row"}
              onClick={() => onChoose(each.id)}
              onKeyDown={(event) => press(event, each)}
              onFocus={() => {
                if (told?.row !== each.id) setTold({ row: each.id, part: 0 });
              }}
            >
              <rect x={0} y={0} width={width} height={ROW_PX} className="time-row-back" />
              <text x={6} y={ROW_PX / 2} dominantBaseline="central" className="row-name">
                {each.label}
              </text>
              <text x={LABEL_PX - 8} y={ROW_PX / 2} textAnchor="end" dominantBaseline="central" className="row-more">
                {` ${each.more}`}
              </text>
              {each.parts.map((one, number) => (
                <Part
                  key={number}
                  part={one}
                  x={x}
                  told={told?.row === each.id && told.part === number}
                  onPoint={() => setTold({ row: each.id, part: number })}
                />
              ))}
              {each.limitMs && (
                <line x1={x(each.limitMs)} x2={x(each.limitMs)} y1={2} y2={ROW_PX - 2} className="limit" />
              )}
            </g>
          ))}
        </svg>
      </div>
    </div>
  );
}

interface PartProps {
  part: TimePart;
  x: (ms: number) => number;
  told: boolean;
  onPoint: () => void;
}

function Part({ part: { kind, fromMs, toMs, level }, x, told, onPoint }: PartProps) {
  const [left, wide] = [x(fromMs), Math.max(x(toMs) - x(fromMs), 1)];
  const tall = HEIGHTS[kind];
  const top = (ROW_PX - tall) / 2;
  return (
    <g onPointerEnter={onPoint}>
      <rect x={left} y={0} width={wide} height={ROW_PX} className="part-reach" />
      <rect x={left} y={top} width={wide} height={tall} className={`part ${kind}`} />
      {level !== undefined && level !== null && (
        <rect x={left} y={top} width={wide * Math.min(level, 1)} height={tall} className="part-level" />
      )}
      {told && <rect x={left - 1} y={1} width={wide + 2} height={ROW_PX - 2} className="part-told" />}
    </g>
  );
}
