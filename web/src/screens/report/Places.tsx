import { inPath } from "../../api/client";
import type { PlanReport, ReportService, WorstLane, WorstMetro } from "../../api/schema";
import { cents, count, share } from "../../shown/numbers";
import { type Column, DataTable } from "../../ui/DataTable";
import { FillBar } from "../../ui/FillBar";
import { Link } from "../../ui/Link";

/** On time by service, each beside what was expected. */
export function Services({ report }: { report: PlanReport }) {
  return (
    <DataTable
      label="On time by service"
      name="services"
      rows={report.services}
      columns={SERVICES}
      usual={{ column: "parcels", down: true }}
      idOf={(row) => row.service}
    >
      <h2>On time by service</h2>
    </DataTable>
  );
}

export function Lanes({ report }: { report: PlanReport }) {
  return (
    <DataTable
      label="Lanes that lost most promises"
      name="worst-lanes"
      rows={report.lanes}
      columns={lanesOf(report.plan_id)}
      usual={{ column: "late", down: true }}
      idOf={(row) => `${row.origin_facility_id ?? ""} ${row.destination_facility_id ?? ""}`}
    >
      <h2>Lanes that lost most promises</h2>
    </DataTable>
  );
}

export function Metros({ report }: { report: PlanReport }) {
  return (
    <DataTable
      label="Metros that lost most promises"
      name="worst-metros"
      rows={report.metros}
      columns={metrosOf(report.plan_id)}
      usual={{ column: "late", down: true }}
      idOf={(row) => row.destination_facility_id ?? ""}
    >
      <h2>Metros that lost most promises</h2>
    </DataTable>
  );
}

const SERVICES: readonly Column<ReportService>[] = [
  { id: "service", label: "Service", cell: (row) => row.service },
  { id: "parcels", label: "Due", numeric: true, cell: (row) => row.parcels, show: (row) => count(row.parcels) },
  { id: "expected", label: "Expected", numeric: true, cell: (row) => row.expected, show: (row) => share(row.expected) },
  { id: "gross", label: "As promised", numeric: true, cell: (row) => row.gross.value, show: (row) => <FillBar value={row.gross.value} neutral /> },
  { id: "net", label: "Excused left out", numeric: true, cell: (row) => row.net.value, show: (row) => share(row.net.value) },
  { id: "sold", label: "As sold", numeric: true, cell: (row) => row.as_sold.value, show: (row) => share(row.as_sold.value) },
  { id: "kept", label: "kept", hidden: true, cell: (row) => row.gross.numerator },
];

const WORST: readonly Column<WorstMetro>[] = [
  { id: "late", label: "Late", numeric: true, cell: (row) => row.late, show: (row) => `${count(row.late)} of ${count(row.parcels)}` },
  {
    id: "share",
    label: "On time",
    numeric: true,
    cell: (row) => row.kept / row.parcels,
    show: (row) => <FillBar value={row.kept / row.parcels} neutral />,
  },
  { id: "expected", label: "Expected", numeric: true, cell: (row) => row.expected, show: (row) => share(row.expected) },
  {
    id: "cause",
    label: "Most because of",
    cell: (row) => row.cause_name,
    show: (row) => (
      <>
        {row.cause_name} <span className="faint">{count(row.cause_parcels)}</span>
      </>
    ),
  },
  { id: "cost", label: "A parcel", numeric: true, title: "cost booked so far over parcels", cell: (row) => row.usd_per_parcel, show: (row) => cents(row.usd_per_parcel) },
];

/** Where the plan shows it: its departures; within a metro, its routes. */
function placeIn(plan: string, from: string | null, to: string | null): string {
  const asked: Record<string, string> =
    from === to ? { metro: to ?? "", show: "metros" } : { from: from ?? "", to: to ?? "" };
  return `/plan/${inPath(plan)}?${new URLSearchParams(asked)}`;
}

function lanesOf(plan: string): readonly Column<WorstLane>[] {
  return [
    {
      id: "name",
      label: "From and to",
      cell: (row) => `${row.origin_facility_id ?? ""} to ${row.destination_facility_id ?? ""}`,
      show: ({ origin_facility_id: from, destination_facility_id: to, name }) => (
        <Link to={placeIn(plan, from, to)}>
          <span title={name}>
            {from ?? "–"} to {to ?? "–"}
          </span>
        </Link>
      ),
    },
    ...WORST,
  ];
}

function metrosOf(plan: string): readonly Column<WorstMetro>[] {
  return [
    {
      id: "name",
      label: "To",
      cell: (row) => row.name,
      show: ({ destination_facility_id: to, name }) => (
        <Link to={placeIn(plan, to, to)}>{name}</Link>
      ),
    },
    ...WORST.map((column) => (column.id === "cost" ? { ...column, hidden: true } : column)),
    {
      id: "now",
      label: "Now",
      cell: (row) => row.destination_facility_id,
      show: ({ destination_facility_id: to }) => (
        <>
          <Link to={`/board/${inPath(to ?? "")}`}>board</Link>{" "}
          <Link to={`/tower?${new URLSearchParams({ facility: to ?? "" })}`}>exceptions</Link>
        </>
      ),
    },
  ];
}
