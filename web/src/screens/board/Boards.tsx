import "../../styles/board.css";
import { useEffect, useState } from "react";
import { inPath } from "../../api/client";
import type { Facilities } from "../../api/schema";
import { go, useAddress } from "../../frame/address";
import { useSeconds } from "../../live/clock";
import { shownNow } from "../../past/past";
import { useShown } from "../../past/useShown";
import { count } from "../../shown/numbers";
import { clockTime, zoneName } from "../../shown/times";
import { words } from "../../shown/words";
import { Age } from "../../ui/Age";
import { Empty, Failure, Skeleton } from "../../ui/faces";
import { Link } from "../../ui/Link";
import { lastFacility } from "./remembered";

/** Choose a facility; who looked at one before comes back to it. */
export function Boards() {
  const { query } = useAddress();
  const [text, setText] = useState("");
  const last = query.has("all") ? null : lastFacility();
  useEffect(() => {
    if (last !== null) go(`/board/${inPath(last)}`, { replace: true });
  }, [last]);
  const { data, error, loadedAt, retry } = useShown<Facilities>("/v1/facilities", { everyMs: 60_000 });
  useSeconds();
  if (data === null) {
    return error ? <Failure error={error} retry={retry} /> : <Skeleton rows={10} label="the facilities" />;
  }
  const asked = text.trim().toLowerCase();
  const rows = data.items.filter((row) => `${row.facility_id} ${row.name ?? ""}`.toLowerCase().includes(asked));
  const nowMs = shownNow();
  return (
    <section className="pane boards" aria-label="Facilities">
      <p className="boards-find">
        <input
          type="search"
          aria-label="Part of a facility's id or name"
          placeholder="Facility"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Age atMs={loadedAt} staleAfterMs={180_000} />
      </p>
      {data.items.length === 0 && (
        <Empty title="No facility is known">They come with a released plan, or with the first parcel that is scanned there.</Empty>
      )}
      {data.items.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Facility</th>
              <th scope="col">Name</th>
              <th scope="col">Roles</th>
              <th scope="col">Local time</th>
              <th scope="col">Here</th>
              <th scope="col">Open exceptions</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.facility_id}>
                <td>
                  <Link to={`/board/${inPath(row.facility_id)}`}>{row.facility_id}</Link>
                </td>
                <td>{row.name ?? "–"}</td>
                <td className="faint">{row.roles.map(words).join(", ")}</td>
                <td>
                  {clockTime(nowMs, nowMs, row.timezone)} {zoneName(nowMs, row.timezone)}
                </td>
                <td className="number">{count(row.queue)}</td>
                <td className="number">{count(row.exceptions)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
