import { useStore } from "../../live/store";
import { count } from "../../shown/numbers";
import { measured, units } from "../../shown/units";
import { words } from "../../shown/words";
import { Time } from "../../ui/Time";

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** The numbers and the events on which an exception rests. */
export function Evidence({ evidence }: { evidence: Record<string, unknown> }) {
  const shown = useStore(units);
  const numbers = isRecord(evidence.numbers) ? Object.entries(evidence.numbers).filter(([, value]) => value !== null) : [];
  const events = Array.isArray(evidence.events) ? evidence.events.map(String) : [];
  if (numbers.length + events.length === 0) {
    return <p className="faint">No event led to it: it is the silence that tells.</p>;
  }
  return (
    <>
      <dl className="facts">
        {numbers.map(([name, value]) => {
          const inUnits = measured(name, value, shown);
          return (
            <div key={name}>
              <dt>{inUnits?.name ?? words(name)}</dt>
              <dd>
                {inUnits?.text ??
                  (name === "status" && typeof value === "string" ? words(value) : <Value value={value} />)}
              </dd>
            </div>
          );
        })}
      </dl>
      {events.length > 0 && (
        <ul className="events">
          {events.map((event) => (
            <li key={event}>
              <code>{event}</code>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Value({ value }: { value: unknown }) {
  if (typeof value === "boolean") return <>{value ? "yes" : "no"}</>;
  if (typeof value === "number") {
    return <>{Number.isInteger(value) ? count(value) : value.toFixed(2)}</>;
  }
  if (typeof value === "string") return INSTANT.test(value) ? <Time at={value} withZone /> : <>{value}</>;
  return <code>{JSON.stringify(value)}</code>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
