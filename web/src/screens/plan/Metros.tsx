import { inPath } from "../../api/client";
import type { PlanMetro } from "../../api/schema";
import { setQuery } from "../../frame/address";
import { cents, count, decimal, dollars } from "../../shown/numbers";
import { type Column, DataTable } from "../../ui/DataTable";
import { Link } from "../../ui/Link";

/** Facilities of a plan: what each sends out to doors, for how much. */
export function Metros({ metros, chosen }: { metros: readonly PlanMetro[]; chosen: string | null }) {
  return (
    <DataTable
      label="Metros of the plan"
      name="metros"
      rows={metros}
      columns={COLUMNS}
      usual={{ column: "parcels", down: true }}
      idOf={(metro) => metro.facility_id}
      selected={chosen}
    />
  );
}

export function chooseMetro(facility: string): void {
  setQuery({ metro: facility, from: null, to: null, route: null, day: null, load: null, show: "metros" });
}

const COLUMNS: readonly Column<PlanMetro>[] = [
  {
    id: "name",
    label: "Metro",
    cell: (metro) => metro.name,
    show: (metro) => (
      <button type="button" className="quiet row-choice" onClick={() => chooseMetro(metro.facility_id)}>
        {metro.name} <span className="faint">{metro.facility_id}</span>
        <span className="hidden">: show its routes</span>
      </button>
    ),
  },
  { id: "id", label: "Facility", hidden: true, cell: (metro) => metro.facility_id },
  { id: "routes", label: "Routes", numeric: true, cell: (metro) => metro.routes, show: (metro) => count(metro.routes) },
  { id: "stops", label: "Stops", numeric: true, cell: (metro) => metro.stops, show: (metro) => count(metro.stops) },
  { id: "parcels", label: "Parcels", numeric: true, cell: (metro) => metro.parcels, show: (metro) => count(metro.parcels) },
  {
    id: "handed",
    label: "Handed over",
    numeric: true,
    title: "parcels that a partner takes to the door from here",
    cell: (metro) => metro.handed_over,
    show: (metro) => count(metro.handed_over),
  },
  { id: "starting", label: "Starting", hidden: true, cell: (metro) => metro.originating },
  { id: "cost", label: "Cost", numeric: true, cell: (metro) => metro.cost_usd, show: (metro) => dollars(metro.cost_usd) },
  { id: "each", label: "A parcel", numeric: true, cell: (metro) => metro.usd_per_parcel, show: (metro) => cents(metro.usd_per_parcel) },
  {
    id: "rate",
    label: "Stops/h",
    numeric: true,
    title: "gate out to gate in, breaks included",
    cell: (metro) => metro.stops_per_hour,
    show: (metro) => decimal(metro.stops_per_hour),
  },
  {
    id: "now",
    label: "Now",
    cell: (metro) => metro.facility_id,
    show: (metro) => (
      <Link to={`/board/${inPath(metro.facility_id)}`}>
        board<span className="hidden"> of {metro.name}</span>
      </Link>
    ),
  },
  { id: "distance", label: "Distance (m)", hidden: true, cell: (metro) => metro.distance_m },
  { id: "paid", label: "Paid (s)", hidden: true, cell: (metro) => metro.paid_s },
];
