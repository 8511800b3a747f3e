"""Routes of a finished plan as their planner was asked for them, so that they can be changed.

What the last mile was given is told again from the plan's tables: parcels of the routes with their
sort, the vehicles of the day, and who drives what.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import polars as pl

from crossdock.model import InvalidValueError, Network
from crossdock.model.tables import INSTANT, RUN_TABLES, Schema, empty
from crossdock.plan.day.arrivals import at_destination
from crossdock.plan.lastmile import DayRoutes, LastMileProblem, Tour, compile_day, tour_of
from crossdock.plan.sortation import first_waves

Tables = Mapping[str, pl.DataFrame]

_NO_DATES: Schema = {"wave_index": pl.Int64, "delivery_date": pl.Date}
_REMEDY = "plan again: the tables of this plan do not tell how its routes were timed"


@dataclass(frozen=True)
class StandingRoutes:
    """Routes of one way to deliver (own, crowd) of a facility on a date.

    Attributes
    ----------
    route_ids
        By vehicle that goes out: its place in the fleet of the problem.
    stop_of
        Stop of each parcel.
    """

    mode: str
    problem: LastMileProblem
    routes: DayRoutes
    route_ids: Mapping[int, str]
    stop_of: Mapping[str, int]

    def parcels_of(self, stop: int) -> list[str]:
        """Ids of the parcels of a stop."""
        ids = self._parcel_ids
        rows: list[int] = self.routes.day.stops.rows_of(stop).tolist()
        return sorted(ids[row] for row in rows)

    @cached_property
    def _parcel_ids(self) -> list[str]:
        return self.problem.parcels["parcel_id"].to_list()


def standing_routes(
    tables: Tables, orders: pl.DataFrame, network: Network, facility_id: str, date: dt.date
) -> list[StandingRoutes]:
    """Routes of a facility on a date, one entry for each way to deliver.

    Parameters
    ----------
    tables
        Run tables of the plan.
    orders
        Its located orders.

    Raises
    ------
    InvalidValueError
        A route of it is not legal as it stands.
    """
    here = (pl.col("facility_id") == facility_id) & (pl.col("delivery_date") == date)
    tours, fleet = (_table(tables, name).filter(here) for name in ("tours", "fleet"))
    routes = _table(tables, "routes").join(tours, on="route_id", how="semi")
    kinds = network["carriers"].select("carrier_id", mode="kind")
    fleet = fleet.join(kinds, on="carrier_id", how="left").with_columns(
        pl.col("mode").fill_null("own")
    )
    parcels = _parcels(tables, orders, network, facility_id, routes)
    place = network["facilities"].row(by_predicate=pl.col("facility_id") == facility_id, named=True)
    found: list[StandingRoutes] = []
    for (mode,), vehicles in fleet.sort("mode").group_by("mode", maintain_order=True):
        driven = tours.join(vehicles, on="vehicle_id", how="semi")
        problem = LastMileProblem(
            facility_id=facility_id,
            delivery_date=date,
            timezone=place["timezone"],
            latitude=place["latitude"],
            longitude=place["longitude"],
            parcels=parcels.join(driven, on="route_id", how="semi"),
            fleet=vehicles.drop("mode"),
        )
        found.append(_standing(str(mode), problem, driven, routes))
    return found


def _standing(
    mode: str, problem: LastMileProblem, tours: pl.DataFrame, routes: pl.DataFrame
) -> StandingRoutes:
    day = compile_day(problem)
    ids = problem.parcels["parcel_id"].to_list()
    stop_of = {ids[row]: stop for stop in range(len(day.stops)) for row in day.stops.rows_of(stop)}
    vehicle_rows = {vehicle: row for row, vehicle in enumerate(problem.fleet["vehicle_id"])}
    first = (
        routes.group_by("route_id", "sequence")
        .agg(pl.col("parcel_id").first())
        .sort("route_id", "sequence")
    )
    parcels_of = {
        str(key[0]): part["parcel_id"].to_list()
        for key, part in first.group_by("route_id", maintain_order=True)
    }
    timed: dict[int, Tour] = {}
    route_ids: dict[int, str] = {}
    for route_id, vehicle_id in tours.select("route_id", "vehicle_id").iter_rows():
        row = vehicle_rows[vehicle_id]
        sequence = [stop_of[parcel] for parcel in parcels_of.get(route_id, [])]
        tour = tour_of(day, int(day.kind_of[row]), sequence)
        if tour is None:
            raise InvalidValueError(
                f"route {route_id} of {problem.name} cannot be timed as it stands", remedy=_REMEDY
            )
        timed[row], route_ids[row] = tour, route_id
    drives = dict(sorted(timed.items()))
    return StandingRoutes(mode, problem, DayRoutes(day, drives), route_ids, stop_of)


def _parcels(
    tables: Tables,
    orders: pl.DataFrame,
    network: Network,
    facility_id: str,
    routes: pl.DataFrame,
) -> pl.DataFrame:
    """Parcels of ``routes`` as `LAST_MILE_PARCELS`, with their ``route_id``."""
    known = pl.concat([_table(tables, name) for name in ("parcels", "background_parcels")])
    pieces = pl.concat(
        [
            each.select("order_id", "pieces")
            for each in (orders, _table(tables, "background_orders"))
        ]
    ).unique("order_id", keep="first")
    goods = (
        routes.select("route_id", "sequence", "parcel_id", "latitude", "longitude")
        .join(
            known.select(
                "parcel_id", "order_id", "origin_facility_id", "ship_date", "service",
                "volume_m3", "weight_kg", "zip5", due_at="service_due_at",
            ),
            on="parcel_id",
        )
        .join(pieces, on="order_id", how="left")
        .sort("parcel_id")
    )  # fmt: skip
    ready = at_destination(
        goods.select(
            "parcel_id",
            _origin_waves(tables, network, goods),
            destination_facility_id=pl.lit(facility_id),
        ),
        _table(tables, "legs").join(goods, on="parcel_id", how="semi"),
        _table(tables, "waves"),
        empty(_NO_DATES),
    ).select("parcel_id", "ready_at")
    # Each stop of the plan stays one, whichever others share its address.
    return goods.join(ready, on="parcel_id", how="left").with_columns(
        address_key=pl.format("{} {}", "route_id", pl.col("sequence").cast(pl.String).str.zfill(6))
    )


def _origin_waves(tables: Tables, network: Network, goods: pl.DataFrame) -> pl.Series:
    """The wave that sorted each at its origin, as `sortation.induct` gave it.

    The first of the calendar where none fits: only parcels with legs can lack one, and of these
    the arrival counts.
    """
    waves = _table(tables, "waves")
    timezones = network.timezones
    cutoffs = dict(network["services"].select("service", "order_cutoff").iter_rows())
    under_way = dict(
        _table(tables, "background_state").select("parcel_id", "available_at").iter_rows()
    )
    asked = goods.select("parcel_id", "origin_facility_id", "service", "ship_date")
    instants = [
        under_way.get(parcel) or _after_cutoff(date, cutoffs.get(service), timezones.get(origin))
        for parcel, origin, service, date in asked.iter_rows()
    ]
    found = first_waves(waves, asked["origin_facility_id"], pl.Series(instants, dtype=INSTANT))
    first = int(waves["wave_index"].min() or 0)  # pyright: ignore[reportArgumentType]
    return pl.select(
        pl.when(found >= 0).then(found).otherwise(first).alias("origin_wave_index")
    ).to_series()


def _after_cutoff(
    date: dt.date | None, cutoff: dt.time | None, timezone: str | None
) -> dt.datetime:
    if date is None or cutoff is None or timezone is None:
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    closes = dt.datetime.combine(date, cutoff, tzinfo=ZoneInfo(timezone))
    return closes.astimezone(dt.UTC) + dt.timedelta(microseconds=1)


def _table(tables: Tables, name: str) -> pl.DataFrame:
    frame = tables.get(name)
    return empty(RUN_TABLES[name]) if frame is None else frame
