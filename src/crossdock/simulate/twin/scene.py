"""The released plan, laid out for play: parcels, loads, waves, routes and handoffs as arrays.

Instants are whole seconds since the epoch.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.locate.roads import great_circle_m, lane_table
from crossdock.model import InvalidValueError, Network
from crossdock.model.calendars import OperatingCalendar
from crossdock.model.tables import INSTANT
from crossdock.model.units import meters
from crossdock.plan.capacity import linehaul_offers
from crossdock.plan.delivery import Appointments, DeliveryDays
from crossdock.plan.lastmile import FleetYard, Goods, Vans, at_stops, planned_goods, vans_of
from crossdock.plan.sortation import wave_calendar
from crossdock.predict.eta import partner_days
from crossdock.simulate.twin.chance import Chance, Keys, keys_of
from crossdock.simulate.twin.fleet import OwnFleet, own_fleet
from crossdock.simulate.twin.laws import DriverLaw, driver_laws

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

OPERATING_DAYS = 15
"""How long a run follows its orders (network.md §7)."""

OWN_MODES = ("own", "crowd")

_NOBODY = pl.DataFrame(
    schema={"parcel_id": pl.String, "available_at": INSTANT, "load_id": pl.String}
)


@dataclass(frozen=True)
class TwinInput:
    """What the twin plays.

    Attributes
    ----------
    tables
        The released plan, by the names of `crossdock.model.tables.RUN_TABLES`; after a warm start
        ``background_parcels``, ``background_orders``, ``background_loads``, ``background_state``.
    orders
        Located orders of the plan: ``LOCATED_ORDERS``.
    network
        In force on the first ship day.
    seed
        Root seed of the run: the same for every policy that is compared.
    """

    tables: Mapping[str, pl.DataFrame]
    orders: pl.DataFrame
    network: Network
    seed: int


@dataclass(frozen=True)
class Parcels:
    """One entry a parcel; ``origin``, ``destination`` and the like index other lists."""

    ids: list[str]
    keys: Keys
    address_keys: Keys
    merchants: list[str]
    merchant_keys: Keys
    origin: Ints
    destination: Ints
    mode: list[str]
    carrier_code: Ints
    by_partner: NDArray[np.bool_]
    partner_days: Ints
    handoff_at: Ints
    created: Ints
    ship_dates: list[dt.date]
    latitude: Floats
    longitude: Floats
    volume_m3: Floats
    shared_door: NDArray[np.bool_]
    available: Ints
    """When a parcel of the background is at hand; 0 for the day's orders."""
    coming_on: list[str | None]
    """The load that a parcel of the background is on at the start."""


@dataclass(frozen=True)
class Waves:
    """The sort waves of one facility, by inbound cut-off."""

    names: list[str]
    dates: list[dt.date]
    cutoff: Ints
    starts: Ints
    ends: Ints
    ready: Ints
    capacity: Floats


@dataclass(frozen=True)
class Offer:
    """What habit buys on a lane when a connection is missed."""

    kind: str
    carrier: str
    vehicle_type: str
    driver_mode: str
    miles: float
    transit_s: int
    unit_m3: float
    unit_kg: float
    cost_usd: float


@dataclass(frozen=True)
class Scene:
    """Everything that does not change while the day is played."""

    given: TwinInput
    chance: Chance
    facilities: list[str]
    index_of: Mapping[str, int]
    zones: list[ZoneInfo]
    latitude: Floats
    longitude: Floats
    waves: list[Waves]
    carriers: list[str]
    carrier_modes: list[str]
    parcels: Parcels
    path_starts: Ints
    path_loads: Ints
    loads: pl.DataFrame
    duties: Mapping[str, pl.DataFrame]
    laws: Mapping[str, DriverLaw]
    fleet: OwnFleet
    offers: Mapping[tuple[int, int], Offer]
    calendar: OperatingCalendar
    calendar_of: Mapping[str, str | None]
    days: DeliveryDays
    appointments: Appointments
    starts_at: int
    ends_at: int

    @cached_property
    def number(self) -> Mapping[str, int]:
        """Place of each parcel among all."""
        return {parcel: at for at, parcel in enumerate(self.parcels.ids)}

    @cached_property
    def goods(self) -> Goods:
        """What is known of all parcels, those of planned routes where their stops are."""
        tables = self.given.tables
        known = planned_goods(tables, self.given.orders)
        placed = at_stops(known, tables["routes"])
        return Goods.of(pl.concat([placed, known.join(placed, on="parcel_id", how="anti")]))

    @cached_property
    def vans(self) -> Vans:
        """The vehicles of the planned routes."""
        return vans_of(self.given.tables["fleet"])

    @cached_property
    def van_yards(self) -> Mapping[str, FleetYard]:
        """What can be sent beyond the plan, by the way to deliver."""
        return {mode: FleetYard(self.given.network, mode) for mode in OWN_MODES}

    def path(self, parcel: int) -> Ints:
        """Planned loads of a parcel, in order."""
        return self.path_loads[self.path_starts[parcel] : self.path_starts[parcel + 1]]

    def local_date(self, facility: int, instant: int) -> dt.date:
        """Local date of an instant at a facility."""
        return dt.datetime.fromtimestamp(instant, self.zones[facility]).date()

    def instant(self, facility: int, date: dt.date, time: dt.time) -> int:
        """Instant of a local time."""
        return int(dt.datetime.combine(date, time, self.zones[facility]).timestamp())


def set_scene(given: TwinInput) -> Scene:
    """Lay the plan out for play.

    Raises
    ------
    InvalidValueError
        The plan has no parcels.
    """
    tables, network = given.tables, given.network
    if tables["parcels"].is_empty():
        raise InvalidValueError("there is nothing to play", remedy="give a plan with parcels")
    facilities = network["facilities"].sort("facility_id")
    ids = facilities["facility_id"].to_list()
    index_of = {name: at for at, name in enumerate(ids)}
    calendar = OperatingCalendar(network["calendars"])
    calendar_of = dict(facilities.select("facility_id", "calendar_id").iter_rows())
    first, last = _dates(tables["parcels"])  # the background's days are over
    end = last
    origins = sorted(set(tables["parcels"]["origin_facility_id"]))
    for _ in range(OPERATING_DAYS):
        end = calendar.next_open([calendar_of[origins[0]]], end + dt.timedelta(days=1))
    every = _with(tables, "parcels", "background_parcels")
    modes = _carrier_modes(network)
    carriers = sorted({*every["delivery_carrier_id"].drop_nulls(), *modes})
    parcels = _parcels(given, index_of, carriers)
    loads = _with(tables, "loads", "background_loads").sort("load_id")
    starts, path = _paths(tables["legs"], parcels.ids, loads["load_id"].to_list())
    date = tables["parcels"]["ship_date"].min()
    assert isinstance(date, dt.date)
    zones = [ZoneInfo(name) for name in facilities["timezone"]]
    return Scene(
        given=given,
        chance=Chance(given.seed),
        facilities=ids,
        index_of=index_of,
        zones=zones,
        latitude=facilities["latitude"].to_numpy(),
        longitude=facilities["longitude"].to_numpy(),
        waves=_waves(network, first, end, ids),
        carriers=carriers,
        carrier_modes=[modes.get(name, OWN_MODES[0]) for name in carriers],
        parcels=parcels,
        path_starts=starts,
        path_loads=path,
        loads=loads,
        duties={
            str(key[0]): rows
            for key, rows in tables["duties"]
            .sort("load_id", "starts_at", "driver_id", "seq")
            .group_by("load_id", maintain_order=True)
        },
        laws=driver_laws(network, tables["duties"]),
        fleet=own_fleet(network, loads, tables["duties"], date),
        offers=_offers(network, index_of, date),
        calendar=calendar,
        calendar_of=calendar_of,
        days=DeliveryDays(network),
        appointments=Appointments(network),
        starts_at=int(parcels.created[parcels.available == 0].min()),
        ends_at=int(dt.datetime.combine(end, dt.time(23, 59), tzinfo=dt.UTC).timestamp()),
    )


def _with(tables: Mapping[str, pl.DataFrame], name: str, other: str) -> pl.DataFrame:
    """A table with the background's rows after its own."""
    return pl.concat([tables[name], tables[other]]) if other in tables else tables[name]


def _dates(parcels: pl.DataFrame) -> tuple[dt.date, dt.date]:
    first, last = parcels["ship_date"].min(), parcels["ship_date"].max()
    assert isinstance(first, dt.date)
    assert isinstance(last, dt.date)
    return first, last


def seconds(column: pl.Series) -> Ints:
    """Instants as whole seconds since the epoch; nulls are 0."""
    return column.dt.epoch("s").fill_null(0).cast(pl.Int64).to_numpy()


def _parcels(given: TwinInput, index_of: Mapping[str, int], carriers: list[str]) -> Parcels:
    tables = given.tables
    orders = given.orders
    if "background_orders" in tables:
        orders = pl.concat([orders, tables["background_orders"]])
    state = tables.get("background_state", _NOBODY)
    rows = (
        _with(tables, "parcels", "background_parcels")
        .join(
            state.select("parcel_id", "available_at", coming_on="load_id"),
            on="parcel_id",
            how="left",
            maintain_order="left",
        )
        .join(
            orders.select("order_id", "created_at", "address_key"),
            on="order_id",
            how="left",
            maintain_order="left",
        )
        .join(
            tables["handoffs"].select("parcel_id", "handoff_at").unique("parcel_id", keep="first"),
            on="parcel_id",
            how="left",
            maintain_order="left",
        )
        .join(
            given.network["facilities"].select(
                destination_facility_id="facility_id",
                from_latitude="latitude",
                from_longitude="longitude",
            ),
            on="destination_facility_id",
            how="left",
            maintain_order="left",
        )
        .with_columns(shares=pl.len().over("address_key", "zip5") > 1)
    )
    merchants = rows["merchant_id"].to_list()
    facility = pl.Enum(list(index_of))
    door = pl.concat_str("address_key", "zip5", separator="|", ignore_nulls=True)
    miles = great_circle_m(
        *(
            rows[name].to_numpy()
            for name in ("from_latitude", "from_longitude", "latitude", "longitude")
        )
    ) / meters(1)
    code = {name: at for at, name in enumerate(carriers)}
    return Parcels(
        ids=rows["parcel_id"].to_list(),
        keys=keys_of(rows["order_id"].to_list()),
        address_keys=keys_of(rows.select(door).to_series().to_list()),
        merchants=merchants,
        merchant_keys=keys_of(merchants),
        origin=_numbers(rows["origin_facility_id"].cast(facility)),
        destination=_numbers(rows["destination_facility_id"].cast(facility)),
        mode=rows["delivery_mode"].to_list(),
        carrier_code=np.array([code.get(name, -1) for name in rows["delivery_carrier_id"]]),
        by_partner=(~rows["delivery_mode"].is_in(OWN_MODES)).to_numpy(),
        partner_days=rows.with_columns(miles=pl.Series(miles))
        .select(partner_days(pl.col("delivery_mode"), pl.col("entry_level"), pl.col("miles")))
        .to_series()
        .to_numpy(),
        handoff_at=seconds(rows["handoff_at"]),
        created=seconds(rows["created_at"]),
        ship_dates=rows["ship_date"].to_list(),
        latitude=rows["latitude"].to_numpy(),
        longitude=rows["longitude"].to_numpy(),
        volume_m3=rows["volume_m3"].to_numpy(),
        shared_door=rows["shares"].to_numpy(),
        available=seconds(rows["available_at"]),
        coming_on=rows["coming_on"].to_list(),
    )


def _carrier_modes(network: Network) -> dict[str, str]:
    """The mode of each partner that takes parcels to doors."""
    rows = network["coverage"].filter(~pl.col("mode").is_in(OWN_MODES))
    return dict(rows.select("carrier_id", "mode").unique("carrier_id", keep="first").iter_rows())


def _numbers(names: pl.Series) -> Ints:
    return names.to_physical().cast(pl.Int64).to_numpy()


def _paths(legs: pl.DataFrame, parcels: list[str], loads: list[str]) -> tuple[Ints, Ints]:
    """Planned loads of each parcel as one list with offsets."""
    number = {parcel: at for at, parcel in enumerate(parcels)}
    load_of = {load: at for at, load in enumerate(loads)}
    ordered = legs.sort("parcel_id", "seq")
    owner = np.fromiter((number[p] for p in ordered["parcel_id"]), np.int64, ordered.height)
    path = np.fromiter((load_of[p] for p in ordered["load_id"]), np.int64, ordered.height)
    order = np.argsort(owner, kind="stable")
    starts = np.zeros(len(parcels) + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=len(parcels)), out=starts[1:])
    return starts, path[order]


def _waves(network: Network, first: dt.date, last: dt.date, ids: list[str]) -> list[Waves]:
    calendar = wave_calendar(network, first - dt.timedelta(days=1), last)
    by_facility = {
        str(key[0]): rows for key, rows in calendar.group_by("facility_id", maintain_order=True)
    }
    nothing = calendar.clear()
    return [_waves_of(by_facility.get(name, nothing)) for name in ids]


def _waves_of(rows: pl.DataFrame) -> Waves:
    return Waves(
        names=rows["wave"].to_list(),
        dates=rows["date"].to_list(),
        cutoff=seconds(rows["inbound_cutoff_at"]),
        starts=seconds(rows["starts_at"]),
        ends=seconds(rows["ends_at"]),
        ready=seconds(rows["ready_at"]),
        capacity=rows["capacity_parcels"].fill_null(np.inf).to_numpy(),
    )


def _offers(
    network: Network, index_of: Mapping[str, int], date: dt.date
) -> dict[tuple[int, int], Offer]:
    """Cheapest way to move a few parcels on each lane: pooled positions, else a truck."""
    offers = linehaul_offers(network, lane_table(network), date=date).filter(
        pl.col("kind") != "own"
    )
    cheapest = offers.sort(pl.col("kind") != "pooled", "cost_usd", "offer_id").unique(
        ["from_facility_id", "to_facility_id"], keep="first", maintain_order=True
    )
    return {
        (index_of[row["from_facility_id"]], index_of[row["to_facility_id"]]): Offer(
            kind=row["kind"],
            carrier=row["carrier_id"],
            vehicle_type=row["vehicle_type"],
            driver_mode=row["driver_mode"],
            miles=row["miles"],
            transit_s=row["transit_s"],
            unit_m3=row["unit_m3"],
            unit_kg=row["unit_kg"],
            cost_usd=row["cost_usd"],
        )
        for row in cheapest.iter_rows(named=True)
        if row["from_facility_id"] in index_of and row["to_facility_id"] in index_of
    }
