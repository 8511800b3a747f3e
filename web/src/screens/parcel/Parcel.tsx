import { useCallback, useMemo, useState } from "react";
import { inPath } from "../../api/client";
import type { ChartFacility, ChartVehicle, ExceptionItem, ParcelDetail, ParcelEvents } from "../../api/schema";
import { go, setQuery, useAddress } from "../../frame/address";
import { useKeys } from "../../frame/keys";
import { serverNow, useSeconds } from "../../live/clock";
import { shownNow, usePast } from "../../past/past";
import { useShown } from "../../past/useShown";
import { MapPane } from "../../map/MapPane";
import { useChart } from "../../map/useChart";
import { dollars } from "../../shown/numbers";
import { span } from "../../shown/times";
import { words } from "../../shown/words";
import { Age } from "../../ui/Age";
import { Empty, Failure, Skeleton, StaleNote } from "../../ui/faces";
import { Link } from "../../ui/Link";
import { SeverityMark } from "../../ui/SeverityMark";
import { Time } from "../../ui/Time";
import { EtaBand, EtaWords } from "./EtaBand";
import { verdictOf } from "./promise";
import { Timeline } from "./Timeline";
import { waysOf } from "./way";

const EVERY_MS = 60_000;
const LEAST_MS = 250;

/** One parcel: one line of truth, then how it came to be. */
export function Parcel({ id }: { id: string }) {
  const about = (kind: string, data: unknown): boolean =>
    (kind === "parcel" || kind === "exception") && (data as { parcel_id?: string }).parcel_id === id;
  const options = { everyMs: EVERY_MS, leastMs: LEAST_MS, when: about };
  const path = `/v1/parcels/${inPath(id)}`;
  const parcel = useShown<ParcelDetail>(path, options);
  const events = useShown<ParcelEvents>(`${path}/events`, options);
  const [load, holder] = [parcel.data?.load_id ?? null, parcel.data?.custody_id ?? null];
  const carries = useCallback(
    (vehicle: ChartVehicle) =>
      (load !== null && vehicle.load_id === load) || (holder !== null && vehicle.vehicle_id === holder),
    [load, holder],
  );
  const { chart, scene, fleet } = useChart(carries);
  const facilities = useMemo(
    () => new Map(chart.data?.facilities.map((each) => [each.facility_id, each])),
    [chart.data],
  );
  const { query } = useAddress();
  const [kept] = useState(query.get("map"));
  const keep = useCallback((view: string) => setQuery({ map: view }, { replace: true }), []);
  const bare = useMemo(() => (scene ? { ...scene, lanes: [] } : null), [scene]);
  const atMs = usePast();
  const paths = useMemo(() => {
    const places = new Map(scene?.places.map((place) => [place.id, place.at]));
    return waysOf(places, parcel.data, events.data?.items ?? [], atMs ?? serverNow());
  }, [scene, parcel.data, events.data, atMs]);
  const wrong = useMemo(
    () => new Map((parcel.data?.exceptions ?? []).map((row) => [row.id, row])),
    [parcel.data],
  );
  useKeys({ Escape: () => go("/tower") });

  if (parcel.data === null) {
    if (parcel.error?.status === 404) {
      return (
        <Empty title={`There is no parcel ${id}`}>
          <p>Nobody planned it and no event named it{atMs === null ? "" : " by then"}.</p>
          <Link to="/parcel">Look another one up</Link>
        </Empty>
      );
    }
    if (parcel.error) return <Failure error={parcel.error} retry={parcel.retry} />;
    return <Skeleton rows={10} label="the parcel" />;
  }
  return (
    <div className="parcel">
      <Truth parcel={parcel.data} loadedAt={parcel.loadedAt} facilities={facilities} />
      {parcel.error && <StaleNote error={parcel.error} retry={parcel.retry} />}
      <div className="parcel-panes">
        <section className="pane" aria-label="Timeline">
          <h2>Timeline</h2>
          {events.error && <StaleNote error={events.error} retry={events.retry} />}
          {events.data === null ? (
            <Skeleton rows={6} label="the events" />
          ) : (
            <Timeline parcel={parcel.data} events={events.data.items} facilities={facilities} />
          )}
        </section>
        <section className="pane parcel-map" aria-label="Planned path and scans">
          {bare ? (
            <>
              <MapPane
                scene={bare}
                fleet={fleet}
                exceptions={wrong}
                chosen={parcel.data.facility_id}
                paths={paths}
                kept={kept}
                onKept={keep}
              />
              <p className="map-legend">
                <span className="legend-planned">planned path</span>
                <span className="legend-actual">scans</span>
                <span className="legend-silence">silence</span>
                <span className="legend-predicted">predicted</span>
              </p>
            </>
          ) : chart.error ? (
            <Failure error={chart.error} retry={chart.retry} />
          ) : (
            <Skeleton rows={1} label="the map" />
          )}
        </section>
        <section className="pane" aria-label="Exceptions">
          <h2>Exceptions</h2>
          <Exceptions rows={parcel.data.exceptions} />
          <h2>Details</h2>
          <Facts parcel={parcel.data} />
        </section>
      </div>
    </div>
  );
}

interface TruthProps {
  parcel: ParcelDetail;
  loadedAt: number | null;
  facilities: ReadonlyMap<string, ChartFacility>;
}

function Truth({ parcel, loadedAt, facilities }: TruthProps) {
  useSeconds();
  const nowMs = shownNow();
  const verdict = verdictOf(parcel, nowMs);
  const zone = zoneOf(parcel.destination_facility_id, facilities);
  const where = parcel.facility_id ?? parcel.custody_id;
  const place = facilities.get(where ?? "");
  const open = parcel.exceptions.filter((row) => row.closed_at === null);
  return (
    <header className="truth">
      <p className="truth-line">
        <span className="truth-id">{parcel.parcel_id}</span>
        <strong>{words(parcel.status)}</strong>
        {where !== null && <span>at {place?.name ?? where}</span>}
        {parcel.status_at !== null && (
          <span>
            since <Time at={parcel.status_at} withZone zone={place?.timezone} /> (
            {span(nowMs - Date.parse(parcel.status_at))})
          </span>
        )}
        <EtaWords parcel={parcel.terminal ? { ...parcel, eta: null } : parcel} zone={zone} />
        <span className={`mark ${verdict.tone}`}>
          <span aria-hidden="true">{verdict.mark}</span> {verdict.text}
        </span>
        {open.map((row) => (
          <span key={row.id} className="truth-risk">
            <SeverityMark severity={row.severity} /> {words(row.kind).toLowerCase()}
          </span>
        ))}
        {parcel.future_clock && <span className="mark medium">▲ a device&apos;s clock is ahead</span>}
        <span className="grow" />
        <Age atMs={loadedAt} staleAfterMs={120_000} />
      </p>
      {!parcel.terminal && <EtaBand parcel={parcel} nowMs={nowMs} zone={zone} />}
    </header>
  );
}

function Exceptions({ rows }: { rows: readonly ExceptionItem[] }) {
  if (rows.length === 0) return <p className="faint">Nothing is or was wrong with it.</p>;
  return (
    <ul className="parcel-exceptions">
      {rows.map((row) => (
        <li key={row.id}>
          <Link to={`/tower?id=${encodeURIComponent(row.id)}`}>
            <SeverityMark severity={row.severity} /> {words(row.kind)}
          </Link>
          <span className="faint">
            {row.owner ?? "nobody"} · {row.state} · <Time at={row.opened_at} withZone />
            {row.money_at_risk_usd > 0 && ` · ${dollars(row.money_at_risk_usd)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Facts({ parcel }: { parcel: ParcelDetail }) {
  const facts: readonly (readonly [string, string | number | null])[] = [
    ["Order", parcel.order_id],
    ["Service", parcel.service],
    ["From", parcel.origin_facility_id],
    ["To", parcel.destination_facility_id],
    ["Delivery", parcel.delivery_mode],
    ["Held by", parcel.custody_kind && `${words(parcel.custody_kind)} ${parcel.custody_id ?? ""}`],
    ["Load", parcel.load_id],
    ["Attempts", parcel.attempts || null],
    ["Planned", parcel.planned ? "yes" : "no: only events name it"],
  ];
  return (
    <dl className="facts">
      {facts
        .filter(([, value]) => value !== null)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function zoneOf(id: string | null, facilities: ReadonlyMap<string, ChartFacility>): string | undefined {
  return facilities.get(id ?? "")?.timezone;
}
