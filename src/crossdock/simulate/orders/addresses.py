"""What stands on the label: real streets where the reference has them, made-up ones elsewhere."""

from __future__ import annotations

import numpy as np
import polars as pl

SHARED_SHARE = 0.07
"""Parcels that share their street address with another: flats, offices. †"""

_COPIES_PER_SHARED = 0.52  # a shared address has two parcels, seldom three
PO_BOX_SHARE = 0.004  # †
IMPERFECT_SHARE = 0.003
"""Labels with a cut-off city name or all in lower case: still deliverable. †"""

_STREETS = (
    "Main", "Oak", "Maple", "Cedar", "Pine", "Elm", "Washington", "Walnut", "Chestnut", "Jefferson",
    "Madison", "Jackson", "Lincoln", "Franklin", "Adams", "Monroe", "Highland", "Sunset", "Church",
    "Spruce", "Willow", "Birch", "Cherry", "Dogwood", "Hickory", "Magnolia", "Sycamore", "Poplar",
    "Prospect", "Clinton", "Harrison", "Cleveland", "Grant", "Lafayette", "Liberty", "Union",
    "Meadow", "Hillcrest", "Fairview", "Woodland", "Lakeview", "Riverside", "Park", "Delaware",
    "Virginia", "Colonial", "Heritage", "Sheridan", "Douglas", "Warren", "Taylor", "Wilson",
    "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th", "11th", "12th", "14th",
)  # fmt: skip
_SUFFIXES = ("St", "Ave", "Dr", "Rd", "Ln", "Ct", "Blvd", "Way", "Pl", "Cir")
_SUFFIX_SHARE = (0.28, 0.22, 0.15, 0.13, 0.07, 0.05, 0.03, 0.03, 0.02, 0.02)
_DIRECTIONS = ("", "N ", "S ", "E ", "W ")
_DIRECTION_SHARE = (0.72, 0.07, 0.07, 0.07, 0.07)
_FIRST_NAMES = (
    "James", "Mary", "Robert", "Patricia", "John", "Jennifer", "Michael", "Linda", "David", "Emma",
    "William", "Sofia", "Luis", "Olivia", "Daniel", "Ava", "Carlos", "Mia", "Wei", "Priya", "Noah",
    "Amara", "Jamal", "Aisha", "Kenji", "Elena", "Omar", "Grace", "Ethan", "Chloe",
)  # fmt: skip
_LAST_NAMES = (
    "Smith", "Johnson", "Williams", "Brown", "Jones", "Garcia", "Miller", "Davis", "Rodriguez",
    "Martinez", "Hernandez", "Lopez", "Wilson", "Anderson", "Thomas", "Taylor", "Moore", "Jackson",
    "Martin", "Lee", "Perez", "Thompson", "White", "Harris", "Clark", "Lewis", "Robinson", "Walker",
    "Nguyen", "Patel", "Kim", "Chen", "Okafor", "Cohen", "Singh", "Rivera",
)  # fmt: skip


def address_lines(
    destinations: pl.DataFrame, reference: pl.DataFrame | None, rng: np.random.Generator
) -> pl.DataFrame:
    """Label of each order.

    Parameters
    ----------
    destinations
        ``zip5, city, state`` of each order.
    reference
        Real addresses, or None.
    rng
        Source of the draws.

    Returns
    -------
    polars.DataFrame
        ``address`` (one line) and ``real`` (from the reference), one row an order.
    """
    ranked = destinations.select(
        pl.int_range(pl.len()).alias("index"),
        "zip5",
        "city",
        "state",
        pl.int_range(pl.len()).over("zip5").alias("rank"),
    ).with_columns(_street(destinations.height, rng))
    streets = _with_real_streets(ranked, reference, rng).sort("index")
    return _labels(_with_neighbours(streets, rng), rng)


def recipients(parcels: int, rng: np.random.Generator) -> pl.Series:
    """Made-up names."""
    first = pl.Series(_FIRST_NAMES).gather(rng.integers(len(_FIRST_NAMES), size=parcels))
    last = pl.Series(_LAST_NAMES).gather(rng.integers(len(_LAST_NAMES), size=parcels))
    return pl.select(pl.concat_str(first, last, separator=" ")).to_series()


def _street(parcels: int, rng: np.random.Generator) -> pl.Expr:
    number = pl.Series(rng.integers(1, 9_999, size=parcels)).cast(pl.String)
    direction = pl.Series(_DIRECTIONS).gather(
        rng.choice(len(_DIRECTIONS), size=parcels, p=_DIRECTION_SHARE)
    )
    name = pl.Series(_STREETS).gather(rng.integers(len(_STREETS), size=parcels))
    suffix = pl.Series(_SUFFIXES).gather(rng.choice(len(_SUFFIXES), size=parcels, p=_SUFFIX_SHARE))
    return pl.format("{} {}{} {}", number, direction, name, suffix).alias("line1")


def _with_real_streets(
    ranked: pl.DataFrame, reference: pl.DataFrame | None, rng: np.random.Generator
) -> pl.DataFrame:
    """Give the first orders of each ZIP the ZIP's real addresses, each once, in random order."""
    if reference is None:
        return ranked.with_columns(pl.lit(value=False).alias("real"))
    wanted = ranked.select("zip5", "state").unique(maintain_order=True)
    known = (
        reference.filter(pl.col("latitude").is_not_null() & pl.col("longitude").is_not_null())
        .join(wanted, on=["zip5", "state"], how="semi", maintain_order="left")
        .select("zip5", pl.col("line1").alias("real_line1"), pl.col("city").alias("real_city"))
        .sort("zip5", "real_line1")
    )
    shuffled = known[rng.permutation(known.height)].with_columns(
        pl.int_range(pl.len()).over("zip5").alias("rank")
    )
    return ranked.join(shuffled, on=["zip5", "rank"], how="left").select(
        "index",
        "zip5",
        "rank",
        "state",
        pl.coalesce("real_line1", "line1").alias("line1"),
        pl.coalesce("real_city", "city").alias("city"),
        pl.col("real_line1").is_not_null().alias("real"),
    )


def _with_neighbours(streets: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Move some orders to the address of the order before them in their ZIP, with flat numbers."""
    lot = pl.Series(rng.random(streets.height))
    copies = round(SHARED_SHARE * _COPIES_PER_SHARED * streets.height)
    turn = pl.when(pl.col("rank") > 0).then(lot).rank("ordinal")
    place = ("line1", "city", "real")
    moved = (
        streets.with_columns((turn <= copies).fill_null(value=False).alias("moves"))
        .sort("zip5", "rank")  # rank 0 never moves: no address is filled from another ZIP
        .with_columns(pl.when(~pl.col("moves")).then(pl.col(place)).forward_fill().name.keep())
        .sort("index")
    )
    flat = pl.Series(rng.integers(1, 40, size=streets.height))
    return moved.with_columns(
        pl.when(pl.len().over("zip5", "line1") > 1)
        .then(pl.format(", Apt {}", flat))
        .otherwise(pl.lit(""))
        .alias("unit")
    )


def _labels(streets: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """One line each; a few post-office boxes, a few careless ones."""
    box_lot, careless_lot = (pl.Series(rng.random(streets.height)) for _ in range(2))
    box = ~pl.col("real") & (pl.col("unit") == "") & (box_lot < PO_BOX_SHARE)
    number = pl.Series(rng.integers(1, 4_000, size=streets.height))
    line = pl.when(box).then(pl.format("PO Box {}", number)).otherwise("line1")
    cut_city = pl.col("city").str.head(-1)
    city = (
        pl.when((careless_lot < IMPERFECT_SHARE / 2) & (pl.col("city").str.len_chars() > 4))
        .then(cut_city)
        .otherwise("city")
    )
    label = pl.format("{}{}, {}, {} {}", line, "unit", city, "state", "zip5")
    lower = careless_lot.is_between(IMPERFECT_SHARE / 2, IMPERFECT_SHARE)
    return streets.select(
        pl.when(lower).then(label.str.to_lowercase()).otherwise(label).alias("address"), "real"
    )
