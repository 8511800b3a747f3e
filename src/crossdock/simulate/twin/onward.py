"""A parcel that cannot go as planned gets another way: the default recovery policy at work.

What habit chooses is `crossdock.operate.recovery`; here its answer becomes loads and parcels.
"""

from __future__ import annotations

import numpy as np

from crossdock.operate.recovery import Departure, choose_way
from crossdock.simulate.twin.journal import payload
from crossdock.simulate.twin.stage import Ints, Stage
from crossdock.simulate.twin.state import NEVER, NOWHERE, ONWARD, LoadState, Turn, Where

_DOCK_S = 600


def leaving(stage: Stage, facility: int, after: int) -> list[int]:
    """Loads still to leave a facility after an instant, by departure."""
    loads = stage.state.loads
    out = [
        at
        for at in range(len(loads))
        if loads.origin[at] == facility
        and loads.state[at] in (LoadState.PLANNED, LoadState.HELD)
        and loads.departs[at] >= after
    ]
    return sorted(out, key=lambda at: (loads.departs[at], loads.ids[at]))


def find_ways(stage: Stage, facility: int, parcels: Ints) -> None:
    """Give each parcel a new way from ``facility`` to its destination."""
    destination = stage.scene.parcels.destination[parcels]
    for to in np.unique(destination).tolist():
        group = parcels[destination == to]
        if to == facility:
            stage.state.parcels["next_load"][group] = NOWHERE
        else:
            _find_way(stage, facility, to, group)


def _find_way(stage: Stage, facility: int, to: int, group: Ints) -> None:
    columns = stage.state.parcels
    ready = max(int(columns["sorted_at"][group].max()), stage.state.now) + _DOCK_S
    volume = float(stage.scene.parcels.volume_m3[group].sum())
    way = choose_way(_departures(stage, ready), facility, to, ready, volume)
    if way is None:
        bought = buy(stage, facility, to, ready, volume)
        if bought is None:  # nothing sells this lane: the parcels wait for a person
            columns["next_load"][group] = NOWHERE
            return
        way = (bought,)
    for load in way:
        stage.state.loads.booked_m3[load] += volume
    columns["next_load"][group] = way[0]
    columns["leg"][group] = NOWHERE
    for parcel in group.tolist():
        stage.state.detours[parcel] = list(way[1:])


def _departures(stage: Stage, after: int) -> list[Departure]:
    loads = stage.state.loads
    return [
        Departure(
            load=at,
            origin=loads.origin[at],
            to=loads.to[at],
            departs_at=loads.departs[at],
            arrives_at=loads.arrives[at],
            free_m3=loads.space_m3[at] - loads.booked_m3[at],
        )
        for at in range(len(loads))
        if loads.state[at] in (LoadState.PLANNED, LoadState.HELD)
        and loads.departs[at] >= after
        and loads.kind[at] not in ("empty", "bobtail")
    ]


def buy(
    stage: Stage, facility: int, to: int, ready: int, volume: float, *, load_id: str | None = None
) -> int | None:
    """Positions on the next scheduled departure: when the next wave is through, or in 12 h."""
    offer = stage.scene.offers.get((facility, to))
    if offer is None:
        return None
    waves = stage.scene.waves[facility]
    later = waves.ready[waves.ready >= ready]
    departs = int(later[0]) if len(later) else ready + 12 * 3600
    units = max(1, int(np.ceil(volume / max(offer.unit_m3, 1e-6))))
    loads = stage.state.loads
    number = len(loads)
    load_id = load_id or f"L-EXTRA-{stage.place(facility)}-{stage.place(to)}-{departs}-{number}"
    arrives = departs + offer.transit_s
    space = units * offer.unit_m3
    cells: dict[str, object] = {
        "ids": load_id, "kind": offer.kind, "origin": facility, "to": to, "departs": departs,
        "arrives": arrives, "actual_departs": 0, "actual_arrives": 0,
        "state": int(LoadState.PLANNED), "vehicle_type": offer.vehicle_type, "units": units,
        "driver_mode": offer.driver_mode, "carrier": offer.carrier, "miles": offer.miles,
        "space_m3": space, "booked_m3": 0.0,
    }  # fmt: skip
    for name, value in cells.items():
        getattr(loads, name).append(value)
    stage.state.wake(departs, Turn.DEPART, number)
    stage.journal.tell(
        "load_added",
        "desk:dispatch",
        stage.state.now,
        load_id,
        facility=stage.place(facility),
        told=payload(
            load_id=load_id,
            from_=stage.place(facility),
            to=stage.place(to),
            kind=offer.kind,
            carrier_id=offer.carrier,
            vehicle_type=offer.vehicle_type,
            units=units,
            driver_mode=offer.driver_mode,
            miles=round(offer.miles, 1),
            departs_at=departs,
            arrives_at=arrives,
            cost_usd=round(offer.cost_usd * units, 2),
            volume_m3=round(space, 3),
            weight_kg=round(units * offer.unit_kg, 1),
        ),
    )
    return number


def call_off(stage: Stage, load: int, reason: str) -> None:
    """Cancel a load that has not left; its parcels get another way."""
    loads = stage.state.loads
    if loads.state[load] not in (LoadState.PLANNED, LoadState.HELD):
        return
    loads.state[load] = int(LoadState.CANCELLED)
    if load in stage.state.waiting:
        stage.state.waiting.remove(load)
    name = stage.place(loads.origin[load])
    stage.journal.tell(
        "load_cancelled", f"station:{name}", stage.state.now, loads.ids[load], facility=name,
        told=payload(load_id=loads.ids[load], reason=reason),
    )  # fmt: skip
    send_on(stage, load)


def send_on(stage: Stage, load: int) -> None:
    """Find another way for the parcels that were to ride on a load and do not."""
    columns, facility = stage.state.parcels, stage.state.loads.origin[load]
    meant = np.flatnonzero((columns["next_load"] == load) & (columns["where"] != Where.LOAD))
    columns["next_load"][meant] = ONWARD
    here = stage.at_facility(facility)[meant] & (columns["sorted_at"][meant] < NEVER)
    find_ways(stage, facility, meant[here])


def next_of(stage: Stage, parcel: int) -> int:
    """The load after the one that a parcel came with: of its detour, else of its planned path."""
    columns = stage.state.parcels
    if parcel in stage.state.detours:
        rest = stage.state.detours[parcel]
        return rest.pop(0) if rest else ONWARD
    path = stage.scene.path(parcel)
    columns["leg"][parcel] += 1
    leg = int(columns["leg"][parcel])
    return int(path[leg]) if leg < len(path) else NOWHERE
