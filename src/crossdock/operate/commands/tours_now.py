"""Delivery routes of a station as they are now: as planned, and as stops were moved since.

They are timed by the code that times plans, breaks and all. Parcels may leave when their route was
to leave; what was moved may leave with the route it came to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from crossdock.model import InvalidValueError
from crossdock.operate.commands.command import given_by_desk
from crossdock.operate.commands.outlook import Outlook
from crossdock.operate.readings import payload_of
from crossdock.plan.lastmile import (
    DayRoutes,
    LastMileProblem,
    Tour,
    compile_day,
    move_stops,
    tour_of,
)

_REMEDY = "look at its plan"


@dataclass(frozen=True)
class ToursNow:
    """Routes that are to leave a station on a date.

    Attributes
    ----------
    vehicle_of
        Place of each route's vehicle in the fleet of the day.
    stop_of
        Stop of each parcel of the routes.
    """

    problem: LastMileProblem
    routes: DayRoutes
    vehicle_of: Mapping[str, int]
    stop_of: Mapping[str, int]

    def is_on(self, parcel_id: str, route_id: str) -> bool:
        """Whether a parcel is on a route now."""
        stop = self.stop_of.get(parcel_id)
        return stop is not None and self.routes.vehicle_of.get(stop) == self.vehicle_of[route_id]

    def stops_of(self, parcel_ids: Iterable[str]) -> list[int]:
        """Stops of parcels, in the order of their tours."""
        asked = {self.stop_of[each] for each in parcel_ids if each in self.stop_of}
        ordered = (stop for tour in self.routes.tours.values() for stop in tour.sequence)
        return [stop for stop in ordered if stop in asked]

    def reached(self, tours: Iterable[Tour | None]) -> dict[str, int]:
        """When each parcel of some tours is reached, in seconds since 1970."""
        origin_s = self.problem.origin_s
        at = {
            stop: origin_s + second
            for tour in tours
            if tour is not None
            for stop, second in zip(tour.sequence, tour.timeline.arrives_s, strict=True)
        }
        return {parcel: at[stop] for parcel, stop in self.stop_of.items() if stop in at}


def tours_now(
    outlook: Outlook, tour: Mapping[str, Any], other_id: str, asked: Sequence[str]
) -> ToursNow:
    """The routes of ``tour`` and ``other_id``, and those with which they have exchanged stops.

    Parameters
    ----------
    asked
        Parcels that are stops for themselves, wherever others of their stop stay.

    Raises
    ------
    InvalidValueError
        Something that timing them needs is not known, or they cannot be driven as they are.
    """
    moves = _moves(outlook)
    involved = _involved({tour["route_id"], other_id}, moves)
    tours = outlook.scene.means.tours.filter(pl.col("route_id").is_in(sorted(involved)))
    problem = _problem(outlook, tour, tours, moves, asked)
    day = compile_day(problem)
    ids = problem.parcels["parcel_id"].to_list()
    stop_of = {ids[row]: stop for stop in range(len(day.stops)) for row in day.stops.rows_of(stop)}
    rows = {vehicle: row for row, vehicle in enumerate(problem.fleet["vehicle_id"])}
    vehicle_of = {
        route: rows[vehicle]
        for route, vehicle in tours.select("route_id", "vehicle_id").iter_rows()
    }
    planned = (
        outlook.scene.plan.routes.filter(pl.col("route_id").is_in(sorted(involved)))
        .sort("route_id", "sequence", "parcel_id")
        .select("route_id", "parcel_id")
    )
    sequences: dict[str, dict[int, None]] = {route: {} for route in vehicle_of}
    for route_id, parcel_id in planned.iter_rows():
        sequences[route_id].setdefault(stop_of[parcel_id])
    timed: dict[int, Tour] = {}
    for route_id, sequence in sequences.items():
        row = vehicle_of[route_id]
        found = tour_of(day, int(day.kind_of[row]), list(sequence))
        if found is None:
            raise InvalidValueError(f"{route_id} cannot be timed as it was planned", remedy=_REMEDY)
        timed[row] = found
    now = ToursNow(problem, DayRoutes(day, timed), vehicle_of, stop_of)
    for moved in moves:
        if moved["to_route_id"] in vehicle_of:
            now = _after(now, moved)
    return now


def _after(now: ToursNow, moved: Mapping[str, Any]) -> ToursNow:
    """With the stops of a command on their new route."""
    stops = now.stops_of(moved["parcel_ids"])
    move = move_stops(now.routes, stops, now.vehicle_of[moved["to_route_id"]]) if stops else None
    if move is None:
        return now
    if move.refusals:
        said = f"{moved['to_route_id']} cannot be timed with what was moved to it"
        raise InvalidValueError(said, remedy=_REMEDY)
    return ToursNow(now.problem, now.routes.changed(move.changes), now.vehicle_of, now.stop_of)


def _moves(outlook: Outlook) -> list[dict[str, Any]]:
    """What was commanded of stops so far, in order."""
    told = outlook.scene.commands.filter(
        given_by_desk() & (pl.col("kind") == "command_move_stops")
    ).sort("occurred_at", "source_event_id")
    moves = [payload_of(text) for text in told["payload"]]
    return [
        {
            "route_id": str(each.get("route_id")),
            "to_route_id": str(each.get("to_route_id")),
            "parcel_ids": str(each.get("parcel_ids", "")).split(";"),
        }
        for each in moves
    ]


def _involved(routes: set[str], moves: Sequence[Mapping[str, Any]]) -> set[str]:
    """``routes`` and all that stops went to from them, or came from."""
    found = set(routes)
    while True:
        pairs = [{each["route_id"], each["to_route_id"]} for each in moves]
        grown = found.union(*(pair for pair in pairs if pair & found))
        if grown == found:
            return found
        found = grown


def _problem(
    outlook: Outlook,
    tour: Mapping[str, Any],
    tours: pl.DataFrame,
    moves: Sequence[Mapping[str, Any]],
    asked: Sequence[str],
) -> LastMileProblem:
    """Parcels of one stop that were, or are to be, moved apart are stops of their own."""
    scene, facility_id = outlook.scene, tour["facility_id"]
    station = outlook.place(facility_id)
    if station is None:
        raise InvalidValueError("the coordinates of the station are not known", remedy=_REMEDY)
    apart = [each["parcel_ids"] for each in moves] + [list(asked)]
    signs = pl.concat_str(
        pl.col("parcel_id").is_in(parcels).cast(pl.Int8).cast(pl.String) for parcels in apart
    )
    goods = scene.means.goods.select("parcel_id", "volume_m3", "weight_kg", "zip5")
    parcels = (
        scene.plan.routes.join(
            tours.select("route_id", tour_departs_at="departs_at"), on="route_id", how="inner"
        )
        .select(
            "parcel_id",
            "latitude",
            "longitude",
            address_key=pl.concat_str("route_id", pl.lit(" "), "sequence", pl.lit(" "), signs),
            ready_at=pl.when(signs.str.contains("1")).then(None).otherwise("tour_departs_at"),
        )
        .join(goods, on="parcel_id", how="left")
        .with_columns(pl.col("volume_m3", "weight_kg").fill_null(0.0))
    )
    vans = scene.means.fleet.filter(pl.col("delivery_date") == tour["delivery_date"]).join(
        tours, on="vehicle_id", how="semi"
    )
    missing = sorted(set(tours["vehicle_id"]) - set(vans["vehicle_id"]))
    if missing:
        raise InvalidValueError(f"nothing is known of the van {missing[0]}", remedy=_REMEDY)
    return LastMileProblem(
        facility_id=facility_id,
        delivery_date=tour["delivery_date"],
        timezone=scene.means.network.timezones[facility_id],
        latitude=station[0],
        longitude=station[1],
        parcels=parcels,
        fleet=vans,
    )
