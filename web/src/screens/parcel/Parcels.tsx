import { useEffect, useState } from "react";
import { get, inPath } from "../../api/client";
import { asRefused, type RefusedError } from "../../api/problems";
import type { Parcel, ParcelPage } from "../../api/schema";
import { setQuery, useAddress } from "../../frame/address";
import { askedAt, shownNow, usePast } from "../../past/past";
import { words } from "../../shown/words";
import { Empty, Failure, Skeleton } from "../../ui/faces";
import { Link } from "../../ui/Link";
import { Time } from "../../ui/Time";
import { ParcelsCsv } from "./ParcelsCsv";
import { verdictOf } from "./promise";

const PAGE = 100;
const STATUSES = [
  "label_created", "picked_up", "arrived_facility", "departed_facility", "handed_to_partner",
  "out_for_delivery", "attempt_failed", "held", "damaged", "delayed", "address_issue", "delivered",
  "returning", "returned", "lost", "unknown",
];

interface Found {
  asked: string;
  items: readonly Parcel[];
  next: string | null;
}

/** Look parcels up by a part of their id or their order's, and by status. */
export function Parcels() {
  const { query } = useAddress();
  const text = query.get("q") ?? "";
  const status = query.get("status") ?? "";
  const atMs = usePast();
  const filters = new URLSearchParams({ ...(text ? { q: text } : {}), ...(status ? { status } : {}) }).toString();
  const asked = askedAt(`/v1/parcels?limit=${PAGE}${filters && `&${filters}`}`, atMs);
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<RefusedError | null>(null);
  const [tries, setTries] = useState(0);

  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      get<ParcelPage>(asked, stop.signal).then(
        ({ items, next_cursor: next }) => {
          setFound({ asked, items, next });
          setError(null);
        },
        (failure: unknown) => {
          if (!stop.signal.aborted) setError(asRefused(failure));
        },
      );
    }, 120);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked, tries]);

  async function more({ items, next }: Found): Promise<void> {
    if (next === null) return;
    try {
      const page = await get<ParcelPage>(`${asked}&cursor=${encodeURIComponent(next)}`);
      setFound({ asked, items: [...items, ...page.items], next: page.next_cursor });
    } catch (failure) {
      setError(asRefused(failure));
    }
  }

  return (
    <div className="parcels">
      <div className="filters-line">
        <input
          type="search"
          aria-label="Part of a parcel's or an order's id"
          placeholder="Parcel or order"
          value={text}
          onChange={(event) => setQuery({ q: event.target.value }, { replace: true })}
        />
        <select aria-label="Status" value={status} onChange={(event) => setQuery({ status: event.target.value })}>
          <option value="">Every status</option>
          {STATUSES.map((each) => (
            <option key={each} value={each}>
              {words(each)}
            </option>
          ))}
        </select>
        <ParcelsCsv filters={filters} atMs={atMs} />
      </div>
      <section className="pane parcels-list" aria-label="Parcels">
        {error && <Failure error={error} retry={() => setTries(tries + 1)} />}
        {!error && found === null && <Skeleton rows={12} label="the parcels" />}
        {found?.items.length === 0 && (
          <Empty title="No parcel is called so">
            Parcels appear with a released plan, or with the first event that names them.
          </Empty>
        )}
        {found !== null && found.items.length > 0 && <Table rows={found.items} />}
        {found !== null && found.next !== null && found.asked === asked && (
          <button type="button" onClick={() => void more(found)}>
            Show more
          </button>
        )}
      </section>
    </div>
  );
}

function Table({ rows }: { rows: readonly Parcel[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Parcel</th>
          <th scope="col">Status</th>
          <th scope="col">Last event</th>
          <th scope="col">Where</th>
          <th scope="col">Arrives (p50)</th>
          <th scope="col">Promised</th>
          <th scope="col">Promise</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const { tone, mark, text } = verdictOf(row, shownNow());
          return (
            <tr key={row.parcel_id}>
              <td>
                <Link to={`/parcel/${inPath(row.parcel_id)}`}>{row.parcel_id}</Link>
              </td>
              <td>{words(row.status)}</td>
              <td>
                <Time at={row.last_event_at} withZone />
              </td>
              <td>{row.facility_id ?? row.custody_id ?? "–"}</td>
              <td>
                <Time at={row.eta?.p50} withZone />
              </td>
              <td>
                <Time at={row.promised_at} withZone />
              </td>
              <td>
                <span className={`mark ${tone}`}>
                  <span aria-hidden="true">{mark}</span> {text}
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
