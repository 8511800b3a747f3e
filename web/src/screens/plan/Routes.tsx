import { useRef } from "react";
import { inPath } from "../../api/client";
import type { PlanMetro, PlanTour } from "../../api/schema";
import { setQuery } from "../../frame/address";
import { useStore } from "../../live/store";
import { count } from "../../shown/numbers";
import { dayOf, timeOfDay } from "../../shown/times";
import { distance, units } from "../../shown/units";
import { Empty } from "../../ui/faces";
import { Link } from "../../ui/Link";
import { CsvButton, SvgButton } from "../../ui/Saving";
import { TimeRows } from "../../ui/TimeRows";
import { tourFacts, tourRow } from "./parts";
import { Side } from "./Side";

interface Props {
  metro: PlanMetro;
  /** Of the day. */
  tours: readonly PlanTour[];
  days: readonly string[];
  day: string | null;
  chosen: string | null;
}

/** The routes of a metro on a day as a Gantt chart, and the stops of the chosen one. */
export function Routes({ metro, tours, days, day, chosen }: Props) {
  const drawing = useRef<SVGSVGElement>(null);
  const zone = metro.timezone ?? undefined;
  const name = `routes-${metro.facility_id}${day === null ? "" : `-${day}`}`;
  if (days.length === 0) {
    return (
      <Empty title={`${metro.name} sends out no routes`}>
        {metro.handed_over
          ? `It hands ${count(metro.handed_over)} parcels over to partners.`
          : "Parcels only pass through it."}
      </Empty>
    );
  }
  const tour = tours.find(({ route_id: id }) => id === chosen);
  return (
    <div className="below">
      <div className="below-main">
        <div className="table-tools">
          <h2>{metro.name}</h2>
          {days.map((each) => (
            <button
              key={each}
              type="button"
              className="chip"
              aria-pressed={each === day}
              onClick={() => setQuery({ day: each, route: null }, { replace: true })}
            >
              {dayOf(Date.parse(`${each}T12:00:00Z`), "UTC")}
            </button>
          ))}
          <Legend />
          <span className="grow" />
          <SvgButton name={name} drawing={drawing} />
          <CsvButton name={name} columns={TOURS} rows={tours} />
        </div>
        <TimeRows
          label={`Routes of ${metro.name}`}
          rows={tours.map((each) => tourRow(each, zone))}
          zone={zone}
          chosen={chosen}
          onChoose={(id) => setQuery({ route: id === chosen ? null : id }, { replace: true })}
          drawing={drawing}
          hint="Point at a part, or go to a route with Tab and through it with ← and →; Enter shows it on the map."
        />
      </div>
      {tour ? <Stops tour={tour} zone={zone} /> : <NoRoute />}
    </div>
  );
}

function Legend() {
  return (
    <span className="gantt-legend faint">
      <span className="key drive">drive</span>
      <span className="key service">service</span>
      <span className="key break">break</span>
      <span className="key wait">wait</span>
      <span className="key slack">slack</span>
      <span className="key limit">must be back</span>
    </span>
  );
}

function NoRoute() {
  return (
    <Side label="The chosen route">
      <p className="faint">Choose a route: its stops come here, and it stands out on the map.</p>
    </Side>
  );
}

function Stops({ tour, zone }: { tour: PlanTour; zone: string | undefined }) {
  const shownUnits = useStore(units);
  return (
    <Side label="The chosen route">
      <h2>{tour.route_id}</h2>
      <dl className="facts">
        {tourFacts(tour, shownUnits).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {tour.reason && (
        <>
          <h3>Why these stops ride together</h3>
          <p>{tour.reason}</p>
        </>
      )}
      <h3>
        Stops <CsvButton name={`stops-${tour.route_id}`} columns={STOPS} rows={tour.visits} />
      </h3>
      <ol className="stops">
        {tour.visits.map((visit) => (
          <li key={visit.sequence}>
            <span className="faint">{visit.sequence}</span>
            <span>{visit.arrives_at === null ? "–" : timeOfDay(Date.parse(visit.arrives_at), zone)}</span>
            <span>
              {visit.parcel_ids.map((id) => (
                <Link key={id} to={`/parcel/${inPath(id)}`}>
                  {id}
                </Link>
              ))}
            </span>
            <span className="faint">{distance(visit.distance_m, shownUnits)}</span>
          </li>
        ))}
      </ol>
    </Side>
  );
}

const TOURS = (
  [
    "route_id", "facility_id", "delivery_date", "vehicle_id", "vehicle_type", "driver_id", "carrier_id",
    "departs_at", "returns_at", "must_return_at", "slack_s", "stops", "parcels", "volume_m3", "fill",
    "distance_m", "paid_s", "cost_usd",
  ] as const
).map((name) => ({ label: name, cell: (tour: PlanTour) => tour[name] }));

type Visit = PlanTour["visits"][number];
const STOPS = [
  { label: "sequence", cell: (visit: Visit) => visit.sequence },
  { label: "arrives_at", cell: (visit: Visit) => visit.arrives_at },
  { label: "departs_at", cell: (visit: Visit) => visit.departs_at },
  { label: "parcels", cell: (visit: Visit) => visit.parcel_ids.join(";") },
  { label: "distance_m", cell: (visit: Visit) => visit.distance_m },
  { label: "latitude", cell: (visit: Visit) => visit.latitude },
  { label: "longitude", cell: (visit: Visit) => visit.longitude },
];
