"""What a dispatcher may change while the day is played."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from crossdock.locate.roads import road_miles
from crossdock.model import InvalidValueError
from crossdock.simulate.twin import doorstep, onward, yards
from crossdock.simulate.twin.pings import tell_way
from crossdock.simulate.twin.road import TRUCK_PING_S
from crossdock.simulate.twin.scene import Floats
from crossdock.simulate.twin.stage import Stage
from crossdock.simulate.twin.state import Loads, LoadState, Turn

_MPH = 50.0
Told = Mapping[str, Any]


def obey(stage: Stage, kind: str, told: Told) -> None:
    """Do what a command says, now. Who gives it keeps the event: it is not told here again.

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


def _hold(stage: Stage, told: Told) -> None:
    load = _load(stage, told, (LoadState.PLANNED, LoadState.HELD))
    until = _instant(told["until"])
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
    ready = _instant(told["departs_at"]) if "departs_at" in told else stage.state.now
    if ready < stage.state.now:
        raise InvalidValueError("the instant is past", remedy="name a later departure")
    load_id = told.get("load_id")
    if load_id in stage.state.loads.ids:
        raise InvalidValueError(f"there is a load {load_id!r}", remedy="name a new load")
    volume = float(told.get("volume_m3", 1.0))
    # The load has the id that the command gave it, so that both tell of one load.
    if onward.buy(stage, origin, to, ready, volume, load_id=load_id) is None:
        raise InvalidValueError("nobody sells this lane", remedy="name another lane")


def _divert(stage: Stage, told: Told) -> None:
    """A load goes to another facility, or parcels go to a partner."""
    if "carrier_id" in told:
        doorstep.give_to_partner(stage, told)
        return
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


def _instant(told: object) -> int:
    """Seconds since the epoch, of a number of them or of RFC 3339 text."""
    try:
        if isinstance(told, str):
            return int(dt.datetime.fromisoformat(told).timestamp())
        return int(told)  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError) as error:
        raise InvalidValueError(
            f"{told!r} is no instant", remedy="write it as 2026-11-30T21:00:00Z"
        ) from error


_ACTS: Mapping[str, Callable[[Stage, Told], None]] = {
    "command_hold_departure": _hold,
    "command_cancel_load": _cancel,
    "command_add_load": _add,
    "command_reattempt": doorstep.try_again,
    "command_divert": _divert,
    "command_move_stops": doorstep.move_stops,
}
