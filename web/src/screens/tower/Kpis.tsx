import { get } from "../../api/client";
import type { Kpi, Kpis as KpisAnswer } from "../../api/schema";
import { serverClock } from "../../live/clock";
import { useLoaded } from "../../live/loaded";
import { count, dollars, share } from "../../shown/numbers";
import { Age } from "../../ui/Age";
import { StaleNote } from "../../ui/faces";

interface Figure {
  name: string;
  label: string;
  of: (kpi: Kpi) => string;
  /** From what it comes. */
  more: (kpi: Kpi) => string;
}

const parts = (kpi: Kpi): string => `${count(kpi.numerator)} of ${count(kpi.denominator)}`;
const nothing = (): string => "";

const FIGURES: readonly Figure[] = [
  { name: "on_time", label: "On time", of: (kpi) => share(kpi.value), more: parts },
  { name: "exceptions_open", label: "Open", of: (kpi) => count(kpi.value), more: nothing },
  { name: "exceptions_untouched", label: "Untouched", of: (kpi) => count(kpi.value), more: nothing },
  { name: "money_at_risk", label: "At risk", of: (kpi) => dollars(kpi.value), more: nothing },
  { name: "promises_at_risk", label: "Promises at risk", of: (kpi) => count(kpi.value), more: nothing },
  { name: "under_way", label: "Under way", of: (kpi) => count(kpi.value), more: () => "parcels" },
  { name: "delivered", label: "Delivered", of: (kpi) => count(kpi.value), more: () => "parcels" },
  { name: "loads_rolling", label: "Loads rolling", of: (kpi) => rolling(kpi), more: nothing },
  { name: "first_attempt", label: "First attempt", of: (kpi) => share(kpi.value), more: parts },
];
const EVERY_MS = 15_000;
const LEAST_MS = 2_000;

function rolling({ numerator, denominator }: Kpi): string {
  return denominator ? `${count(numerator)}/${count(denominator)}` : count(numerator);
}

/** The figures of now, each with its age. */
export function Kpis() {
  const { data, error, loadedAt, retry } = useLoaded<KpisAnswer>(
    "kpis",
    async (signal) => {
      const found = await get<KpisAnswer>("/v1/kpis", signal);
      serverClock.heard(Date.parse(found.at), Date.now());
      return found;
    },
    {
      everyMs: EVERY_MS,
      leastMs: LEAST_MS,
      when: (kind) => kind === "parcel" || kind === "exception" || kind === "case",
    },
  );
  const found = new Map(data?.items.map((kpi) => [kpi.name, kpi]));
  return (
    <section className="kpis" aria-label="Figures of now">
      {FIGURES.map(({ name, label, of, more }) => {
        const kpi = found.get(name);
        return (
          <div key={name} className="kpi">
            <span className="kpi-label">
              {label} <Age atMs={loadedAt} />
            </span>
            <span className="kpi-value">{kpi ? of(kpi) : "–"}</span>
            <span className="kpi-more">{kpi ? more(kpi) : ""}</span>
          </div>
        );
      })}
      {error && <StaleNote error={error} retry={retry} known={data !== null} />}
    </section>
  );
}
