import type { PlanLane } from "../../api/schema";
import { setQuery } from "../../frame/address";
import { cents, count } from "../../shown/numbers";
import { type Column, DataTable } from "../../ui/DataTable";
import { FillBar } from "../../ui/FillBar";
import { type Ends, laneId } from "./planScene";
import { kindWords, modeWords, wayWords } from "./words";

interface Props {
  lanes: readonly PlanLane[];
  chosen: Ends | null;
}

/** Lanes of a plan: what moves, how full, by which step of the ladder, for how much. */
export function Lanes({ lanes, chosen }: Props) {
  return (
    <DataTable
      label="Lanes of the plan"
      name="lanes"
      rows={lanes}
      columns={COLUMNS}
      usual={{ column: "cost", down: true }}
      idOf={laneId}
      selected={chosen === null ? null : laneId(chosen)}
    />
  );
}

export function chooseLane({ from, to }: Ends): void {
  setQuery({ from, to, metro: null, route: null, day: null, load: null, show: null });
}

const ladder = (lane: PlanLane): string => [...new Set(lane.ways.map(wayWords))].join("; ");

const COLUMNS: readonly Column<PlanLane>[] = [
  {
    id: "from",
    label: "From",
    cell: (lane) => lane.from,
    show: (lane) => (
      <button type="button" className="quiet row-choice" onClick={() => chooseLane(lane)}>
        {lane.from}
        <span className="hidden"> to {lane.to}: show its departures</span>
      </button>
    ),
  },
  { id: "to", label: "To", cell: (lane) => lane.to },
  { id: "loads", label: "Loads", numeric: true, cell: (lane) => lane.loads, show: (lane) => count(lane.loads) },
  {
    id: "fill",
    label: "Fill",
    numeric: true,
    title: "volume over usable space that is paid for",
    cell: (lane) => lane.fill,
    show: (lane) => <FillBar value={lane.fill} />,
  },
  {
    id: "ladder",
    label: "How",
    title: "own, pooled or bought, and the step of the capacity ladder",
    cell: ladder,
    show: (lane) => (
      <span className="ladder" title={ladder(lane)}>
        {ladder(lane)}
      </span>
    ),
  },
  { id: "cost", label: "Cost", numeric: true, cell: (lane) => lane.cost_usd, show: (lane) => cents(lane.cost_usd) },
  { id: "parcels", label: "Parcels", numeric: true, cell: (lane) => lane.parcels, show: (lane) => count(lane.parcels) },
  {
    id: "each",
    label: "A parcel",
    numeric: true,
    cell: (lane) => lane.usd_per_parcel,
    show: (lane) => cents(lane.usd_per_parcel),
  },
  { id: "volume", label: "Volume (m³)", hidden: true, cell: (lane) => lane.volume_m3 },
  { id: "carriers", label: "Carriers", hidden: true, cell: (lane) => lane.ways.map((way) => way.carrier_id ?? "own").join("; ") },
  { id: "kinds", label: "Kinds", hidden: true, cell: (lane) => lane.ways.map((way) => kindWords(way.kind)).join("; ") },
  { id: "modes", label: "Driver modes", hidden: true, cell: (lane) => lane.ways.map((way) => modeWords(way.driver_mode)).join("; ") },
  { id: "miles", label: "Miles", hidden: true, cell: (lane) => lane.miles },
  { id: "first", label: "First departure (UTC)", hidden: true, cell: (lane) => lane.first_departs_at },
  { id: "last", label: "Last departure (UTC)", hidden: true, cell: (lane) => lane.last_departs_at },
];
