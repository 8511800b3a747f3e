import type { PlanReport, ReportKpi } from "../../api/schema";
import { share } from "../../shown/numbers";
import { type Column, DataTable } from "../../ui/DataTable";
import { differenceOf, partsOf, showOf } from "./units";

const MARKS = {
  better: { tone: "done", mark: "✓", said: "better" },
  worse: { tone: "high", mark: "▼", said: "worse" },
  same: { tone: "none", mark: "=", said: "" },
  neither: { tone: "none", mark: "", said: "" },
} as const;

/** What was planned, what happened so far, and how far they are apart. */
export function Kpis({ report }: { report: PlanReport }) {
  const { ended, parcels } = report.progress;
  return (
    <DataTable
      label="Planned and actual figures"
      name="kpis"
      rows={report.kpis}
      columns={ended < parcels ? SO_FAR : OVER}
      usual={{ column: "", down: false }}
      idOf={(kpi) => kpi.name}
    >
      <h2>Planned and so far</h2>
    </DataTable>
  );
}

function Difference({ kpi, isOver }: { kpi: ReportKpi; isOver: boolean }) {
  const found = differenceOf(kpi, isOver);
  if (found === null) return <span className="faint">–</span>;
  const { tone, mark, said } = MARKS[found.verdict];
  return (
    <span className={`mark ${tone}`}>
      <span aria-hidden="true">{mark}</span> {found.text}
      {said && <span className="hidden">, {said}</span>}
    </span>
  );
}

const columns = (isOver: boolean): readonly Column<ReportKpi>[] => [
  {
    id: "label",
    label: "Figure",
    cell: (kpi) => kpi.label,
    show: (kpi) => <span title={kpi.definition}>{kpi.label}</span>,
  },
  {
    id: "planned",
    label: "Planned",
    numeric: true,
    cell: (kpi) => kpi.planned?.value,
    show: (kpi) => (
      <span title={kpi.planned ? partsOf(kpi.planned, kpi.unit) : "the plan has none"}>
        {showOf(kpi.unit)(kpi.planned?.value)}
      </span>
    ),
  },
  {
    id: "actual",
    label: "Actual",
    numeric: true,
    cell: (kpi) => kpi.actual.value,
    show: (kpi) => (
      <strong title={kpi.interval ? `95 % sure: ${share(kpi.interval[0])} to ${share(kpi.interval[1])}` : undefined}>
        {showOf(kpi.unit)(kpi.actual.value)}
      </strong>
    ),
  },
  {
    id: "difference",
    label: "Difference",
    numeric: true,
    cell: (kpi) =>
      kpi.actual.value === null || kpi.planned?.value === null || kpi.planned?.value === undefined
        ? null
        : kpi.actual.value - kpi.planned.value,
    show: (kpi) => <Difference kpi={kpi} isOver={isOver} />,
  },
  {
    id: "parts",
    label: "Made of",
    numeric: true,
    cell: (kpi) => kpi.actual.denominator,
    show: (kpi) => <span className="faint">{partsOf(kpi.actual, kpi.unit)}</span>,
  },
  {
    id: "definition",
    label: "What it is",
    cell: (kpi) => kpi.definition,
    show: (kpi) => <span className="faint definition">{kpi.definition}</span>,
  },
  { id: "name", label: "name", hidden: true, cell: (kpi) => kpi.name },
  { id: "unit", label: "unit", hidden: true, cell: (kpi) => kpi.unit },
  { id: "planned_numerator", label: "planned numerator", hidden: true, cell: (kpi) => kpi.planned?.numerator },
  { id: "planned_denominator", label: "planned denominator", hidden: true, cell: (kpi) => kpi.planned?.denominator },
  { id: "numerator", label: "actual numerator", hidden: true, cell: (kpi) => kpi.actual.numerator },
];

const SO_FAR = columns(false);
const OVER = columns(true);
