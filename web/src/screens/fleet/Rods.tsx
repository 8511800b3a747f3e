import { useRef } from "react";
import type { DriverDetail, DutyDay } from "../../api/schema";
import { setQuery, useAddress } from "../../frame/address";
import { useKeys } from "../../frame/keys";
import { shownNow } from "../../past/past";
import { clockTime, dayName, timeOfDay, zoneName } from "../../shown/times";
import { CsvButton, SvgButton } from "../../ui/Saving";
import { useWidth } from "../../ui/useWidth";
import { Part } from "./Driver";
import { activityOf, hours, hoursSaid, sourceOf } from "./fleet";
import { forbiddenIn, hoursOfDay, type Line, LINE_NAMES, LINES, placed, stretchesOf, type Stretch } from "./rods";

const LABEL_PX = 66;
const TOTAL_PX = 48;
const TOP_PX = 18;
const LINE_PX = 30;
const REMARK_PX = 30;
const APART_PX = 40;

/** The record of a day: four lines over its hours, the totals, and remarks where the status changes. */
export function Rods({ driver }: { driver: DriverDetail }) {
  const { query } = useAddress();
  const drawing = useRef<SVGSVGElement>(null);
  const { days } = driver;
  const wanted = days.findIndex(({ date }) => date === query.get("day"));
  const place = Math.max(0, wanted);
  const day = days[place];
  const go = (step: number) => () => {
    const to = days[Math.min(Math.max(place + step, 0), days.length - 1)];
    if (to) setQuery({ day: to === days[0] ? null : to.date }, { replace: true });
  };
  useKeys({ "[": go(1), "]": go(-1) });
  if (!day) return null;
  const past = stretchesOf(driver.segments, day);
  const coming = place === 0 ? stretchesOf(driver.planned, day) : [];
  const name = `rods-${driver.driver_id}-${day.date}`;
  return (
    <Part
      title="Record of duty status"
      tools={
        <>
          <span className="rods-days">
            <button type="button" disabled={place === days.length - 1} onClick={go(1)} aria-label="The day before">
              ‹ <kbd>[</kbd>
            </button>
            <strong>{dayName(Date.parse(day.starts_at), driver.timezone)}</strong>
            <button type="button" disabled={place === 0} onClick={go(-1)} aria-label="The day after">
              <kbd>]</kbd> ›
            </button>
          </span>
          <span className="grow" />
          <SvgButton name={name} drawing={drawing} />
          <CsvButton name={name} columns={columnsIn(driver.timezone)} rows={past} />
        </>
      }
    >
      {past.length === 0 && coming.length === 0 ? (
        <p className="faint">Nothing is known of this day.</p>
      ) : (
        <>
          <Grid driver={driver} day={day} past={past} coming={coming} drawing={drawing} />
          <Remarks rows={past} zone={driver.timezone} />
        </>
      )}
    </Part>
  );
}

interface GridProps {
  driver: DriverDetail;
  day: DutyDay;
  past: readonly Stretch[];
  coming: readonly Stretch[];
  drawing: React.RefObject<SVGSVGElement | null>;
}

function Grid({ driver, day, past, coming, drawing }: GridProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = Math.max(useWidth(box, 720), 560);
  const zone = driver.timezone;
  const [startMs, endMs] = [Date.parse(day.starts_at), Date.parse(day.ends_at)];
  const innerPx = width - LABEL_PX - TOTAL_PX;
  const x = (ms: number): number => LABEL_PX + ((ms - startMs) / (endMs - startMs)) * innerPx;
  const y = (line: Line): number => TOP_PX + (LINES.indexOf(line) + 0.5) * LINE_PX;
  const bottom = TOP_PX + LINES.length * LINE_PX;
  const nowMs = Date.parse(driver.at);
  const totals: Record<Line, number> = { OFF: day.off_s, SB: day.sb_s, D: day.d_s, ON: day.on_s };
  const marks = hoursOfDay(day);
  const apart = innerPx / (marks.length - 1);
  const remarks = placed([...past, ...coming], ({ fromMs }) => x(fromMs), APART_PX);
  return (
    <div ref={box} className="chart rods">
      <svg
        ref={drawing}
        width={width}
        height={bottom + (remarks.length > 0 ? REMARK_PX : 8)}
        role="img"
        aria-label={`Record of ${driver.driver_id}, ${day.date}, ${zoneName(startMs, zone)}: ${LINES.map(
          (line) => `${LINE_NAMES[line]} ${hoursSaid(totals[line])}`,
        ).join(", ")}`}
      >
        {LINES.map((line, place) => (
          <g key={line}>
            <rect
              className={place % 2 ? "rods-band odd" : "rods-band"}
              x={LABEL_PX}
              y={TOP_PX + place * LINE_PX}
              width={innerPx}
              height={LINE_PX}
            />
            <text className="chart-text" x={0} y={y(line)} dominantBaseline="middle">
              {LINE_NAMES[line]}
            </text>
            <text className="rods-total" x={width} y={y(line)} textAnchor="end" dominantBaseline="middle">
              {hours(totals[line])}
            </text>
          </g>
        ))}
        {marks.map((ms, place) => (
          <g key={ms}>
            <line className="rods-hour" x1={x(ms)} x2={x(ms)} y1={TOP_PX} y2={bottom} />
            {(apart >= 26 || place % 2 === 0) && (
              <text className="rods-name" x={x(ms)} y={11} textAnchor="middle">
                {hourName(ms, zone)}
              </text>
            )}
            {place < marks.length - 1 && <Quarters at={x(ms)} apart={apart} />}
          </g>
        ))}
        {forbiddenIn(driver.findings, day).map(({ fromMs, toMs }) => (
          <rect
            key={`${fromMs} ${toMs}`}
            className="rods-forbidden"
            x={x(fromMs)}
            y={y("D") - 9}
            width={Math.max(2, x(toMs) - x(fromMs))}
            height={18}
          />
        ))}
        <Trace rows={past} x={x} y={y} />
        <Trace rows={coming} x={x} y={y} planned before={past.at(-1)} />
        {nowMs > startMs && nowMs < endMs && (
          <line className="rods-now" x1={x(nowMs)} x2={x(nowMs)} y1={TOP_PX - 4} y2={bottom + 4} />
        )}
        {remarks.map((each) => (
          <g key={each.fromMs}>
            <line className="rods-hour" x1={x(each.fromMs)} x2={x(each.fromMs)} y1={bottom} y2={bottom + 8} />
            <text className="rods-name" x={x(each.fromMs)} y={bottom + 20} textAnchor="middle">
              {each.place}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}

function hourName(ms: number, zone: string): string {
  const [hour] = timeOfDay(ms, zone).split(":");
  if (hour === "00") return "M";
  return hour === "12" ? "N" : String(Number(hour));
}

/** The quarters of an hour on every line, the half the longest: as on paper. */
function Quarters({ at, apart }: { at: number; apart: number }) {
  return LINES.flatMap((line, place) =>
    [1, 2, 3].map((quarter) => {
      const top = TOP_PX + place * LINE_PX;
      const px = at + (apart * quarter) / 4;
      return (
        <line
          key={`${line} ${quarter}`}
          className="rods-quarter"
          x1={px}
          x2={px}
          y1={top + LINE_PX}
          y2={top + LINE_PX - (quarter === 2 ? 10 : 5)}
        />
      );
    }),
  );
}

interface TraceProps {
  rows: readonly Stretch[];
  x: (ms: number) => number;
  y: (line: Line) => number;
  planned?: boolean;
  before?: Stretch | undefined;
}

/** The line of the log: along a status, across where it changes; dashed where nobody told it. */
function Trace({ rows, x, y, planned = false, before }: TraceProps) {
  return (
    <g className={planned ? "rods-trace planned" : "rods-trace"}>
      {rows.map((row, place) => {
        const last = rows[place - 1] ?? before;
        const from = last?.toMs === row.fromMs && last.line !== row.line ? last.line : null;
        return (
          <g key={row.fromMs}>
            {from !== null && <line x1={x(row.fromMs)} x2={x(row.fromMs)} y1={y(from)} y2={y(row.line)} />}
            <line
              className={row.unsure && !planned ? "unsure" : undefined}
              x1={x(row.fromMs)}
              x2={x(row.toMs)}
              y1={y(row.line)}
              y2={y(row.line)}
            >
              <title>
                {[activityOf(row.activity), row.loadId ?? row.routeId, hoursSaid((row.toMs - row.fromMs) / 1_000), sourceOf(row.source)]
                  .filter(Boolean)
                  .join(" · ")}
              </title>
            </line>
          </g>
        );
      })}
    </g>
  );
}

function Remarks({ rows, zone }: { rows: readonly Stretch[]; zone: string }) {
  const nowMs = shownNow();
  return (
    <ol className="remarks" aria-label="Remarks">
      {rows.map((row) => (
        <li key={row.fromMs}>
          <span>
            {timeOfDay(row.fromMs, zone)} <span className="hidden">{clockTime(row.fromMs, nowMs, zone)}</span>
          </span>
          <span>
            {activityOf(row.activity)} <span className="faint">{hoursSaid((row.toMs - row.fromMs) / 1_000)}</span>
          </span>
          <span>{[row.place, row.loadId ?? row.routeId].filter(Boolean).join(" · ")}</span>
          <span className="faint">{row.unsure ? sourceOf(row.source) : ""}</span>
        </li>
      ))}
    </ol>
  );
}

function columnsIn(zone: string) {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return [
    { label: "status", cell: (row: Stretch) => row.activity },
    { label: "starts_at", cell: (row: Stretch) => iso(row.fromMs) },
    { label: "ends_at", cell: (row: Stretch) => iso(row.toMs) },
    { label: "local_time", cell: (row: Stretch) => `${timeOfDay(row.fromMs, zone)} ${zoneName(row.fromMs, zone)}` },
    { label: "place", cell: (row: Stretch) => row.place },
    { label: "load_id", cell: (row: Stretch) => row.loadId },
    { label: "route_id", cell: (row: Stretch) => row.routeId },
    { label: "source", cell: (row: Stretch) => row.source },
  ];
}
