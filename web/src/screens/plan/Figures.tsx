import type { PlanAnswer } from "../../api/schema";
import { cents, count, decimal, share } from "../../shown/numbers";
import { baselineOf, kpisOf } from "./figures";

interface Figure {
  name: string;
  label: string;
  show: (value: number | null | undefined) => string;
  title: string;
}

const FIGURES: readonly Figure[] = [
  { name: "cost_per_package", label: "Cost a parcel", show: cents, title: "every dollar of the ledger over all parcels" },
  { name: "planned_on_time_promise", label: "Promise kept", show: share, title: "expected share delivered by the promise" },
  { name: "planned_on_time_service", label: "Service kept", show: share, title: "median delivery by when the service says" },
  { name: "injected_share", label: "Handed over", show: share, title: "parcels that a partner takes to the door" },
  { name: "load_utilisation_cube", label: "Line-haul fill", show: share, title: "volume over usable space that is paid for, by miles" },
  { name: "empty_miles_share", label: "Empty miles", show: share, title: "miles of empties and bobtails over all miles" },
  { name: "stops_per_hour", label: "Stops an hour", show: decimal, title: "gate out to gate in, breaks included" },
];

/** What a plan comes to, beside the baseline that it was compared with. */
export function Figures({ summary }: { summary: NonNullable<PlanAnswer["summary"]> }) {
  const [kpis, baseline] = [kpisOf(summary), baselineOf(summary)];
  const { counts } = summary;
  return (
    <>
      <div className="kpi">
        <span className="kpi-label">Parcels</span>
        <span className="kpi-value">{count(counts.parcels)}</span>
        <span className="kpi-more">
          {count(counts.loads)} loads{counts.orders_rejected ? ` · ${count(counts.orders_rejected)} rejected` : ""}
        </span>
      </div>
      {FIGURES.map(({ name, label, show, title }) => (
        <div key={name} className="kpi" title={title}>
          <span className="kpi-label">{label}</span>
          <span className="kpi-value">{show(kpis[name])}</span>
          <span className="kpi-more">{baseline[name] === undefined ? "" : `baseline ${show(baseline[name])}`}</span>
        </div>
      ))}
    </>
  );
}
