# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
"""Typed door to the untyped ``zipcodes`` package, whose data ship inside the wheel."""

from __future__ import annotations

import gc

import polars as pl
import zipcodes

_SCHEMA = {
    "zip_code": pl.String,
    "zip_code_type": pl.String,
    "active": pl.Boolean,
    "city": pl.String,
    "acceptable_cities": pl.List(pl.String),
    "unacceptable_cities": pl.List(pl.String),
    "state": pl.String,
    "timezone": pl.String,
    "lat": pl.String,
    "long": pl.String,
}


def zip_frame() -> pl.DataFrame:
    """Every ZIP of the package, retired ones included; coordinates are text, empty or 0 if unknown.

    The package hands over half a million objects; collecting garbage meanwhile doubles the time.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        return pl.from_dicts(zipcodes.list_all(), schema=_SCHEMA)
    finally:
        if collects:
            gc.enable()
