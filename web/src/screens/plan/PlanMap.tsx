import { useCallback, useMemo, useState } from "react";
import type { FacilityDay, PlanLane, PlanMetro } from "../../api/schema";
import { addressNow, setQuery } from "../../frame/address";
import { Fleet } from "../../map/fleet";
import { MapPane } from "../../map/MapPane";
import { chooseLane } from "./Lanes";
import { chooseMetro } from "./Metros";
import { endsOf, type Ends, planScene, routePaths } from "./planScene";

interface Props {
  metros: readonly PlanMetro[];
  lanes: readonly PlanLane[];
  ends: Ends | null;
  metro: PlanMetro | null;
  day: FacilityDay | null;
  route: string | null;
  stops: ReadonlySet<string>;
}

const NOTHING_WRONG: ReadonlyMap<string, never> = new Map<string, never>();

/** A route, or a stop on it, is the same to choose here as in the rows below. */
function choosePath(route: string, stop: string | null): void {
  setQuery({ route, stop, compare: null }, { replace: true });
}

/** A plan on the map: its lanes, or the routes of one metro. */
export function PlanMap({ metros, lanes, ends, metro, day, route, stops }: Props) {
  const [fleet] = useState(() => new Fleet());
  const [kept] = useState(() => addressNow().query.get("map"));
  const keep = useCallback((view: string) => setQuery({ map: view }, { replace: true }), []);
  const choose = useCallback((lane: string) => chooseLane(endsOf(lane)), []);
  const scene = useMemo(() => planScene(metros, metro ? [] : lanes, ends), [metros, lanes, metro, ends]);
  const paths = useMemo(() => (metro && day ? routePaths(day, route, stops) : []), [metro, day, route, stops]);
  return (
    <>
      <MapPane
        // Another metro is another place to look at; its routes come after it was chosen.
        key={metro ? `${metro.facility_id} ${paths.length > 0}` : "all"}
        scene={scene}
        fleet={fleet}
        exceptions={NOTHING_WRONG}
        chosen={metro?.facility_id ?? null}
        paths={paths}
        kept={metro ? null : kept}
        onKept={keep}
        onChoose={chooseMetro}
        onChooseLane={choose}
        onChoosePath={choosePath}
      />
      <p className="map-legend">
        {metro ? (
          <>
            <span className="legend-route">routes of the day</span>
            <span className="legend-actual">the chosen one</span>
          </>
        ) : (
          <>
            <span>▪ facility, by parcels to doors</span>
            <span>
              <span className="legend-lane" /> lane, by volume
            </span>
            <span>
              <span className="legend-lane air" /> under 50 % full
            </span>
            <span>
              <span className="legend-lane full" /> over 90 % full
            </span>
          </>
        )}
      </p>
    </>
  );
}
