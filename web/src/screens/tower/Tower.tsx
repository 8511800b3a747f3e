import { useCallback, useMemo, useRef, useState } from "react";
import { inPath } from "../../api/client";
import type { ExceptionItem, Me } from "../../api/schema";
import { mayDispatch } from "../../api/session";
import { go, setQuery, useAddress } from "../../frame/address";
import { useKeys } from "../../frame/keys";
import { useStore } from "../../live/store";
import { MapPane } from "../../map/MapPane";
import { useChart } from "../../map/useChart";
import { usePast } from "../../past/past";
import { Scrubber } from "../../past/Scrubber";
import { Age } from "../../ui/Age";
import { Empty, Failure, Skeleton, StaleNote } from "../../ui/faces";
import { useRemembered } from "../../ui/remembered";
import { Splitter } from "../../ui/Splitter";
import { act, type Deed } from "./acts";
import { Detail, type Panel } from "./Detail";
import { FilterBar } from "./FilterBar";
import { filtersOf, shownRows } from "./filters";
import { Incidents } from "./Incidents";
import { Kpis } from "./Kpis";
import { queue } from "./queue";
import { QueueList } from "./QueueList";
import { ShiftNotes } from "./ShiftNotes";

const LEAST_PX = 240;
const MOST_PX = 640;

/** What is wrong, where, and what is done about it. */
export function Tower({ me }: { me: Me }) {
  const { query } = useAddress();
  const { rows } = useStore(queue);
  const atMs = usePast();
  const [leftPx, setLeftPx] = useRemembered("crossdock-tower-left", 340);
  const [rightPx, setRightPx] = useRemembered("crossdock-tower-right", 380);
  const [panel, setPanel] = useState<Panel>(null);
  const search = useRef<HTMLInputElement>(null);
  const filters = useMemo(() => filtersOf(query), [query]);
  const shown = useMemo(() => shownRows(rows.values(), filters, me.name), [rows, filters, me.name]);
  const id = query.get("id");
  const selected = id === null ? null : (rows.get(id) ?? null);
  const place = shown.findIndex((row) => row.id === id);

  const select = (row: ExceptionItem | undefined): void => {
    if (!row) return;
    setPanel(null);
    setQuery({ id: row.id }, { replace: id !== null });
  };
  const mayAct = mayDispatch(me) && atMs === null;
  const doing = (action: Deed) => () => {
    if (selected && mayAct) void act(selected, { action });
  };
  const opening = (wanted: Panel) => () => {
    if (selected && mayAct) setPanel(wanted);
  };
  useKeys({
    j: () => select(shown[Math.min(place + 1, shown.length - 1)]),
    ArrowDown: () => select(shown[Math.min(place + 1, shown.length - 1)]),
    k: () => select(shown[Math.max(place - 1, 0)]),
    ArrowUp: () => select(shown[Math.max(place - 1, 0)]),
    Enter: () => {
      if (selected?.parcel_id) go(`/parcel/${inPath(selected.parcel_id)}`);
      else if (!selected) select(shown[0]);
      else document.getElementById("detail")?.focus();
    },
    a: doing("acknowledge"),
    o: doing("own"),
    e: doing("escalate"),
    s: opening("snooze"),
    n: opening("note"),
    r: opening("resolve"),
    f: () => search.current?.focus(),
    Escape: () => (panel ? setPanel(null) : setQuery({ id: null })),
  });

  return (
    <div className="tower">
      <Kpis />
      <ShiftNotes me={me} />
      <div className="tower-panes" style={{ gridTemplateColumns: `${leftPx}px 6px minmax(0, 1fr) 6px ${rightPx}px` }}>
        <section className="pane tower-queue" aria-label="Exceptions">
          <FilterBar filters={filters} rows={rows} shown={shown} search={search} />
          {filters.show === "causes" ? (
            <Incidents />
          ) : (
            <QueueList items={shown} selected={id} onSelect={select} />
          )}
        </section>
        <Splitter
          label="Width of the exceptions"
          widthPx={leftPx}
          leastPx={LEAST_PX}
          mostPx={MOST_PX}
          grows="right"
          onChange={setLeftPx}
        />
        <section className="pane tower-map" aria-label="Map">
          <div className="map-place">
            <TowerMap rows={rows} chosen={selected?.facility_id ?? filters.facility} kept={query.get("map")} />
          </div>
          <Scrubber />
        </section>
        <Splitter
          label="Width of the details"
          widthPx={rightPx}
          leastPx={LEAST_PX}
          mostPx={MOST_PX}
          grows="left"
          onChange={setRightPx}
        />
        <section className="pane tower-detail" aria-label="Details" id="detail" tabIndex={-1}>
          {id === null ? (
            <Empty title="Nothing is selected">
              <p>
                <kbd>j</kbd> and <kbd>k</kbd> go through the exceptions, <kbd>?</kbd> shows every key.
              </p>
            </Empty>
          ) : (
            <Detail key={id} id={id} row={selected} me={me} panel={panel} onPanel={setPanel} />
          )}
        </section>
      </div>
    </div>
  );
}

interface MapProps {
  rows: ReadonlyMap<string, ExceptionItem>;
  chosen: string | null;
  kept: string | null;
}

function TowerMap({ rows, chosen, kept }: MapProps) {
  const { chart, scene, fleet } = useChart();
  const atMs = usePast();
  const [first] = useState(kept);
  const keep = useCallback((view: string) => setQuery({ map: view }, { replace: true }), []);
  const choose = useCallback((facility: string) => setQuery({ facility }), []);
  if (scene === null) {
    return chart.error ? <Failure error={chart.error} retry={chart.retry} /> : <Skeleton rows={1} label="the map" />;
  }
  return (
    <>
      <MapPane
        scene={scene}
        fleet={fleet}
        exceptions={rows}
        chosen={chosen}
        kept={first}
        onKept={keep}
        onChoose={choose}
      />
      {chart.error && <StaleNote error={chart.error} retry={chart.retry} />}
      <p className="map-legend">
        <span>▪ facility, by queue</span>
        <span>
          <span className="legend-lane" /> lane, by volume
        </span>
        <span>
          <span className="legend-lane full" /> over 90 % full
        </span>
        <span>➤ truck</span>
        <span>• van</span>
        <span>◯ exception</span>
        {atMs === null && (
          <span>
            seen <Age atMs={chart.loadedAt} />
          </span>
        )}
      </p>
      {scene.places.length === 0 && fleet.vehicles.size === 0 && (
        <p className="map-empty">
          No place is known yet: release a plan, or post events of kind <code>position</code>.
        </p>
      )}
    </>
  );
}
