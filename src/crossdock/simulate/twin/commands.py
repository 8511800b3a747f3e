"""What a dispatcher may change while the day is played."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from crossdock.locate.roads import road_miles
from crossdock.model import InvalidValueError
from crossdock.simulate.twin import dispatch, onward, yards
from crossdock.simulate.twin.journal import payload
from crossdock.simulate.twin.pings import tell_way
from crossdock.simulate.twin.road import TRUCK_PING_S
from crossdock.simulate.twin.scene import Floats
from crossdock.simulate.twin.stage import Stage
from crossdock.simulate.twin.state import NOWHERE, Loads, LoadState, Turn, Where

_MPH = 50.0
Told = Mapping[str, Any]


def obey(stage: Stage, kind: str, told: Told) -> None:
    """Do what a command says, now, and tell of it.

    Raises
    ------
    InvalidValueError
        The command or what it names does not exist, or can no longer be done.
    """
    stage.journal.now = stage.state.now
    act = _ACTS.get(kind)
    if act is None:
        raise InvalidValueError(
            f"the twin knows no command {kind!r}", remedy=f"use one of {', '.join(_ACTS)}"
        )
    act(stage, told)
    stage.journal.tell(
        kind,
        f"desk:{told.get('by', 'dispatch')}",
        stage.state.now,
        str(told.get("load_id") or told.get("route_id") or told.get("parcel_id") or kind),
        told=payload(**{str(name): value for name, value in told.items()}),
    )


def _hold(stage: Stage, told: Told) -> None:
    load = _load(stage, told, (LoadState.PLANNED, LoadState.HELD))
    until = int(told["until"])
    if until < stage.state.now:
        raise InvalidValueError("the instant is past", remedy="hold until a later instant")
    stage.state.loads.departs[load] = until
    stage.state.loads.state[load] = int(LoadState.HELD)
    stage.state.wake(until, Turn.DEPART, load, 1)


def _cancel(stage: Stage, told: Told) -> None:
    load = _load(stage, told, (LoadState.PLANNED, LoadState.HELD))
    onward.call_off(stage, load, "cancelled by the desk")
    back = stage.scene.fleet.returned_by.get(load)
    if back is not None:
        onward.call_off(stage, back, "its vehicle never left")
    yards.wake_waiting(stage)


def _add(stage: Stage, told: Told) -> None:
    index = stage.scene.index_of
    if told.get("from") not in index or told.get("to") not in index:
        raise InvalidValueError("the lane does not exist", remedy="name two facilities")
    origin, to = index[told["from"]], index[told["to"]]
    ready = int(told.get("departs_at", stage.state.now))
    if onward.buy(stage, origin, to, ready, float(told.get("volume_m3", 1.0))) is None:
        raise InvalidValueError("nobody sells this lane", remedy="name another lane")


def _reattempt(stage: Stage, told: Told) -> None:
    parcel = _parcel(stage, str(told.get("parcel_id")))
    columns = stage.state.parcels
    if columns["where"][parcel] not in (Where.COUNTER, Where.FACILITY):
        raise InvalidValueError(
            "the parcel is not at a station", remedy="name one that waits at a station"
        )
    facility, now = int(columns["at"][parcel]), stage.state.now
    one = np.array([parcel])
    stage.bring_in(one, facility, now, now)
    columns["sorted_at"][one] = now
    columns["route"][one] = NOWHERE
    columns["attempts"][one] = np.minimum(columns["attempts"][one], 2)


def _divert(stage: Stage, told: Told) -> None:
    load = _load(stage, told, (LoadState.ON_ROAD,))
    to = stage.scene.index_of.get(str(told.get("to")))
    if to is None:
        raise InvalidValueError("the facility does not exist", remedy="name a facility")
    loads, scene, now = stage.state.loads, stage.scene, stage.state.now
    starts, ends = loads.actual_departs[load], loads.actual_arrives[load]
    share = (now - starts) / max(ends - starts, 1)
    here = (
        _between(scene.latitude, load, loads, share),
        _between(scene.longitude, load, loads, share),
    )
    there = (float(scene.latitude[to]), float(scene.longitude[to]))
    arrives = now + int(float(road_miles(*here, *there)) / _MPH * 3600)
    stage.journal.forget("load_id", loads.ids[load], now)
    yards.return_from(stage, load, to)
    loads.to[load] = to
    loads.actual_arrives[load] = arrives
    tell_way(
        stage.journal, f"T-{loads.ids[load]}", (now, arrives), (here, there), TRUCK_PING_S,
        load_id=loads.ids[load],
    )  # fmt: skip
    stage.state.wake(arrives, Turn.ARRIVE, load)


def _between(places: Floats, load: int, loads: Loads, share: float) -> float:
    return float(places[loads.origin[load]] * (1 - share) + places[loads.to[load]] * share)


def _move_stops(stage: Stage, told: Told) -> None:
    routes = {route.route_id: at for at, route in enumerate(stage.state.routes)}
    source, target = (routes.get(str(told.get(name))) for name in ("route_id", "to_route_id"))
    if source is None or target is None:
        raise InvalidValueError("the route does not exist", remedy="name two routes of the day")
    if {stage.state.routes[at].phase for at in (source, target)} != {"planned"}:
        raise InvalidValueError("a route has left", remedy="move stops before the routes leave")
    for parcel_id in str(told.get("parcel_ids", "")).split(";"):
        parcel = _parcel(stage, parcel_id)
        if int(stage.state.parcels["route"][parcel]) != source:
            raise InvalidValueError(
                f"{parcel_id} is not on the route", remedy="name parcels of the route"
            )
        for stop in stage.state.routes[source].stops:
            if parcel in stop.parcels:
                stop.parcels.remove(parcel)
        stage.state.parcels["route"][parcel] = NOWHERE
        if not dispatch.fits_one(stage, [target], parcel):
            raise InvalidValueError(
                f"{parcel_id} does not fit on the other route", remedy="choose another route"
            )


def _load(stage: Stage, told: Told, allowed: tuple[LoadState, ...]) -> int:
    loads = stage.state.loads
    name = told.get("load_id")
    if name not in loads.ids:
        raise InvalidValueError(f"there is no load {name!r}", remedy="name a load of the plan")
    load = loads.ids.index(name)
    if loads.state[load] not in allowed:
        state = LoadState(loads.state[load]).name.lower().replace("_", " ")
        raise InvalidValueError(f"the load is {state}", remedy="choose another load")
    return load


def _parcel(stage: Stage, parcel_id: str) -> int:
    try:
        return stage.scene.parcels.ids.index(parcel_id)
    except ValueError:
        raise InvalidValueError(
            f"there is no parcel {parcel_id!r}", remedy="name a parcel of the plan"
        ) from None


_ACTS: Mapping[str, Callable[[Stage, Told], None]] = {
    "command_hold_departure": _hold,
    "command_cancel_load": _cancel,
    "command_add_load": _add,
    "command_reattempt": _reattempt,
    "command_divert": _divert,
    "command_move_stops": _move_stops,
}
