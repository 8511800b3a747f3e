import type { DriverRow } from "../../api/schema";
import { clocksOf, type ClockShown, hours, hoursSaid } from "./fleet";

/** The four clocks, small: what is left over each bar. */
export function SmallClocks({ row }: { row: DriverRow }) {
  const clocks = clocksOf(row);
  return (
    <span className="clocks-small">
      {clocks.map((clock) => (
        <span key={clock.id} title={saidOf(clock)}>
          <span className="clock-left">
            {clock.doubt !== undefined && "≤"}
            {hours(clock.leftS)}
          </span>
          <Bar clock={clock} />
          <span className="hidden">{saidOf(clock)}</span>
        </span>
      ))}
    </span>
  );
}

/** One clock as a bar: full is all of it left. */
export function Bar({ clock }: { clock: ClockShown }) {
  const { leftS, mostS } = clock;
  const left = leftS === null || !mostS ? 0 : Math.min(1, leftS / mostS);
  return (
    <span className="clock-track" aria-hidden="true">
      <span className={`clock-fill ${toneOf(clock)}`} style={{ width: `${left * 100}%` }} />
    </span>
  );
}

/** Little left is told by colour beside the figure. */
function toneOf({ leftS }: ClockShown): string {
  if (leftS === null) return "";
  if (leftS < 3_600) return "high";
  return leftS < 7_200 ? "medium" : "";
}

function saidOf({ name, leftS, mostS, doubt }: ClockShown): string {
  if (leftS === null || mostS === null) return `${name}: no limit`;
  return `${name}: ${hoursSaid(leftS)} of ${hoursSaid(mostS)} left${doubt === undefined ? "" : `, ${doubt}`}. `;
}
