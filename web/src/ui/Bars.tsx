import { type RefObject, useRef } from "react";
import { useWidth } from "./useWidth";

export interface Bar {
  name: string;
  value: number;
  /** The value with its unit. */
  text: string;
  /** A part of the bar that is told apart, such as what is excused. */
  part?: number;
}

interface Props {
  label: string;
  bars: readonly Bar[];
  drawing: RefObject<SVGSVGElement | null>;
}

const ROW_PX = 24;
const NAME_PX = 190;
const TEXT_PX = 110;

/** Bars from zero, the largest as wide as there is room. The table beside them says the same. */
export function Bars({ label, bars, drawing }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const width = Math.max(useWidth(box, 480), 380);
  const most = Math.max(...bars.map(({ value }) => value), 1e-9);
  const reach = (value: number): number => (value / most) * (width - NAME_PX - TEXT_PX);
  const said = bars.map(({ name, text }) => `${name} ${text}`).join("; ");
  return (
    <div ref={box} className="chart">
      <svg ref={drawing} width={width} height={bars.length * ROW_PX} role="img" aria-label={`${label}: ${said}`}>
        {bars.map(({ name, value, text, part = 0 }, place) => (
          <g key={`${name} ${place}`} transform={`translate(0 ${place * ROW_PX})`}>
            <text x={NAME_PX - 8} y={ROW_PX / 2} textAnchor="end" dominantBaseline="central" className="chart-name">
              {name}
            </text>
            <rect x={NAME_PX} y={4} width={reach(value)} height={ROW_PX - 8} className="bar" />
            {part > 0 && (
              <rect x={NAME_PX + reach(value - part)} y={4} width={reach(part)} height={ROW_PX - 8} className="bar-part" />
            )}
            <text x={NAME_PX + reach(value) + 6} y={ROW_PX / 2} dominantBaseline="central" className="chart-text">
              {text}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}
