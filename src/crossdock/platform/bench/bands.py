"""Whether played days look like a delivery network's: KPIs over seeds, with their spread."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from crossdock.platform.running import lived_figures
from crossdock.platform.store import versions


@dataclass(frozen=True)
class Band:
    """What a KPI of the demo should lie in (network.md §8): the sum of ``kpis``."""

    title: str
    kpis: tuple[str, ...]
    low: float
    high: float
    unit: str = "share"


BANDS: Mapping[str, Band] = {
    "on_time": Band("On time, of all", ("on_time_delivery",), 0.92, 0.98),
    "on_time_net": Band("On time, excused left out", ("on_time_delivery_net",), 0.92, 0.98),
    "first_attempt": Band("First attempt", ("first_attempt_success",), 0.90, 0.96),
    "stops_per_hour": Band("Stops an hour", ("stops_per_hour",), 8.0, 20.0, "1/h"),
    "linehaul_usd": Band(
        "Line-haul a parcel", ("cost_per_package_linehaul", "cost_per_package_recovery"),
        0.0, 3.0, "usd",
    ),
    "all_in_usd": Band("All in a parcel", ("cost_per_package",), 6.0, 12.0, "usd"),
}  # fmt: skip


def measure_bands(
    sizes: Sequence[tuple[int, int]], seed: int, *, workers: int, quiet: bool = False
) -> pl.DataFrame:
    """Play warm days of ``(parcels, seeds)`` each and hold their KPIs against `BANDS`.

    Returns
    -------
    polars.DataFrame
        ``parcels, band, mean, low, high, seeds, within``: spread over the seeds, and how many of
        them lie in the band.
    """
    played = [
        _banded(
            lived_figures(
                ("crossdock",),
                range(seed, seed + seeds),
                {"parcels": parcels, "warm_start": True},
                workers=workers,
                quiet=quiet,
            )
        ).select(pl.lit(parcels).alias("parcels"), pl.all())
        for parcels, seeds in sizes
    ]
    return pl.concat(played)


def write_bands(found: pl.DataFrame, folder: Path) -> Path:
    """Write ``bands.md`` and ``bands.csv`` into ``folder``; returns the path of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    found.write_csv(folder / "bands.csv", float_precision=4)
    page = folder / "bands.md"
    page.write_text(_markdown(found), encoding="utf-8")
    return page


def _banded(figures: pl.DataFrame) -> pl.DataFrame:
    rows: list[dict[str, object]] = []
    for name, band in BANDS.items():
        each = (
            figures.filter(pl.col("name").is_in(band.kpis))
            .group_by("seed")
            .agg(pl.col("value").sum().round(6))["value"]
        )
        rows.append(
            {
                "band": name,
                "mean": each.mean(),
                "low": each.min(),
                "high": each.max(),
                "seeds": each.len(),
                "within": each.is_between(band.low, band.high).sum(),
            }
        )
    return pl.DataFrame(rows)


def _markdown(found: pl.DataFrame) -> str:
    lines = [
        "# The bands: do played days look like a delivery network's?",
        "",
        f"Made by `crossdock bench bands` on {os.cpu_count()} cores with "
        + ", ".join(f"{name} {number}" for name, number in versions().items())
        + ".",
        "Warm days of the built-in network; mean, and the lowest and highest of the seeds.",
        "",
        "| parcels | what | band | mean | lowest | highest | seeds in the band |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in found.iter_rows(named=True):
        band = BANDS[row["band"]]
        span = f"{_figure(band.low, band)} to {_figure(band.high, band)}"
        lines.append(
            f"| {row['parcels']:,} | {band.title} | {span} | {_figure(row['mean'], band)} "
            f"| {_figure(row['low'], band)} | {_figure(row['high'], band)} "
            f"| {row['within']} of {row['seeds']} |"
        )
    return "\n".join([*lines, ""])


def _figure(value: float, band: Band) -> str:
    match band.unit:
        case "share":
            return f"{100 * value:.1f} %"
        case "usd":
            return f"${value:.2f}"
        case _:
            return f"{value:.1f}"
