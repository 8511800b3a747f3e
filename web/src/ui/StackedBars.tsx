import { type RefObject, useRef } from "react";
import { useWidth } from "./useWidth";

export interface Stack {
  name: string;
  text: string;
  /** In the order of `parts`. */
  values: readonly number[];
}

interface Props {
  label: string;
  parts: readonly string[];
  stacks: readonly Stack[];
  /** A value with its unit. */
  show: (value: number) => string;
  drawing: RefObject<SVGSVGElement | null>;
}

const ROW_PX = 44;
const BAR_PX = 26;
const NAME_PX = 84;
const TEXT_PX = 70;
const KEY_PX = 20;

/** Stacked bars on one scale, each part with its number in it where it fits, and a key below. */
export function StackedBars({ label, parts, stacks, show, drawing }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const width = Math.max(useWidth(box, 480), 380);
  const totals = stacks.map(({ values }) => values.reduce((sum, value) => sum + Math.max(value, 0), 0));
  const scale = (width - NAME_PX - TEXT_PX) / Math.max(...totals, 1e-9);
  const perLine = Math.max(1, Math.floor((width - 8) / 150));
  const height = stacks.length * ROW_PX + Math.ceil(parts.length / perLine) * KEY_PX + 8;
  const said = stacks.map(({ name, text }) => `${name} ${text}`).join("; ");
  return (
    <div ref={box} className="chart">
      <svg ref={drawing} width={width} height={height} role="img" aria-label={`${label}: ${said}`}>
        {stacks.map(({ name, text, values }, row) => {
          const top = row * ROW_PX + (ROW_PX - BAR_PX) / 2;
          let left = NAME_PX;
          return (
            <g key={name}>
              <text x={NAME_PX - 8} y={top + BAR_PX / 2} textAnchor="end" dominantBaseline="central" className="chart-name">
                {name}
              </text>
              {values.map((value, place) => {
                const wide = Math.max(value, 0) * scale;
                const from = left;
                left += wide;
                return (
                  <g key={parts[place]}>
                    <rect x={from} y={top} width={wide} height={BAR_PX} className={`stack stack-${place}`} />
                    {wide > 44 && (
                      <text
                        x={from + wide / 2}
                        y={top + BAR_PX / 2}
                        textAnchor="middle"
                        dominantBaseline="central"
                        className="stack-text"
                      >
                        {show(value)}
                      </text>
                    )}
                  </g>
                );
              })}
              <text x={left + 6} y={top + BAR_PX / 2} dominantBaseline="central" className="chart-total">
                {text}
              </text>
            </g>
          );
        })}
        {parts.map((part, place) => {
          const x = 4 + (place % perLine) * 150;
          const y = stacks.length * ROW_PX + Math.floor(place / perLine) * KEY_PX + 8;
          return (
            <g key={part}>
              <rect x={x} y={y} width={12} height={12} className={`stack stack-${place}`} />
              <text x={x + 18} y={y + 6} dominantBaseline="central" className="chart-name">
                {part}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}
