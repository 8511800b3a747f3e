"""Rules of a single row: what its cells must be to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from crossdock.model.network.faults import all_faults, cell_faults

ROW = "_row"
"""Column of the 1-based data row, carried by every table while it is checked."""

Geocode = Callable[[str], tuple[float, float] | None]
"""Latitude and longitude of an address, None where it cannot be placed."""

LONGEST_WAVE_MIN = 16 * 60
"""A sort that lasts longer has its start and end the wrong way round (assumption †)."""

_DAY_MIN = 24 * 60


@dataclass(frozen=True)
class Rule:
    """``broken`` is true on a row that breaks the rule; ``field`` names the cell to look at."""

    field: str
    broken: pl.Expr
    reason: str
    remedy: str


def row_faults(file: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Every broken rule of every row of ``file``."""
    found = [
        cell_faults(
            file,
            broken[ROW],
            field=rule.field,
            values=as_text(broken[rule.field]),
            reason=rule.reason,
            remedy=rule.remedy,
        )
        for rule in (*_RULES.get(file, ()), _IN_FORCE)
        if not (broken := rows.filter(rule.broken)).is_empty()
    ]
    return all_faults(found)


def placed(
    facilities: pl.DataFrame, geocode: Geocode | None
) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """Facilities with coordinates for those that have an address only.

    Returns
    -------
    tuple
        All facilities, the faults of those that could not be placed, and the ids of those that
        were placed by their address.
    """
    by_address = facilities.filter(pl.col("latitude").is_null() & pl.col("address").is_not_null())
    points = [geocode(address) if geocode else None for address in by_address["address"]]
    found = by_address.select(ROW, "facility_id", "address").with_columns(
        found_latitude=pl.Series([point and point[0] for point in points], dtype=pl.Float64),
        found_longitude=pl.Series([point and point[1] for point in points], dtype=pl.Float64),
    )
    lost = found.filter(pl.col("found_latitude").is_null())
    faults = cell_faults(
        "facilities",
        lost[ROW],
        field="address",
        values=lost["address"],
        reason="the address cannot be placed",
        remedy="give latitude and longitude, or an address that ends with its ZIP",
    )
    located = facilities.join(
        found.select(ROW, "found_latitude", "found_longitude"),
        on=ROW,
        how="left",
        maintain_order="left",
    ).with_columns(
        latitude=pl.coalesce("latitude", "found_latitude"),
        longitude=pl.coalesce("longitude", "found_longitude"),
    )
    by_zip = found.filter(pl.col("found_latitude").is_not_null())["facility_id"].to_list()
    return located.drop("found_latitude", "found_longitude"), faults, by_zip


def as_text(values: pl.Series) -> pl.Series:
    """Typed cells as a person wrote them, near enough to find them again."""
    if values.dtype == pl.List(pl.String):
        return values.list.join(";")
    if values.dtype == pl.Time:
        return values.dt.to_string("%H:%M")
    return values.cast(pl.String)


def _minute(name: str) -> pl.Expr:
    return pl.col(name).dt.hour().cast(pl.Int64) * 60 + pl.col(name).dt.minute()


def _span_min(start: str, end: str) -> pl.Expr:
    """Minutes on the clock from ``start`` to the next ``end``."""
    return (_minute(end) - _minute(start)) % _DAY_MIN


_IN_FORCE = Rule(
    "effective_to",
    pl.col("effective_to") < pl.col("effective_from"),
    "ends before it begins",
    "put effective_to on or after effective_from",
)

_SELF_LANE = Rule(
    "to",
    pl.col("from") == pl.col("to"),
    "the lane leads back to its own start",
    "name two different facilities",
)

_RULES: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        "facilities": (
            Rule(
                "latitude",
                pl.col("latitude").is_null() & pl.col("longitude").is_not_null(),
                "longitude without latitude",
                "give both, or neither and an address",
            ),
            Rule(
                "longitude",
                pl.col("longitude").is_null() & pl.col("latitude").is_not_null(),
                "latitude without longitude",
                "give both, or neither and an address",
            ),
            Rule(
                "address",
                pl.all_horizontal(pl.col("latitude", "longitude", "address").is_null()),
                "neither coordinates nor an address",
                "give latitude and longitude, or an address with its ZIP",
            ),
        ),
        "sort_waves": (
            Rule(
                "ends",
                pl.col("starts") == pl.col("ends"),
                "the wave ends when it starts",
                "give the time at which the sort is finished",
            ),
            Rule(
                "ends",
                (pl.col("starts") != pl.col("ends"))
                & (_span_min("starts", "ends") > LONGEST_WAVE_MIN),
                "the wave would last more than 16 hours",
                "check starts and ends: they may be swapped",
            ),
            Rule(
                "inbound_cutoff",
                _span_min("inbound_cutoff", "ends") > _span_min("starts", "ends") + _DAY_MIN // 2,
                "the inbound cut-off comes after the end of the wave",
                "put the cut-off before ends",
            ),
        ),
        "calendars": (
            Rule(
                "date",
                pl.col("date").is_null() & pl.col("weekday").is_null(),
                "neither a date nor a weekday",
                "fill in one of the two",
            ),
            Rule(
                "weekday",
                pl.col("date").is_not_null() & pl.col("weekday").is_not_null(),
                "both a date and a weekday",
                "fill in one of the two",
            ),
            Rule(
                "closes",
                pl.col("closes") <= pl.col("opens"),
                "closes before it opens",
                "put closes after opens",
            ),
        ),
        "lanes": (
            _SELF_LANE,
            Rule(
                "transit_h_p90",
                pl.col("transit_h_p90") < pl.col("transit_h_p50"),
                "the slow drive (p90) is faster than the median one (p50)",
                "make transit_h_p90 at least transit_h_p50",
            ),
        ),
        "departures": (_SELF_LANE,),
        "appointments": (
            Rule(
                "closes",
                pl.col("opens") == pl.col("closes"),
                "the window closes when it opens",
                "give a window of some minutes",
            ),
        ),
        "duty_log": (
            Rule(
                "to",
                pl.col("to") <= pl.col("from"),
                "the segment ends before it begins",
                "put to after from",
            ),
        ),
        "carriers": (
            Rule(
                "commit_max",
                pl.col("commit_max") < pl.col("commit_min"),
                "commit_max is under commit_min",
                "make commit_max at least commit_min",
            ),
        ),
        "rates": (
            Rule(
                "weight_to_kg",
                pl.col("weight_to_kg") <= pl.col("weight_from_kg"),
                "the weight bracket is upside down",
                "make weight_to_kg larger than weight_from_kg",
            ),
        ),
        "documents": (
            Rule(
                "expires",
                pl.col("expires") < pl.col("issued"),
                "expires before it is issued",
                "check both dates",
            ),
        ),
    }
)
