import type { Parcel } from "../../api/schema";
import { usePast } from "../../past/past";
import { clockTime, zoneName } from "../../shown/times";
import { Time } from "../../ui/Time";

const HOUR_MS = 3_600_000;

interface Props {
  parcel: Pick<Parcel, "eta" | "promised_at">;
  nowMs: number;
  zone: string | undefined;
}

/** "arrives Sun 13:57 to 16:57 CST", and until when that was promised. */
export function EtaWords({ parcel: { eta, promised_at }, zone }: Omit<Props, "nowMs">) {
  return (
    <>
      {eta !== null && (
        <span>
          arrives <Time at={eta.p50} zone={zone} withZone={eta.p95 === null} />
          {eta.p95 !== null && (
            <>
              {" to "}
              <Time at={eta.p95} zone={zone} withZone />
            </>
          )}
        </span>
      )}
      {promised_at !== null && (
        <span>
          promised until <Time at={promised_at} zone={zone} withZone />
        </span>
      )}
    </>
  );
}

/** When it arrives, as a band from the middle to the 95th percentile, against the promise. */
export function EtaBand({ parcel: { eta, promised_at }, nowMs, zone }: Props) {
  const isPast = usePast() !== null;
  if (eta === null) return <p className="faint">No forecast yet: it comes with a released plan.</p>;
  const middleMs = Date.parse(eta.p50);
  const latestMs = Date.parse(eta.p95 ?? eta.p80 ?? eta.p50);
  const promisedMs = promised_at === null ? null : Date.parse(promised_at);
  const known = [nowMs, middleMs, latestMs, ...(promisedMs === null ? [] : [promisedMs])];
  const fromMs = Math.min(...known) - HOUR_MS;
  const toMs = Math.max(...known) + HOUR_MS;
  const at = (ms: number): string => `${(((ms - fromMs) / (toMs - fromMs)) * 100).toFixed(2)}%`;
  const time = (ms: number): string => `${clockTime(ms, nowMs, zone)} ${zoneName(ms, zone)}`;
  const late = promisedMs !== null && latestMs > promisedMs;
  const said = `Arrives between ${time(middleMs)} and ${time(latestMs)}${promisedMs === null ? "" : `, promised until ${time(promisedMs)}`}`;
  return (
    <div className="band" role="img" aria-label={said}>
      <div className="band-line" />
      <div
        className="band-bar"
        style={{ left: at(middleMs), width: `calc(${at(latestMs)} - ${at(middleMs)})` }}
      />
      {late && (
        <div
          className="band-bar late"
          style={{
            left: at(Math.max(middleMs, promisedMs)),
            width: `calc(${at(latestMs)} - ${at(Math.max(middleMs, promisedMs))})`,
          }}
        />
      )}
      <div className="band-mark now" style={{ left: at(nowMs) }}>
        <span>{isPast ? "then" : "now"}</span>
      </div>
      <div className="band-mark" style={{ left: at(middleMs) }}>
        <span>{latestMs === middleMs ? "p50" : "p50 to p95"}</span>
      </div>
      {promisedMs !== null && (
        <div className="band-mark promise" style={{ left: at(promisedMs) }}>
          <span>promised</span>
        </div>
      )}
    </div>
  );
}
