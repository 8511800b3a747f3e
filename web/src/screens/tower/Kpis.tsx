import type { Kpi, Kpis as KpisAnswer, NextCutoff, Trends } from "../../api/schema";
import { serverClock, useSeconds } from "../../live/clock";
import { pastNow, shownNow } from "../../past/past";
import { useShown } from "../../past/useShown";
import { count, dollars, share, UNKNOWN } from "../../shown/numbers";
import { span } from "../../shown/times";
import { Age } from "../../ui/Age";
import { StaleNote } from "../../ui/faces";
import { Sparkline } from "../../ui/Sparkline";
import { Time } from "../../ui/Time";

interface Figure {
  name: string;
  label: string;
  said: (value: number | null) => string;
  /** What stands in the place of the value, where that says more. */
  of?: (kpi: Kpi) => string;
  /** From what it comes. */
  more?: (kpi: Kpi) => string;
}

const parts = (kpi: Kpi): string => `${count(kpi.numerator)} of ${count(kpi.denominator)}`;

const FIGURES: readonly Figure[] = [
  { name: "on_time", label: "On time", said: share, more: parts },
  { name: "exceptions_open", label: "Open", said: count },
  { name: "exceptions_untouched", label: "Untouched", said: count },
  { name: "money_at_risk", label: "At risk", said: dollars },
  { name: "promises_at_risk", label: "Promises at risk", said: count },
  { name: "under_way", label: "Under way", said: count, more: () => "parcels" },
  { name: "delivered", label: "Delivered", said: count, more: () => "parcels" },
  { name: "loads_rolling", label: "Loads rolling", said: share, of: rolling },
  { name: "utilisation", label: "Utilisation", said: share, more: (kpi) => `${parts(kpi)} m³` },
];
const EVERY_MS = 15_000;
const LEAST_MS = 2_000;
const HISTORY = "/v1/kpis/history?hours=24&points=49";
const HISTORY_EVERY_MS = 60_000;

function rolling({ numerator, denominator }: Kpi): string {
  return denominator ? `${count(numerator)}/${count(denominator)}` : count(numerator);
}

/** The figures of the moment, each with how it came to it over a day. */
export function Kpis() {
  const { data, error, loadedAt, retry } = useShown<KpisAnswer>("/v1/kpis", {
    everyMs: EVERY_MS,
    leastMs: LEAST_MS,
    when: (kind) => kind === "parcel" || kind === "exception" || kind === "case",
    onAnswer: (found) => {
      if (pastNow() === null) serverClock.heard(Date.parse(found.at), Date.now());
    },
  });
  const history = useShown<Trends>(HISTORY, { everyMs: HISTORY_EVERY_MS });
  const found = new Map(data?.items.map((kpi) => [kpi.name, kpi]));
  const curves = new Map(history.data?.items.map(({ name, values }) => [name, values]));
  return (
    <section className="kpis" aria-label="Figures">
      {FIGURES.map((figure) => {
        const { name, label, said, of, more } = figure;
        const kpi = found.get(name);
        return (
          <div key={name} className="kpi">
            <span className="kpi-label">
              {label} <Age atMs={loadedAt} />
            </span>
            <span className="kpi-value">{kpi ? (of?.(kpi) ?? said(kpi.value)) : UNKNOWN}</span>
            <Curve figure={figure} values={curves.get(name) ?? []} />
            <span className="kpi-more">{kpi && more ? more(kpi) : ""}</span>
          </div>
        );
      })}
      <Next coming={data?.next_cutoff ?? null} known={data !== null} />
      {error && <StaleNote error={error} retry={retry} known={data !== null} />}
    </section>
  );
}

function Curve({ figure, values }: { figure: Figure; values: readonly (number | null)[] }) {
  const known = values.filter((value) => value !== null);
  const [first, last] = [known[0] ?? null, known.at(-1) ?? null];
  // One point is no curve.
  if (first === null || last === null || known.length < 2) return <span className="sparkline" />;
  const said = `${figure.label} over 24 h: from ${figure.said(first)} to ${figure.said(last)}, at the most ${figure.said(Math.max(...known))}`;
  return <Sparkline values={values} said={said} />;
}

const WHAT: Record<NextCutoff["what"], string> = { inbound_cutoff: "cut-off", departure: "departure" };

/** What of the plans comes next, and how long that is. */
function Next({ coming, known }: { coming: NextCutoff | null; known: boolean }) {
  useSeconds();
  return (
    <div className="kpi">
      <span className="kpi-label">Next {coming ? WHAT[coming.what] : "cut-off"}</span>
      <span className="kpi-value">{coming ? span(Date.parse(coming.at) - shownNow()) : UNKNOWN}</span>
      <span className="kpi-next">{coming ? <Time at={coming.at} zone={coming.timezone ?? undefined} withZone /> : ""}</span>
      <span className="kpi-more">
        {coming ? coming.facility_id : known ? "none is planned" : ""}
      </span>
    </div>
  );
}
