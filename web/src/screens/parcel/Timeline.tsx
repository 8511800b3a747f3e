import type { ChartFacility, ParcelDetail, ParcelEvent } from "../../api/schema";
import { useSeconds } from "../../live/clock";
import { useStore } from "../../live/store";
import { shownNow, usePast } from "../../past/past";
import { span } from "../../shown/times";
import { measured, units } from "../../shown/units";
import { words } from "../../shown/words";
import { Time } from "../../ui/Time";
import { type Moment, timelineOf } from "./moments";

interface Props {
  parcel: ParcelDetail;
  events: readonly ParcelEvent[];
  facilities: ReadonlyMap<string, ChartFacility>;
}

const SAID: Record<Moment["kind"], string> = {
  actual: "scan",
  planned: "planned",
  silence: "silence",
  now: "",
  promise: "promise",
  predicted: "predicted",
};

/** From the first moment to the last: scans solid, the plan grey, silence hatched, forecasts dashed. */
export function Timeline({ parcel, events, facilities }: Props) {
  useSeconds();
  const moments = timelineOf({
    events,
    path: parcel.path,
    promisedMs: parcel.promised_at === null ? null : Date.parse(parcel.promised_at),
    predictedMs: parcel.eta === null ? null : Date.parse(parcel.eta.p50),
    destination: parcel.destination_facility_id,
    terminal: parcel.terminal,
    nowMs: shownNow(),
  });
  return (
    <ol className="timeline">
      {moments.map((moment) => (
        <Entry key={moment.key} moment={moment} facilities={facilities} />
      ))}
    </ol>
  );
}

function Entry({ moment, facilities }: { moment: Moment; facilities: Props["facilities"] }) {
  const place = facilities.get(moment.facility ?? "");
  const isPast = usePast() !== null;
  return (
    <li className={`moment ${moment.kind}`}>
      <span className="moment-time">
        <Time at={moment.atMs} zone={place?.timezone} withZone />
      </span>
      <span className="moment-what">
        <strong>{nameOf(moment, isPast)}</strong>
        {moment.facility !== null && <span> {place?.name ?? moment.facility}</span>}
        {moment.untilMs !== undefined && <span> for {span(moment.untilMs - moment.atMs)}</span>}
        <span className="faint">
          {" "}
          {moment.load ? `load ${moment.load}` : SAID[moment.kind]}
          {moment.event && ` · ${moment.event.source}`}
          {moment.toldMs !== undefined && ` · told ${span(moment.toldMs - moment.atMs)} later`}
        </span>
        {moment.event?.payload && <Payload payload={moment.event.payload} />}
      </span>
    </li>
  );
}

function nameOf({ kind, name }: Moment, isPast: boolean): string {
  if (kind === "actual") return words(name);
  return kind === "now" && isPast ? "Then" : name;
}

function Payload({ payload }: { payload: Record<string, unknown> }) {
  const shown = useStore(units);
  const told = Object.entries(payload).filter(([, value]) => value !== null && value !== "");
  if (told.length === 0) return null;
  return (
    <details className="payload">
      <summary>{told.length === 1 ? "1 detail" : `${told.length} details`}</summary>
      <dl className="facts">
        {told.map(([name, value]) => {
          const inUnits = measured(name, value, shown);
          return (
            <div key={name}>
              <dt>{inUnits?.name ?? words(name)}</dt>
              <dd>
                {inUnits?.text ??
                  (typeof value === "string" || typeof value === "number" ? value : JSON.stringify(value))}
              </dd>
            </div>
          );
        })}
      </dl>
    </details>
  );
}
