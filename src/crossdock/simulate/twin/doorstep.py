"""Commands about parcels near the door: other routes, another attempt, a partner instead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from crossdock.model import InvalidValueError
from crossdock.plan.lastmile import Refusal, move_parcels
from crossdock.simulate.twin import dispatch, handoff, timing
from crossdock.simulate.twin.stage import Stage
from crossdock.simulate.twin.state import NOWHERE, Route, Where
from crossdock.simulate.twin.street import drop_empty_stops

_LAST_TRY = 2
"""A parcel that is tried again has at most this many attempts behind it."""


class MoveRefusedError(InvalidValueError):
    """Stops cannot go to another route.

    Attributes
    ----------
    refusals
        Why, each with the code of its limit.
    """

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        said = "; ".join(each.said for each in refusals)
        super().__init__(said, remedy="choose another route, or fewer parcels")
        self.refusals = tuple(refusals)


def try_again(stage: Stage, told: Mapping[str, Any]) -> None:
    """Put a parcel into what leaves its station next."""
    parcel = _parcel(stage, str(told.get("parcel_id")))
    columns = stage.state.parcels
    if columns["where"][parcel] not in (Where.COUNTER, Where.FACILITY):
        raise InvalidValueError(
            "the parcel is not at a station", remedy="name one that waits at a station"
        )
    facility, now = int(columns["at"][parcel]), stage.state.now
    _take_off(stage, parcel)
    one = np.array([parcel])
    stage.bring_in(one, facility, now, now)
    columns["sorted_at"][one] = now
    columns["attempts"][one] = np.minimum(columns["attempts"][one], _LAST_TRY)
    handoff.ask_for_windows(stage, facility, one)


def move_stops(stage: Stage, told: Mapping[str, Any]) -> None:
    """Give parcels of one route to another; all of them, or none.

    What was put in this morning makes room, and is put in again where there is some.

    Raises
    ------
    MoveRefusedError
        What the preview of the command refuses it for.
    """
    state = stage.state
    routes = {route.route_id: at for at, route in enumerate(state.routes)}
    source, target = (
        _planned_route(stage, str(told.get(name))) for name in ("route_id", "to_route_id")
    )
    if source is target:
        raise MoveRefusedError((Refusal("same", "it is one route"),))
    facility = source.facility
    asked = [name for name in str(told.get("parcel_ids", "")).split(";") if name]
    if not asked:
        raise InvalidValueError("no parcel is named", remedy="name parcels, joined by ;")
    here = timing.station(stage, facility)
    before, after = (timing.live_route(stage, route, put_in=False) for route in (source, target))
    done = move_parcels(here, before, after, asked)
    if done.move is None or done.live is None:
        raise MoveRefusedError(done.refusals)
    columns, number = state.parcels, stage.scene.number
    aside = [
        parcel
        for route in (source, target)
        for stop in route.stops
        for parcel in stop.parcels
        if columns["put_in"][parcel]
    ]
    tours = {change.vehicle: change.after for change in done.move.changes}
    for route in (source, target):
        timing.drive_as(stage, route, done.live, tours[done.live.vehicle_of[route.route_id]])
    columns["route"][[number[each] for each in asked]] = routes[target.route_id]
    columns["route"][aside], columns["put_in"][aside] = NOWHERE, 0
    ordered = sorted(aside, key=lambda parcel: (int(stage.scene.parcels.created[parcel]), parcel))
    dispatch.put_in(stage, facility, dt.date.fromisoformat(source.date), ordered)


def _planned_route(stage: Stage, route_id: str) -> Route:
    planned = stage.scene.given.tables["tours"]["route_id"]
    found = [each for each in stage.state.routes if each.route_id == route_id]
    if not found or route_id not in planned:
        raise MoveRefusedError((Refusal("unknown", f"there is no route {route_id!r}"),))
    return found[0]


def give_to_partner(stage: Stage, told: Mapping[str, Any]) -> None:
    """Have a partner take parcels to the door from the station that they were to leave from."""
    columns, carriers = stage.state.parcels, stage.scene.carriers
    name = str(told["carrier_id"])
    if name not in carriers:
        raise InvalidValueError(f"there is no partner {name!r}", remedy="name one of the network")
    parcels = _parcels(stage, told)
    for parcel in parcels:
        if columns["where"][parcel] not in (Where.MERCHANT, Where.FACILITY, Where.LOAD):
            raise InvalidValueError(
                f"{stage.scene.parcels.ids[parcel]} has left the station",
                remedy="name parcels that wait or are still to come",
            )
    carrier = carriers.index(name)
    for parcel in parcels:
        _take_off(stage, parcel)
        columns["partner"][parcel] = carrier
    given = np.array(parcels)
    destination = stage.scene.parcels.destination[given]
    sorted_here = (
        (columns["where"][given] == Where.FACILITY)
        & (columns["at"][given] == destination)
        & (columns["sorted_at"][given] <= stage.state.now)
    )
    for facility in np.unique(destination[sorted_here]).tolist():
        handoff.ask_for_windows(stage, facility, given[sorted_here & (destination == facility)])


def _take_off(stage: Stage, parcel: int) -> None:
    """Take a parcel off the route that was to carry it."""
    columns = stage.state.parcels
    at = int(columns["route"][parcel])
    columns["route"][parcel] = NOWHERE
    route = None if at == NOWHERE else stage.state.routes[at]
    stops = [] if route is None else [stop for stop in route.stops if parcel in stop.parcels]
    for stop in stops:
        stop.parcels.remove(parcel)
    if route is not None and stops:
        drop_empty_stops(stage, route)


def _parcels(stage: Stage, told: Mapping[str, Any]) -> Sequence[int]:
    names = [name for name in str(told.get("parcel_ids", "")).split(";") if name]
    if not names:
        raise InvalidValueError("no parcel is named", remedy="name parcels, joined by ;")
    return [_parcel(stage, name) for name in dict.fromkeys(names)]


def _parcel(stage: Stage, parcel_id: str) -> int:
    found = stage.scene.number.get(parcel_id)
    if found is None:
        raise InvalidValueError(
            f"there is no parcel {parcel_id!r}", remedy="name a parcel of the plan"
        )
    return found
