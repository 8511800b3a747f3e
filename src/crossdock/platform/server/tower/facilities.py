"""Facilities: where they are, what waits there, what is wrong there."""

from __future__ import annotations

import polars as pl

from crossdock.operate.present import Present
from crossdock.platform.server.tower.ground import Ground


def facility_rows(present: Present, ground: Ground) -> pl.DataFrame:
    """The facilities of the released plans, with ``queue`` and open ``exceptions``, by id."""
    return (
        ground.facilities.join(_waiting(present), on="facility_id", how="left")
        .join(_wrong(present), on="facility_id", how="left")
        .with_columns(pl.col("queue", "exceptions").fill_null(0))
        .with_columns(queue=pl.col("queue") + _to_be_planned(ground))
        .sort("facility_id")
    )


def known_facilities(present: Present, ground: Ground) -> pl.DataFrame:
    """`facility_rows`, and the facilities that hold a parcel and are in no released plan.

    Of the latter nobody knows more than the id: their time is UTC.
    """
    planned = facility_rows(present, ground)
    others = (
        _waiting(present)
        .join(planned, on="facility_id", how="anti")
        .join(_wrong(present), on="facility_id", how="left")
        .with_columns(
            pl.col("exceptions").fill_null(0),
            timezone=pl.lit("UTC"),
            roles=pl.lit([], dtype=pl.List(pl.String)),
        )
    )
    return pl.concat([planned, others], how="diagonal").sort("facility_id")


def _waiting(present: Present) -> pl.DataFrame:
    return (
        present.parcels.filter(
            (pl.col("custody_kind") == "facility") & pl.col("custody_id").is_not_null()
        )
        .group_by(facility_id="custody_id")
        .agg(queue=pl.len().cast(pl.Int64))
    )


def _to_be_planned(ground: Ground) -> pl.Expr:
    """Orders that will enter there and are being planned."""
    facility = pl.col("facility_id")
    return facility.replace_strict(ground.waiting, default=0, return_dtype=pl.Int64)


def _wrong(present: Present) -> pl.DataFrame:
    return (
        present.standing_exceptions.filter(pl.col("closed_at").is_null())
        .group_by("facility_id")
        .agg(exceptions=pl.len())
    )
