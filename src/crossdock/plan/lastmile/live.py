"""Routes of a day that is under way: what is on them now, and whether a parcel may change over.

A preview of the control tower and the twin that carries a command out ask `move_parcels` alike:
what is said to fit is carried out, and what is refused is refused for the same limit. Routes leave
when they were planned to; what was moved leaves with the route that it came to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from crossdock.model import InvalidValueError, Network
from crossdock.model.tables import FLEET, conform
from crossdock.plan.lastmile.day import FacilityDay, Ints, facility_day, vehicle_kind
from crossdock.plan.lastmile.goods import Goods
from crossdock.plan.lastmile.moves import DayRoutes, Move, move_stops
from crossdock.plan.lastmile.problem import LATEST_DELIVERY, PRICES, local_s
from crossdock.plan.lastmile.refusals import Refusal
from crossdock.plan.lastmile.schedule import Tour, tour_of
from crossdock.plan.lastmile.stops import Stops, parking_places

ParcelIds = tuple[str, ...]
Vans = Mapping[tuple[str, dt.date], Mapping[str, Any]]
"""Rows of ``FLEET`` by vehicle and date."""


@dataclass(frozen=True)
class LiveRoute:
    """A route as it stands.

    Attributes
    ----------
    departs_s
        Planned departure, seconds since 1970.
    stops
        Parcels of each stop, in order.
    gone
        Why nothing of it can be changed any more (``left at 08:30``); empty: it can.
    """

    route_id: str
    vehicle_id: str
    facility_id: str
    delivery_date: dt.date
    departs_s: int
    stops: tuple[ParcelIds, ...]
    gone: str = ""

    @property
    def parcel_ids(self) -> list[str]:
        """All that is on it."""
        return [parcel for stop in self.stops for parcel in stop]

    def without(self, parcel_ids: Collection[str]) -> LiveRoute:
        """The route when these are on it no more."""
        gone = set(parcel_ids)
        kept = (tuple(each for each in stop if each not in gone) for stop in self.stops)
        return replace(self, stops=tuple(stop for stop in kept if stop))

    def apart(self, parcel_ids: Collection[str]) -> LiveRoute:
        """With these as stops for themselves, behind those with whom they shared one."""
        asked = set(parcel_ids)
        parts = (
            part
            for stop in self.stops
            for part in (
                tuple(each for each in stop if each not in asked),
                tuple(each for each in stop if each in asked),
            )
        )
        return replace(self, stops=tuple(part for part in parts if part))


@dataclass(frozen=True)
class Station:
    """Where live routes leave, and what is known of their parcels and vehicles.

    Attributes
    ----------
    goods
        Of the parcels of the routes at least.
    vans
        `vans_of` a fleet with the routes' vehicles and dates at least.
    """

    facility_id: str
    timezone: str
    latitude: float | None
    longitude: float | None
    goods: Goods
    vans: Vans

    @classmethod
    def of(cls, network: Network, facility_id: str, goods: Goods, vans: Vans) -> Station:
        """The station of a network."""
        places = network["facilities"].filter(pl.col("facility_id") == facility_id)
        latitude, longitude = places.select("latitude", "longitude").row(0)
        timezone = network.timezones[facility_id]
        return cls(facility_id, timezone, latitude, longitude, goods, vans)


class LiveDay:
    """Some routes of a station and date, ready to be timed by the code that times plans.

    Stops have no window but the end of the day's deliveries; each vehicle starts no earlier than
    its route was to leave.

    Parameters
    ----------
    routes
        Each with a vehicle of its own, all of one date.
    loose
        Parcels that are on none of them; each is a stop.

    Attributes
    ----------
    parcels_of, stop_of
        Parcels of each stop, and the other way round.
    vehicle_of
        Vehicle (its place among the kinds) of each route.

    Raises
    ------
    InvalidValueError
        What timing needs of a parcel, vehicle or the station is missing.
    """

    def __init__(
        self, station: Station, routes: Sequence[LiveRoute], loose: Sequence[str] = ()
    ) -> None:
        if station.latitude is None or station.longitude is None:
            raise InvalidValueError("the coordinates of the station are not known")
        date = routes[0].delivery_date
        origin_s = local_s(date, dt.time(0), station.timezone)
        latest_s = local_s(date, LATEST_DELIVERY, station.timezone) - origin_s
        leaves_s = {route.vehicle_id: route.departs_s - origin_s for route in routes}
        vehicles = _vehicles(station, date, list(leaves_s))
        self.parcels_of: list[ParcelIds] = [
            *(stop for route in routes for stop in route.stops), *((each,) for each in loose)
        ]  # fmt: skip
        self.stop_of = {
            parcel: stop for stop, parcels in enumerate(self.parcels_of) for parcel in parcels
        }
        kinds = tuple(
            replace(vehicle_kind(row, origin_s), starts_s=leaves_s[row["vehicle_id"]])
            for row in vehicles
        )
        stops = _stops(station.goods, self.parcels_of, latest_s)
        name = f"{station.facility_id} on {date}"
        place = (station.latitude, station.longitude)
        self.day: FacilityDay = facility_day(
            name, station.facility_id, place, stops, (kinds, np.arange(len(kinds))),
            (origin_s, latest_s),
        )  # fmt: skip
        rows = {row["vehicle_id"]: at for at, row in enumerate(vehicles)}
        self.vehicle_of = {route.route_id: rows[route.vehicle_id] for route in routes}

    def sequence(self, route: LiveRoute) -> list[int]:
        """Stops of a route, in order."""
        parcels = (parcel for stop in route.stops for parcel in stop)
        return list(dict.fromkeys(self.stop_of[parcel] for parcel in parcels))

    def timed(self, vehicle: int, sequence: Sequence[int]) -> Tour | None:
        """The legal tour of a vehicle, or None."""
        return tour_of(self.day, int(self.day.kind_of[vehicle]), sequence)

    def reached_s(self, tours: Iterable[Tour | None]) -> dict[str, int]:
        """When each parcel of some tours is reached, in seconds since 1970."""
        return {
            parcel: self.day.origin_s + second
            for tour in tours
            if tour is not None
            for stop, second in zip(tour.sequence, tour.timeline.arrives_s, strict=True)
            for parcel in self.parcels_of[stop]
        }


@dataclass(frozen=True)
class ParcelMove:
    """Parcels of a route on another one.

    Attributes
    ----------
    refusals
        Why it cannot be; then nothing else is told. Beside the limits of a tour: ``station``,
        ``date``, ``left``, ``stranger`` (a parcel is not on the route), ``unknown`` (what timing
        needs), ``timing`` (a route is not legal as it stands).
    by_limit
        The refusals are limits that the tours would break.
    source, target
        The routes with it.
    """

    refusals: tuple[Refusal, ...] = ()
    by_limit: bool = False
    live: LiveDay | None = None
    move: Move | None = None
    source: LiveRoute | None = None
    target: LiveRoute | None = None


def move_parcels(
    station: Station, source: LiveRoute, target: LiveRoute, parcel_ids: Sequence[str]
) -> ParcelMove:
    """Whether ``target`` can take parcels of ``source``, and both routes with it.

    Each stop goes where it makes the way least longer; both are timed as plans are.
    """
    refusals = _not_open(source, target)
    if refusals:
        return ParcelMove(refusals)
    asked = list(dict.fromkeys(parcel_ids))
    held = set(source.parcel_ids)
    strangers = sorted(each for each in asked if each not in held)
    if strangers:
        what = "parcel is" if len(strangers) == 1 else "parcels are"
        said = f"{len(strangers):,} {what} not on {source.route_id}: {', '.join(strangers[:3])}"
        return ParcelMove((Refusal("stranger", said),))
    source = source.apart(asked)
    try:
        live = LiveDay(station, (source, target))
    except InvalidValueError as error:
        return ParcelMove((Refusal("unknown", error.message),))
    tours: dict[int, Tour] = {}
    for route in (source, target):
        vehicle, sequence = live.vehicle_of[route.route_id], live.sequence(route)
        tour = live.timed(vehicle, sequence)
        if tour is not None:
            tours[vehicle] = tour
        elif sequence:
            said = f"{route.route_id} cannot be timed as it was planned"
            return ParcelMove((Refusal("timing", said),))
    wanted = {live.stop_of[each] for each in asked}
    stops = [stop for stop in live.sequence(source) if stop in wanted]
    vehicle = live.vehicle_of[target.route_id]
    move = move_stops(DayRoutes(live.day, dict(sorted(tours.items()))), stops, vehicle)
    if move.refusals:
        return ParcelMove(move.refusals, by_limit=True)
    after = {change.vehicle: change.after for change in move.changes}
    return ParcelMove(
        live=live,
        move=move,
        source=_as_timed(source, live, after[live.vehicle_of[source.route_id]]),
        target=_as_timed(target, live, after[vehicle]),
    )


def live_routes(routes: pl.DataFrame, tours: pl.DataFrame) -> dict[str, LiveRoute]:
    """The routes of ``tours`` as they were planned, by id.

    Parameters
    ----------
    routes, tours
        Schemas ``ROUTES`` and ``TOURS``.
    """
    stops = (
        routes.join(tours, on="route_id", how="semi")
        .sort("route_id", "sequence", "parcel_id")
        .group_by("route_id", "sequence", maintain_order=True)
        .agg("parcel_id")
        .group_by("route_id", maintain_order=True)
        .agg("parcel_id")
    )
    of_route: dict[str, tuple[ParcelIds, ...]] = {
        route: tuple(tuple(stop) for stop in parcels) for route, parcels in stops.iter_rows()
    }
    rows = tours.select(
        "route_id", "vehicle_id", "facility_id", "delivery_date", pl.col("departs_at").dt.epoch("s")
    ).iter_rows()
    return {
        str(route): LiveRoute(str(route), *cells, stops=of_route.get(route, ()))
        for route, *cells in rows
    }


def vans_of(fleet: pl.DataFrame) -> Vans:
    """Vehicles of a fleet (``FLEET``) by id and date; prices left empty are 0."""
    rows = conform(fleet, FLEET).with_columns(pl.col(PRICES).fill_null(0.0)).to_dicts()
    return {(row["vehicle_id"], row["delivery_date"]): row for row in rows}


def _not_open(source: LiveRoute, target: LiveRoute) -> tuple[Refusal, ...]:
    found: list[Refusal] = []
    if source.facility_id != target.facility_id:
        said = f"they leave from {source.facility_id} and {target.facility_id}"
        found.append(Refusal("station", said))
    if source.delivery_date != target.delivery_date:
        said = f"they are on {source.delivery_date} and {target.delivery_date}"
        found.append(Refusal("date", said))
    found += [
        Refusal("left", f"{route.route_id} {route.gone}")
        for route in (source, target)
        if route.gone
    ]
    return tuple(found)


def _as_timed(route: LiveRoute, live: LiveDay, tour: Tour | None) -> LiveRoute:
    stops = () if tour is None else tour.sequence
    return replace(route, stops=tuple(live.parcels_of[stop] for stop in stops))


def _vehicles(station: Station, date: dt.date, named: list[str]) -> list[Mapping[str, Any]]:
    missing = sorted(each for each in set(named) if (each, date) not in station.vans)
    if missing:
        raise InvalidValueError(f"nothing is known of the van {missing[0]}")
    return [station.vans[each, date] for each in sorted(set(named))]


def _stops(goods: Goods, parcels_of: Sequence[ParcelIds], latest_s: int) -> Stops:
    """Stops where their first parcel is."""
    named = [parcel for parcels in parcels_of for parcel in parcels]
    missing = [parcel for parcel in named if parcel not in goods.rows]
    if missing:
        raise InvalidValueError(f"nothing is known of parcel {missing[0]}")
    rows = np.array([goods.rows[parcel] for parcel in named], dtype=np.int64)
    first = np.cumsum([0, *map(len, parcels_of)]).astype(np.int64)
    heads = rows[first[:-1]]
    latitude, longitude = goods.latitude[heads], goods.longitude[heads]
    lost = np.flatnonzero(np.isnan(latitude) | np.isnan(longitude))
    if len(lost):
        raise InvalidValueError(f"it is not known where {parcels_of[int(lost[0])][0]} goes")

    def summed(amounts: Ints) -> Ints:
        return np.add.reduceat(amounts[rows], first[:-1]) if len(heads) else amounts[:0]

    none = np.zeros(len(heads), dtype=np.int64)
    latest = np.full(len(heads), latest_s, dtype=np.int64)
    return Stops(
        latitude=latitude,
        longitude=longitude,
        place=parking_places(latitude, longitude),
        litres=summed(goods.litres),
        grams=summed(goods.grams),
        pieces=summed(goods.pieces),
        handle_s=summed(goods.handle_s),
        ready_s=none,
        opens_s=none,
        closes_s=latest,
        due_s=latest,
        zip_area=goods.zip_area[heads],
        parcel_rows=np.arange(len(rows), dtype=np.int64),
        first_row=first,
    )
