"""Texts of an order read as what they mean: an instant, a ZIP, a service, numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import polars as pl

ISO_8601 = (
    r"^(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?P<minute>[0-9]{2}:[0-9]{2})"
    r"(?P<second>:[0-9]{2})?(?P<fraction>[.,][0-9]{1,9})? ?"
    r"(?P<offset>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?$"
)
NUMBER = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"
NUMBER_UNITS: Mapping[str, str] = MappingProxyType(
    {
        "weight_kg": "kilograms",
        "length_cm": "centimetres",
        "width_cm": "centimetres",
        "height_cm": "centimetres",
        "declared_value_usd": "US dollars",
        "pieces": "pieces",
    }
)


def read_values(services: Sequence[str]) -> list[pl.Expr]:
    """Typed columns ``_created_at, _ship_from_zip, _service`` and one a number, ``_weight_kg``.

    A value that cannot be read is null.
    """
    return [_created_at(), _ship_from_zip5(), _service(services), *_numbers()]


def _created_at() -> pl.Expr:
    """Instant in UTC; null where the text is not ISO 8601 with an offset."""
    parts = pl.col("created_at").str.extract_groups(ISO_8601).struct
    local = pl.concat_str(
        parts["date"],
        pl.lit("T"),
        parts["minute"],
        parts["second"].fill_null(":00"),
        parts["fraction"].fill_null(".0").str.replace(",", "."),
    ).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)
    offset = parts["offset"].str.to_uppercase().str.replace("Z", "+00:00", literal=True)
    digits = offset.str.replace_all(r"[^0-9]", "").str.pad_end(4, "0")
    minutes = digits.str.slice(0, 2).cast(pl.Int64) * 60 + digits.str.slice(2, 2).cast(pl.Int64)
    real_offset = (digits.str.slice(2, 2).cast(pl.Int64) < 60) & (minutes <= 14 * 60)
    east = pl.when(offset.str.starts_with("-")).then(-minutes).otherwise(minutes)
    instant = local.dt.replace_time_zone("UTC") - pl.duration(minutes=east)
    return pl.when(real_offset).then(instant).alias("_created_at")


def _ship_from_zip5() -> pl.Expr:
    found = pl.col("ship_from_zip").str.extract(r"^([0-9]{5})(?:-?[0-9]{4})?$")
    return found.alias("_ship_from_zip")


def _service(services: Sequence[str]) -> pl.Expr:
    """The service's own spelling, whatever the case in the file."""
    spelling = {service.lower(): service for service in services}
    return (
        pl.col("service")
        .str.to_lowercase()
        .replace_strict(list(spelling), list(spelling.values()), default=None)
        .cast(pl.String)
        .alias("_service")
    )


def _numbers() -> list[pl.Expr]:
    """Each number field as Float64 under ``_name``; null where the text is not a finite number."""
    return [
        pl.when(pl.col(name).str.contains(NUMBER))
        .then(pl.col(name).cast(pl.Float64, strict=False))
        .alias(f"_{name}")
        for name in NUMBER_UNITS
    ]
