"""Commands about parcels near the door: other routes, another attempt, a partner instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from crossdock.model import InvalidValueError
from crossdock.simulate.twin import dispatch, handoff
from crossdock.simulate.twin.stage import Stage
from crossdock.simulate.twin.state import NOWHERE, Where
from crossdock.simulate.twin.street import drop_empty_stops

_LAST_TRY = 2
"""A parcel that is tried again has at most this many attempts behind it."""


def try_again(stage: Stage, told: Mapping[str, Any]) -> None:
    """Put a parcel into what leaves its station next."""
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
    columns["attempts"][one] = np.minimum(columns["attempts"][one], _LAST_TRY)
    handoff.ask_for_windows(stage, facility, one)


def move_stops(stage: Stage, told: Mapping[str, Any]) -> None:
    """Give parcels of one route to another; all of them, or none."""
    state = stage.state
    routes = {route.route_id: at for at, route in enumerate(state.routes)}
    source, target = (routes.get(str(told.get(name))) for name in ("route_id", "to_route_id"))
    if source is None or target is None or source == target:
        raise InvalidValueError("the route does not exist", remedy="name two routes of the day")
    if {state.routes[at].phase for at in (source, target)} != {"planned"}:
        raise InvalidValueError("a route has left", remedy="move stops before the routes leave")
    if state.routes[source].facility != state.routes[target].facility:
        raise InvalidValueError(
            "the routes leave from two stations", remedy="name two routes of one station"
        )
    parcels = _parcels(stage, told)
    for parcel in parcels:
        if int(state.parcels["route"][parcel]) != source:
            raise InvalidValueError(
                f"{stage.scene.parcels.ids[parcel]} is not on the route",
                remedy="name parcels of the route",
            )
    before = {at: deepcopy(state.routes[at]) for at in (source, target)}
    for parcel in parcels:
        _take_off(stage, parcel)
        if not dispatch.fits_one(stage, [target], parcel):
            for at, route in before.items():
                state.routes[at] = route
            state.parcels["route"][parcels] = source
            raise InvalidValueError(
                f"{stage.scene.parcels.ids[parcel]} does not fit on the other route",
                remedy="choose another route, or fewer parcels",
            )


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
    at = int(stage.state.parcels["route"][parcel])
    if at == NOWHERE:
        return
    route = stage.state.routes[at]
    for stop in route.stops:
        if parcel in stop.parcels:
            stop.parcels.remove(parcel)
    drop_empty_stops(stage, route)
    stage.state.parcels["route"][parcel] = NOWHERE


def _parcels(stage: Stage, told: Mapping[str, Any]) -> Sequence[int]:
    names = [name for name in str(told.get("parcel_ids", "")).split(";") if name]
    if not names:
        raise InvalidValueError("no parcel is named", remedy="name parcels, joined by ;")
    return [_parcel(stage, name) for name in dict.fromkeys(names)]


def _parcel(stage: Stage, parcel_id: str) -> int:
    try:
        return stage.scene.parcels.ids.index(parcel_id)
    except ValueError:
        raise InvalidValueError(
            f"there is no parcel {parcel_id!r}", remedy="name a parcel of the plan"
        ) from None
