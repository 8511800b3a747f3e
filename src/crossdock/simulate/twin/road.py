"""Loads leave, drive, rest as the law asks, break down, and arrive."""

from __future__ import annotations

from functools import partial

import numpy as np

from crossdock.simulate.twin import onward, yards
from crossdock.simulate.twin.chance import key_of
from crossdock.simulate.twin.journal import payload
from crossdock.simulate.twin.pings import tell_way
from crossdock.simulate.twin.shift import Breakdown, drive_load
from crossdock.simulate.twin.stage import Ints, Stage
from crossdock.simulate.twin.state import NOWHERE, ONWARD, LoadState, Turn, Where

_LOADING_S = 300
TRUCK_PING_S = 600


def set_departures(stage: Stage) -> None:
    """Have every planned load come to its departure."""
    loads = stage.state.loads
    for load in range(len(loads)):
        if loads.state[load] == LoadState.PLANNED:
            stage.state.wake(loads.departs[load], Turn.DEPART, load)


def depart(stage: Stage, load: int, delayed: int) -> None:
    """Leave now, or after what holds the load up; take who is sorted, leave who is not."""
    loads, now = stage.state.loads, stage.state.now
    waits = loads.state[load] in (LoadState.PLANNED, LoadState.HELD)
    if not waits or now < loads.departs[load]:
        return
    if not delayed:
        wait = _delay(stage, load)
        if wait > 0:
            stage.state.wake(now + wait, Turn.DEPART, load, yards.AGAIN)
            return
    if yards.holds_up(stage, load, delayed):
        return
    yards.leave(stage, load)
    loads.state[load] = int(LoadState.ON_ROAD)
    loads.actual_departs[load] = now
    riding = _board(stage, load)
    name, to = stage.place(loads.origin[load]), stage.place(loads.to[load])
    told = payload(load_id=loads.ids[load], from_=name, to=to, parcels=len(riding))
    station, truck = f"station:{name}", f"T-{loads.ids[load]}"
    stage.journal.tell(
        "load_departed", station, now, loads.ids[load], facility=name, vehicle=truck, told=told
    )
    stage.journal.tell_parcels(
        "departed_facility",
        station,
        now - _LOADING_S + (_LOADING_S * _lot(stage, riding, load)).astype(np.int64),
        riding,
        facility=name,
        told=payload(load_id=loads.ids[load], to=to),
    )
    _drive(stage, load, truck)


def arrive(stage: Stage, load: int, _: int) -> None:
    """Be unloaded: every parcel is scanned within half an hour."""
    loads, columns, now = stage.state.loads, stage.state.parcels, stage.state.now
    if loads.state[load] != LoadState.ON_ROAD or now != loads.actual_arrives[load]:
        return  # it was sent elsewhere meanwhile
    loads.state[load] = int(LoadState.ARRIVED)
    yards.come_in(stage, load)
    facility = loads.to[load]
    name = stage.place(facility)
    riding = np.flatnonzero((columns["where"] == Where.LOAD) & (columns["at"] == load))
    told = payload(
        load_id=loads.ids[load], from_=stage.place(loads.origin[load]), to=name, parcels=len(riding)
    )
    stage.journal.tell(
        "load_arrived",
        f"station:{name}",
        now,
        loads.ids[load],
        facility=name,
        vehicle=f"T-{loads.ids[load]}",
        told=told,
    )
    if not len(riding):
        return
    at = now + (stage.truth.unload_s * _lot(stage, riding, load)).astype(np.int64)
    told = payload(load_id=loads.ids[load])
    stage.journal.tell_parcels(
        "arrived_facility", f"station:{name}", at, riding, facility=name, told=told
    )
    stage.bring_in(riding, facility, now, at)
    _look_onward(stage, riding, facility, at)


def _look_onward(stage: Stage, riding: Ints, facility: int, at: Ints) -> None:
    """What each parcel takes next; one that should not be here is told, and sent on anew."""
    columns, loads = stage.state.parcels, stage.state.loads
    destination = stage.scene.parcels.destination
    stranger: list[int] = []
    for place, parcel in enumerate(riding.tolist()):
        following = onward.next_of(stage, parcel)
        if destination[parcel] == facility:
            following = NOWHERE
        elif following < 0 or loads.origin[following] != facility:
            stranger.append(place)
            following = ONWARD
        elif loads.state[following] not in (LoadState.PLANNED, LoadState.HELD):
            following = ONWARD
        columns["next_load"][parcel] = following
    if stranger:
        name = stage.place(facility)
        stage.journal.tell_parcels(
            "missorted",
            f"station:{name}",
            at[stranger] + 1,
            riding[stranger],
            facility=name,
            told=[
                payload(expected=stage.place(int(destination[parcel])))
                for parcel in riding[stranger]
            ],
        )


def _delay(stage: Stage, load: int) -> int:
    """Seconds that the load leaves late, told where it is more than a slow dock."""
    truth, loads = stage.truth, stage.state.loads
    about = _key(stage, load)
    wait = truth.departure_delay_s * stage.chance.one_exponential("dock", about)
    lot = stage.chance.one("driver", about)
    reason = None
    if lot < truth.no_show_probability:
        reason = "carrier did not come, a replacement does"
        wait += stage.chance.one_between(3 * 3600, 6 * 3600, "replacement", about)
    elif lot < truth.no_show_probability + truth.late_driver_probability:
        reason = "driver is late"
        wait += stage.chance.one_between(1800, 7200, "late driver", about)
    if reason is not None:
        told = payload(
            load_id=loads.ids[load],
            reason=reason,
            owner="carrier",
            expected_at=loads.arrives[load] + int(wait),
        )
        stage.journal.tell(
            "load_delayed",
            f"station:{stage.place(loads.origin[load])}",
            stage.state.now,
            loads.ids[load],
            facility=stage.place(loads.origin[load]),
            told=told,
        )
    return int(wait)


def _board(stage: Stage, load: int) -> Ints:
    """Put on the parcels that are sorted; the others look for another way."""
    loads, columns, now = stage.state.loads, stage.state.parcels, stage.state.now
    facility = loads.origin[load]
    meant = np.flatnonzero(stage.at_facility(facility) & (columns["next_load"] == load))
    ready = columns["sorted_at"][meant] <= now
    riding, left = meant[ready], meant[~ready]
    stage.put(riding, Where.LOAD, load)
    elsewhere = (columns["next_load"] == load) & (columns["where"] != Where.LOAD)
    columns["next_load"][np.flatnonzero(elsewhere)] = ONWARD
    known = left[columns["sorted_at"][left] < np.iinfo(np.int64).max]
    onward.find_ways(stage, facility, known)
    return riding


def _drive(stage: Stage, load: int, truck: str) -> None:
    """Foretell the whole way: its luck does not depend on what happens meanwhile."""
    loads, scene, now = stage.state.loads, stage.scene, stage.state.now
    origin, to = loads.origin[load], loads.to[load]
    lane = f"{stage.place(origin)}>{stage.place(to)}"
    date = scene.local_date(origin, now)
    middle = now + (loads.arrives[load] - loads.departs[load]) // 2
    storm = stage.storm(origin, now) or stage.storm(to, middle)
    factor = stage.world.road_factor(lane, date, f"{lane}/{loads.departs[load]}", storm=storm)
    drive_with = partial(
        drive_load,
        scene.duties.get(loads.ids[load]),
        planned=(loads.departs[load], loads.arrives[load]),
        departs=now,
        factor=factor,
        used=stage.state.hours,
        going_on=scene.fleet.going_on.get(load, frozenset()),
        laws=scene.laws,
    )
    drive = drive_with()
    breakdown = _breakdown(stage, load, truck, drive.arrives_at)
    if breakdown is not None:
        drive = drive_with(breakdown=breakdown)
    stage.state.hours.update(drive.hours)
    arrives = drive.arrives_at
    for duty in drive.duties:
        stage.journal.tell(
            "duty_changed",
            f"eld:{duty.driver_id}",
            duty.at,
            f"{duty.driver_id}/{duty.activity}",
            driver=duty.driver_id,
            vehicle=truck,
            told=payload(activity=duty.activity, load_id=loads.ids[load]),
        )
    late = arrives - loads.arrives[load]
    if late > 2 * 3600:
        told = payload(
            load_id=loads.ids[load],
            reason="weather" if storm else "slow on the road",
            owner="weather" if storm else "carrier",
            expected_at=arrives,
        )
        stage.journal.tell(
            "load_delayed", f"carrier:{loads.carrier[load]}", (now + arrives) // 2,
            f"{loads.ids[load]}/road", vehicle=truck, told=told,
        )  # fmt: skip
    ends = ((float(scene.latitude[origin]), float(scene.longitude[origin])),
            (float(scene.latitude[to]), float(scene.longitude[to])))  # fmt: skip
    tell_way(stage.journal, truck, (now, arrives), ends, TRUCK_PING_S, load_id=loads.ids[load])
    loads.actual_arrives[load] = arrives
    stage.state.wake(arrives, Turn.ARRIVE, load)


def _breakdown(stage: Stage, load: int, truck: str, arrives_at: int) -> Breakdown | None:
    """A breakdown on the way, told; ``arrives_at``: without it."""
    loads, now = stage.state.loads, stage.state.now
    about = _key(stage, load)
    chance = stage.chance
    if chance.one("breakdown", about) >= loads.miles[load] * stage.truth.breakdowns_per_mile:
        return None
    lost = int(chance.one_between(2 * 3600, 5 * 3600, "repair", about))
    down = int(now + (arrives_at - now) * chance.one("where it broke", about))
    source = f"carrier:{loads.carrier[load]}"
    told = payload(load_id=loads.ids[load], reason="breakdown", owner="carrier")
    stage.journal.tell("vehicle_down", source, down, truck, vehicle=truck, told=told)
    told = payload(load_id=loads.ids[load])
    stage.journal.tell("vehicle_up", source, down + lost, truck, vehicle=truck, told=told)
    return Breakdown(down, lost)


def _key(stage: Stage, load: int) -> int:
    """Luck belongs to the lane and hour, not to how a plan numbers its loads."""
    loads = stage.state.loads
    return key_of(
        f"{loads.origin[load]}>{loads.to[load]}/{loads.departs[load]}/{loads.vehicle_type[load]}"
    )


def _lot(stage: Stage, parcels: Ints, load: int) -> np.ndarray:
    return stage.chance.uniform("unload", stage.scene.parcels.keys[parcels], _key(stage, load))
