import type { Incident, Incidents as IncidentsAnswer } from "../../api/schema";
import { setQuery } from "../../frame/address";
import { useSeconds } from "../../live/clock";
import { shownNow } from "../../past/past";
import { useShown } from "../../past/useShown";
import { count, dollars } from "../../shown/numbers";
import { span } from "../../shown/times";
import { words } from "../../shown/words";
import { Empty, Failure, Skeleton, StaleNote } from "../../ui/faces";
import { SeverityMark } from "../../ui/SeverityMark";

const EVERY_MS = 30_000;
const LEAST_MS = 2_000;
const SINGLE = "single";

/** Open exceptions by what caused them: one broken trailer instead of its thousand parcels. */
export function Incidents() {
  const { data, error, retry } = useShown<IncidentsAnswer>("/v1/incidents", {
    everyMs: EVERY_MS,
    leastMs: LEAST_MS,
    when: (kind) => kind === "exception",
  });
  if (data === null) {
    return error ? <Failure error={error} retry={retry} /> : <Skeleton rows={8} label="the causes" />;
  }
  const shared = data.items.filter(({ cause }) => cause !== SINGLE);
  const alone = data.items.length - shared.length;
  return (
    <>
      {error && <StaleNote error={error} retry={retry} />}
      {shared.length === 0 && (
        <Empty title="No cause is shared">
          Exceptions that come from the same weather, load, vehicle, facility, partner or merchant are
          gathered here.
        </Empty>
      )}
      <p className="cut">
        <button type="button" className="quiet" onClick={() => setQuery({ show: null })}>
          {count(alone)} more stand alone: show all exceptions
        </button>
      </p>
      <ul className="incidents">
        {shared.map((incident) => (
          <li key={incident.incident_id}>
            <Row incident={incident} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Row({ incident }: { incident: Incident }) {
  useSeconds();
  const kinds = incident.kinds.split(";").filter(Boolean);
  function show(): void {
    setQuery({
      show: null,
      facility: incident.facility_id,
      kind: kinds.length === 1 ? (kinds[0] ?? null) : null,
      q: incident.facility_id === null ? incident.subject : null,
    });
  }
  return (
    <button type="button" className="incident" onClick={show}>
      <SeverityMark severity={incident.severity} />
      <span className="queue-what">
        {words(incident.cause)} {incident.subject}
      </span>
      <span className="queue-stakes">{dollars(incident.money_at_risk_usd)}</span>
      <span className="queue-subject">
        {count(incident.exceptions)} exceptions · {count(incident.parcels)} parcels ·{" "}
        {kinds.map((kind) => words(kind).toLowerCase()).join(", ")}
      </span>
      <span className="queue-state">{span(shownNow() - Date.parse(incident.opened_at))}</span>
    </button>
  );
}
