"""The question: which parcels leave which depot on which day, and what can carry them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from zoneinfo import ZoneInfo

import polars as pl

from crossdock.model import InvalidValueError
from crossdock.model.tables import FLEET, INSTANT, Schema, conform

LAST_MILE_PARCELS: Schema = MappingProxyType(
    {
        "parcel_id": pl.String,
        "latitude": pl.Float64,
        "longitude": pl.Float64,
        "address_key": pl.String,
        "pieces": pl.Int64,
        "volume_m3": pl.Float64,
        "weight_kg": pl.Float64,
        "ready_at": INSTANT,
        "due_at": INSTANT,
        "zip5": pl.String,
        "window_opens_at": INSTANT,
        "window_closes_at": INSTANT,
    }
)
"""Parcels for one facility-day. ``volume_m3`` and ``weight_kg`` are of the whole row, all its
``pieces``; ``ready_at``: sorted and loadable; ``due_at``: the service commitment, soft; the window
(null: any time before the last delivery) is what the recipient was told, hard."""

PRICES = (
    "fixed_usd_day",
    "cost_usd_mile",
    "cost_usd_h",
    "usd_stop",
    "usd_parcel",
    "minimum_usd",
    "fuel_pct",
)
LATEST_DELIVERY = dt.time(20)
LONGEST_DUTY_S = 10 * 3600
"""No delivery driver is away from the gate for longer, whatever a file says (policy)."""


@dataclass(frozen=True)
class _Rule:
    """What no row may be; ``what`` continues "parcel P-1 has"."""

    breaks: pl.Expr
    what: str
    remedy: str


def _filled(*columns: str) -> list[_Rule]:
    return [_Rule(pl.col(name).is_null(), f"no {name}", f"give each a {name}") for name in columns]


def _within(column: str, low: float, high: float) -> _Rule:
    outside = ~pl.col(column).is_between(low, high)
    return _Rule(outside, f"{column} outside {low:g} to {high:g}", "correct it")


def _once(kind: str, remedy: str) -> _Rule:
    return _Rule(pl.col(f"{kind}_id").is_duplicated(), "an id that occurs twice", remedy)


_PARCEL_RULES = (
    *_filled("parcel_id", "latitude", "longitude", "address_key", "volume_m3", "weight_kg"),
    _within("latitude", -90.0, 90.0),
    _within("longitude", -180.0, 180.0),
    _within("volume_m3", 0.0, 1_000.0),
    _within("weight_kg", 0.0, 100_000.0),
    _within("pieces", 1.0, 100_000.0),
    _once("parcel", "give each parcel once"),
)
_VEHICLE_RULES = (
    *_filled("vehicle_id", "shift_starts_at", "shift_ends_at", "max_duty_s", "capacity_m3"),
    _Rule(pl.any_horizontal(pl.col(*PRICES) < 0), "a negative price", "correct the rates"),
    _Rule(
        pl.col("max_duty_s") > LONGEST_DUTY_S,
        "a duty over 10 hours",
        "10 hours is the policy's most",
    ),
    _once("vehicle", "give each vehicle once a day"),
)


@dataclass(frozen=True)
class LastMileProblem:
    """One facility, one delivery day, the vehicles of one way to deliver.

    Attributes
    ----------
    timezone
        IANA name; ``latest_delivery`` is in this zone.
    latitude, longitude
        Of the depot, degrees.
    parcels
        Schema `LAST_MILE_PARCELS`; missing optional columns are null.
    fleet
        Schema ``FLEET``; see `last_mile_fleet`. Prices left empty are 0.
    latest_delivery
        Local time by which the last parcel must have been handed over.

    Raises
    ------
    InvalidValueError
        A parcel or vehicle breaks a rule; the message names it.
    """

    facility_id: str
    delivery_date: dt.date
    timezone: str
    latitude: float
    longitude: float
    parcels: pl.DataFrame
    fleet: pl.DataFrame
    latest_delivery: dt.time = LATEST_DELIVERY

    def __post_init__(self) -> None:
        parcels = conform(self.parcels, LAST_MILE_PARCELS).sort("parcel_id")
        parcels = parcels.with_columns(pl.col("pieces").fill_null(1))
        fleet = conform(self.fleet, FLEET).sort("vehicle_id")
        fleet = fleet.with_columns(
            pl.col(PRICES).fill_null(0.0), pl.col("invented").fill_null(False)
        )
        self._refuse("parcel", parcels, _PARCEL_RULES)
        self._refuse("vehicle", fleet, _VEHICLE_RULES)
        object.__setattr__(self, "parcels", parcels)
        object.__setattr__(self, "fleet", fleet)

    @property
    def name(self) -> str:
        """What messages call the problem."""
        return f"{self.facility_id} on {self.delivery_date}"

    @property
    def origin_s(self) -> int:
        """UTC second of local midnight: planning counts seconds from here."""
        return self._local_s(dt.time(0))

    @property
    def latest_delivery_s(self) -> int:
        """Seconds from local midnight to the last delivery; a day of daylight change included."""
        return self._local_s(self.latest_delivery) - self.origin_s

    def _local_s(self, time: dt.time) -> int:
        return local_s(self.delivery_date, time, self.timezone)

    def _refuse(self, kind: str, frame: pl.DataFrame, rules: Sequence[_Rule]) -> None:
        """Raise for the first rule that a row of ``frame`` breaks."""
        broken = frame.select(rule.breaks.any().alias(rule.what) for rule in rules).row(0)
        for rule, found in zip(rules, broken, strict=True):
            if found:
                first = frame.filter(rule.breaks)[f"{kind}_id"][0]
                raise InvalidValueError(
                    f"{kind} {first!r} of {self.name} has {rule.what}", remedy=rule.remedy
                )


def local_s(date: dt.date, time: dt.time, timezone: str) -> int:
    """UTC second of a local time."""
    return int(dt.datetime.combine(date, time, ZoneInfo(timezone)).timestamp())


def check_vehicles_once(problems: Sequence[LastMileProblem]) -> None:
    """Refuse problems that offer one vehicle twice on a date.

    Raises
    ------
    InvalidValueError
        Names the first vehicle.
    """
    frames = [
        problem.fleet.select("delivery_date", "vehicle_id", "facility_id") for problem in problems
    ]
    if not frames:
        return
    offered = pl.concat(frames)
    twice = offered.filter(pl.struct("delivery_date", "vehicle_id").is_duplicated())
    if twice.height:
        vehicle, date = twice["vehicle_id"][0], twice["delivery_date"][0]
        raise InvalidValueError(
            f"vehicle {vehicle!r} is offered to two problems on {date}",
            remedy="split the fleet between them: a vehicle has one driver and one tour a day",
        )
