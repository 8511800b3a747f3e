"""The line-haul question as data, checked once, and the shape of its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from crossdock.model.errors import InvalidValueError
from crossdock.model.tables import CONSIGNMENTS, INSTANT, LANES, OFFERS, WAVES, Schema, empty

Policy = Literal["crossdock", "baseline"]

SPEEDS = ("pooled", "solo", "team")
"""Speed classes of an offer, in the order of their codes."""

FACILITY_COLUMNS = ("facility_id", "roles", "doors", "handling_usd_parcel")

FIXED_DEPARTURES: Schema = {
    "departure_id": pl.String,
    "from_facility_id": pl.String,
    "to_facility_id": pl.String,
    "departs_at": INSTANT,
}
"""A frozen schedule, one row a dated departure."""


@dataclass(frozen=True)
class LinehaulProblem:
    """Which parcels must travel between which facilities, and what could carry them.

    Parameters
    ----------
    facilities
        Network facilities: ``facility_id``, ``roles`` (list), ``doors`` (null: no limit),
        ``handling_usd_parcel`` (null: 0) a touch.
    waves
        Frame of schema `WAVES`; facilities transship, receive and send in these waves.
    consignments
        Frame of schema `CONSIGNMENTS`, one row a parcel.
    lanes
        Frame of schema `LANES`.
    offers
        Frame of schema `OFFERS`; a lane without offers cannot be driven.
    departures
        Frame of schema `FIXED_DEPARTURES`. A lane that it names leaves at those instants only;
        every other lane leaves when a wave is ready.
    late_usd_parcel_day
        What a parcel costs for each day it misses its ``arrive_by_wave_index``.
    policy
        ``crossdock`` searches; ``baseline`` follows the written-down routing guide.

    Raises
    ------
    InvalidValueError
        A frame lacks a column, names an unknown facility or wave, or holds an impossible measure.
    """

    facilities: pl.DataFrame
    waves: pl.DataFrame
    consignments: pl.DataFrame
    lanes: pl.DataFrame
    offers: pl.DataFrame
    departures: pl.DataFrame = field(default_factory=lambda: empty(FIXED_DEPARTURES))
    late_usd_parcel_day: float = 8.0
    policy: Policy = "crossdock"

    def __post_init__(self) -> None:
        """Check everything that the planner relies on."""
        self._check_columns()
        self._check_facilities()
        self._check_waves()
        self._check_measures()

    def _check_columns(self) -> None:
        tables = (
            ("facilities", self.facilities, FACILITY_COLUMNS),
            ("waves", self.waves, tuple(WAVES)),
            ("consignments", self.consignments, tuple(CONSIGNMENTS)),
            ("lanes", self.lanes, tuple(LANES)),
            ("offers", self.offers, tuple(OFFERS)),
            ("departures", self.departures, tuple(FIXED_DEPARTURES)),
        )
        for name, frame, columns in tables:
            missing = [column for column in columns if column not in frame.columns]
            if missing:
                raise InvalidValueError(
                    f"line-haul {name} lack the columns {', '.join(missing)}",
                    remedy="build the frame with its schema in crossdock.model.tables",
                )

    def _check_facilities(self) -> None:
        known = self.facilities["facility_id"].implode()
        named = {
            "waves": self.waves["facility_id"],
            "consignments (origin)": self.consignments["origin_facility_id"],
            "consignments (destination)": self.consignments["destination_facility_id"],
            "offers (from)": self.offers["from_facility_id"],
            "offers (to)": self.offers["to_facility_id"],
        }
        for name, column in named.items():
            unknown = column.filter(~column.is_in(known)).unique().sort()
            _refuse(unknown, f"line-haul {name} name unknown facilities", "add the facilities")

    def _check_waves(self) -> None:
        doubled = self.waves.filter(pl.col("wave_index").is_duplicated())["wave_index"]
        _refuse(doubled, "wave_index is not unique", "number the waves of all facilities once")
        place = self.waves.select("wave_index", wave_at="facility_id")
        for column, facility in (
            ("origin_wave_index", "origin_facility_id"),
            ("arrive_by_wave_index", "destination_facility_id"),
        ):
            strangers = (
                self.consignments.filter(pl.col(column).is_not_null())
                .join(place, left_on=column, right_on="wave_index", how="left")
                .filter(pl.col("wave_at").ne_missing(pl.col(facility)))
            )
            _refuse(
                strangers["parcel_id"],
                f"parcels whose {column} is no wave of their {facility}",
                "take the wave from the calendar of that facility",
            )
        unwaved = self.consignments.filter(pl.col("origin_wave_index").is_null())
        _refuse(unwaved["parcel_id"], "parcels without origin_wave_index", "induct them first")

    def _check_measures(self) -> None:
        if self.policy not in ("crossdock", "baseline"):
            raise InvalidValueError(
                f"policy {self.policy!r} is unknown", remedy="use crossdock or baseline"
            )
        if self.late_usd_parcel_day < 0:
            raise InvalidValueError(
                f"late_usd_parcel_day is {self.late_usd_parcel_day}", remedy="use 0 or more"
            )
        doubled = self.consignments.filter(pl.col("parcel_id").is_duplicated())["parcel_id"]
        _refuse(doubled, "parcel_id is not unique", "one consignment row a parcel")
        sizes = self.consignments.filter(
            ~((pl.col("volume_m3") >= 0) & (pl.col("weight_kg") >= 0) & (pl.col("pieces") >= 1))
        )
        _refuse(sizes["parcel_id"], "parcels with impossible measures", "check the orders first")
        odd = self.offers.filter(
            ~(
                pl.col("speed").is_in(list(SPEEDS))
                & (pl.col("unit_m3") > 0)
                & (pl.col("unit_kg") > 0)
                & (pl.col("units_per_vehicle") >= 1)
                & (pl.col("cost_usd") >= 0)
                & (pl.col("transit_s") >= 0)
            ).fill_null(value=False)
        )
        _refuse(
            odd["offer_id"],
            "offers with impossible speed, space, cost or transit",
            "correct the rates or vehicle types they come from",
        )


@dataclass(frozen=True)
class LinehaulPlan:
    """Who rides what, what it costs, and how good that is.

    Attributes
    ----------
    movements, parcel_movements, decisions
        Frames of schema `MOVEMENTS`, `PARCEL_MOVEMENTS` and `DECISIONS`.
    injected
        ``parcel_id, carrier_id, cost_usd``: parcels given to an origin-entry carrier.
    stranded
        ``parcel_id, reason``: parcels that nothing on offer can take to their destination.
    lane_summary
        A row a lane driven: movements, units, parcels, fill and cost.
    objective_usd
        Line-haul + handling of every touch after the origin + lateness + (injection - the
        delivery that it replaces).
    bound_usd
        No plan of the full model (every wave, every path of at most two hubs within the detour
        rule) costs less; see `bound`.
    gap
        ``(objective_usd - bound_usd) / objective_usd``.
    restricted_gap
        What HiGHS left open inside its restricted sub-problems; says nothing about the full model.
        Null when no sub-problem was solved.
    notes
        What was assumed, left out or exceeded, one sentence each.
    counts
        Sizes and work done, by name.
    """

    movements: pl.DataFrame
    parcel_movements: pl.DataFrame
    injected: pl.DataFrame
    stranded: pl.DataFrame
    decisions: pl.DataFrame
    lane_summary: pl.DataFrame
    objective_usd: float
    bound_usd: float
    gap: float
    restricted_gap: float | None
    notes: tuple[str, ...]
    counts: dict[str, int]


def _refuse(offenders: pl.Series, message: str, remedy: str) -> None:
    if offenders.len():
        shown = ", ".join(map(str, offenders.head(3).to_list()))
        raise InvalidValueError(f"{message}: {shown} ({offenders.len()} in all)", remedy=remedy)
