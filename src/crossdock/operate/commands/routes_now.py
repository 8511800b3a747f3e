"""Delivery routes of a station as they are now: as planned, and as commands changed them since."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import polars as pl

from crossdock.model import InvalidValueError
from crossdock.operate.commands.command import given_by_desk
from crossdock.operate.commands.outlook import Outlook
from crossdock.operate.readings import payload_of
from crossdock.plan.lastmile import (
    Goods,
    LiveRoute,
    Station,
    at_stops,
    live_routes,
    move_parcels,
    vans_of,
)

_TAKEN = ("command_divert", "command_reattempt")
"""What takes parcels off the route that was to carry them."""


def routes_now(
    outlook: Outlook, asked: Collection[str]
) -> tuple[dict[str, LiveRoute], dict[str, Station]]:
    """The routes ``asked``, and those with which they have exchanged stops; their stations by id.

    Parameters
    ----------
    asked
        Ids of routes that are planned.

    Raises
    ------
    InvalidValueError
        What was commanded before cannot be timed.
    """
    told = list(_told(outlook))
    involved = _involved(set(asked), told)
    scene = outlook.scene
    tours = scene.means.tours.filter(pl.col("route_id").is_in(sorted(involved)))
    planned = scene.plan.routes.filter(pl.col("route_id").is_in(sorted(involved)))
    routes: dict[str, LiveRoute] = live_routes(planned, tours)
    goods = Goods.of(at_stops(scene.means.goods, planned))
    vans = vans_of(scene.means.fleet.join(tours, on="vehicle_id", how="semi"))
    stations = {
        name: Station.of(scene.means.network, name, goods, vans)
        for name in tours["facility_id"].unique().sort()
    }
    for each in told:
        parcels = each["parcel_ids"]
        if each["kind"] in _TAKEN:
            routes = {name: route.without(parcels) for name, route in routes.items()}
        elif each["to_route_id"] in routes:
            _move(routes, stations, each["route_id"], each["to_route_id"], parcels)
    return routes, stations


def _move(
    routes: dict[str, LiveRoute],
    stations: Mapping[str, Station],
    route_id: str,
    to_route_id: str,
    parcel_ids: list[str],
) -> None:
    """Have what a command said of routes be so."""
    held = set(routes[route_id].parcel_ids)
    present = [each for each in parcel_ids if each in held]
    if not present:
        return
    station = stations[routes[route_id].facility_id]
    done = move_parcels(station, routes[route_id], routes[to_route_id], present)
    if done.source is None or done.target is None:
        raise InvalidValueError(
            f"{to_route_id} cannot be timed with what was moved to it", remedy="look at its plan"
        )
    routes[route_id], routes[to_route_id] = done.source, done.target


def _told(outlook: Outlook) -> Iterator[dict[str, Any]]:
    """What was commanded of parcels on routes so far, in order."""
    kinds = ("command_move_stops", *_TAKEN)
    commands = outlook.scene.commands.filter(
        given_by_desk() & pl.col("kind").is_in(list(kinds))
    ).sort("occurred_at", "source_event_id")
    for kind, text in commands.select("kind", "payload").iter_rows():
        payload = payload_of(text)
        parcels = str(payload.get("parcel_ids") or payload.get("parcel_id") or "").split(";")
        yield {
            "kind": kind,
            "route_id": str(payload.get("route_id")),
            "to_route_id": str(payload.get("to_route_id")),
            "parcel_ids": [each for each in parcels if each],
        }


def _involved(routes: set[str], told: list[dict[str, Any]]) -> set[str]:
    """``routes`` and all that stops went to from them, or came from."""
    moves: list[Mapping[str, Any]] = [each for each in told if each["kind"] not in _TAKEN]
    found = set(routes)
    while True:
        pairs = [{each["route_id"], each["to_route_id"]} for each in moves]
        grown = found.union(*(pair for pair in pairs if pair & found))
        if grown == found:
            return found
        found = grown
