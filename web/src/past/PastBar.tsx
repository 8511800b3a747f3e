import { setQuery, travels, useAddress } from "../frame/address";
import { useKeys } from "../frame/keys";
import { serverNow } from "../live/clock";
import { useStore } from "../live/store";
import { clockTime, relative, utc, zoneName } from "../shown/times";
import { pastOf, working } from "./past";

function backToNow(): void {
  setQuery({ at: null });
}

/** Says that what is shown is past and can only be read, and leads back. */
export function PastBar() {
  const { path, query } = useAddress();
  const busy = useStore(working).size > 0;
  const isSaid = travels(path) && query.get("at") !== null;
  useKeys(isSaid ? { t: backToNow } : {});
  if (!isSaid) return null;
  const atMs = pastOf(query);
  return (
    <div className="past-bar" role="status">
      <span className="past-sign" aria-hidden="true">
        ◷
      </span>
      {atMs === null ? (
        <span>
          <strong>The address names no instant with a zone.</strong> What is shown is now.
        </span>
      ) : (
        <span>
          <strong>
            Past:{" "}
            <time dateTime={new Date(atMs).toISOString()} title={utc(atMs)}>
              {clockTime(atMs, serverNow())} {zoneName(atMs)}
            </time>
            , read-only
          </strong>{" "}
          <span className="past-more">
            {relative(atMs, serverNow())}; what the tower knew then
          </span>
        </span>
      )}
      <span className="past-work">{busy ? "working it out …" : ""}</span>
      <button type="button" onClick={backToNow}>
        Back to now <kbd>t</kbd>
      </button>
    </div>
  );
}
