import { useRef } from "react";
import type { CostPart, PlanReport } from "../../api/schema";
import { cents } from "../../shown/numbers";
import { type Column, DataTable } from "../../ui/DataTable";
import { SvgButton } from "../../ui/Saving";
import { StackedBars } from "../../ui/StackedBars";

/** Dollars a parcel by part, planned and booked so far. */
export function Cost({ report: { cost, plan_id: id, progress } }: { report: PlanReport }) {
  const drawing = useRef<SVGSVGElement>(null);
  const open = progress.parcels - progress.ended;
  return (
    <>
      <div className="table-tools">
        <h2>Cost a parcel</h2>
        <span className="faint">{open > 0 && "a load or route is booked once it has run"}</span>
        <span className="grow" />
        <SvgButton name={`cost-${id}`} drawing={drawing} />
      </div>
      <StackedBars
        label="Dollars a parcel"
        drawing={drawing}
        parts={cost.parts.map(({ name }) => name)}
        show={cents}
        stacks={[
          { name: "Planned", text: cents(cost.planned_usd), values: cost.parts.map(({ planned }) => planned) },
          { name: "So far", text: cents(cost.actual_usd), values: cost.parts.map(({ actual }) => actual) },
        ]}
      />
      <DataTable
        label="Cost a parcel by part"
        name="cost"
        rows={cost.parts}
        columns={COLUMNS}
        usual={{ column: "", down: false }}
        idOf={(part) => part.part}
      />
    </>
  );
}

const signed = (value: number): string => (value > 0.005 ? `+${cents(value)}` : cents(value));

const COLUMNS: readonly Column<CostPart>[] = [
  { id: "name", label: "Part", cell: (part) => part.name },
  { id: "planned", label: "Planned", numeric: true, cell: (part) => part.planned, show: (part) => cents(part.planned) },
  { id: "actual", label: "So far", numeric: true, cell: (part) => part.actual, show: (part) => cents(part.actual) },
  {
    id: "difference",
    label: "Difference",
    numeric: true,
    cell: (part) => part.actual - part.planned,
    show: (part) => signed(part.actual - part.planned),
  },
  { id: "why", label: "Behind it", cell: (part) => part.why, show: (part) => <span className="faint definition">{part.why}</span> },
];
