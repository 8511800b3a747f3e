"""Two runs compared: money by cause, promises by lane, lanes and metros that changed, inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import polars as pl

from crossdock.measure.causes import cost_causes
from crossdock.measure.decisions import read_decision, subject_key
from crossdock.measure.diff.inputs import network_changes
from crossdock.measure.diff.lived import LivedDiff, lived_diff
from crossdock.measure.diff.text import diff_text
from crossdock.measure.frames import (
    Tables,
    lane,
    on_time_for_promise,
    on_time_for_service,
    table,
)
from crossdock.measure.kpis import plan_kpis
from crossdock.measure.ledger import summarize
from crossdock.model.network import Network
from crossdock.model.units import METERS_PER_MILE, SECONDS_PER_HOUR

LIKELY = 0.5
"""A promise counts as gained or lost where its probability passes this."""


@dataclass(frozen=True)
class PlanRecord:
    """A run as it lies in its folder: tables, manifest, and the network it was planned on.

    Attributes
    ----------
    tables
        As planned.
    lived
        Tables of what happened; None: it was not played.
    """

    name: str
    tables: Tables
    manifest: Mapping[str, Any]
    network: Network
    lived: Tables | None = None


@dataclass(frozen=True)
class RunDiff:
    """What differs between run ``a`` and run ``b``; differences are ``b`` less ``a``.

    Attributes
    ----------
    kpis
        ``name, unit, value_a, value_b, difference`` over the network.
    causes
        As `crossdock.measure.cost_causes`; sums to the difference of the two ledgers.
    promises
        By lane: ``parcels, service_gained, service_lost, promise_gained, promise_lost``.
    lanes
        Line-haul lanes that changed, the largest difference in cost first, with ``reason_a`` and
        ``reason_b`` from the decisions of each run.
    metros
        Last mile by facility: routes, stops, hours, miles and cost of both, the largest difference
        first, with the reason.
    inputs
        As `network_changes`.
    settings
        Manifest entries that differ: ``name, value_a, value_b``.
    parcels_only_a, parcels_only_b
        Orders that only one of the runs plans.
    lived
        What happened, where both runs were played.
    """

    name_a: str
    name_b: str
    kpis: pl.DataFrame
    causes: pl.DataFrame
    promises: pl.DataFrame
    lanes: pl.DataFrame
    metros: pl.DataFrame
    inputs: pl.DataFrame
    settings: pl.DataFrame
    parcels_only_a: int
    parcels_only_b: int
    lived: LivedDiff | None = None

    @property
    def cost_difference_usd(self) -> float:
        """What ``b`` costs more than ``a``."""
        return float(self.causes["difference_usd"].sum())

    @property
    def text(self) -> str:
        """The comparison for a terminal."""
        return diff_text(self)


def diff_runs(a: PlanRecord, b: PlanRecord) -> RunDiff:
    """Compare two runs.

    Parameters
    ----------
    a, b
        The runs; ``a`` is the yardstick. Parcels are matched by ``order_id``.
    """
    orders_a = table(a.tables, "parcels").select("order_id")
    orders_b = table(b.tables, "parcels").select("order_id")
    return RunDiff(
        name_a=a.name,
        name_b=b.name,
        kpis=_kpis_beside(a.tables, b.tables),
        causes=cost_causes(
            summarize(a.tables, a.network, name=a.name), summarize(b.tables, b.network, name=b.name)
        ),
        promises=_promises_by_lane(a.tables, b.tables),
        lanes=_lanes_changed(a.tables, b.tables),
        metros=_metros_changed(a.tables, b.tables),
        inputs=network_changes(a.network, b.network),
        settings=_settings_changed(a.manifest, b.manifest),
        parcels_only_a=orders_a.join(orders_b, on="order_id", how="anti").height,
        parcels_only_b=orders_b.join(orders_a, on="order_id", how="anti").height,
        lived=None if a.lived is None or b.lived is None else lived_diff(a.lived, b.lived),
    )


def _kpis_beside(a: Tables, b: Tables) -> pl.DataFrame:
    one, other = (
        plan_kpis(tables).filter(pl.col("grain") == "network").select("name", "unit", "value")
        for tables in (a, b)
    )
    return one.join(other, on=["name", "unit"], suffix="_b", maintain_order="left").select(
        "name",
        "unit",
        value_a="value",
        value_b="value_b",
        difference=pl.col("value_b") - pl.col("value"),
    )


def _promises_by_lane(a: Tables, b: Tables) -> pl.DataFrame:
    kept = [
        table(tables, "parcels").select(
            "order_id",
            lane("origin_facility_id", "destination_facility_id"),
            service=on_time_for_service(),
            promise=on_time_for_promise() >= LIKELY,
        )
        for tables in (a, b)
    ]
    both = kept[0].join(kept[1], on="order_id", suffix="_b")
    changes = [
        expression.sum().cast(pl.Int64).alias(name)
        for what in ("service", "promise")
        for name, expression in (
            (f"{what}_gained", ~pl.col(what) & pl.col(f"{what}_b")),
            (f"{what}_lost", pl.col(what) & ~pl.col(f"{what}_b")),
        )
    ]
    by_lane = both.group_by(pl.col("lane_b").alias("lane")).agg(
        pl.len().cast(pl.Int64).alias("parcels"), *changes
    )
    moved = pl.sum_horizontal("service_gained", "service_lost", "promise_gained", "promise_lost")
    return by_lane.filter(moved > 0).sort(moved, "lane", descending=[True, False])


def _lanes_changed(a: Tables, b: Tables) -> pl.DataFrame:
    one, other = _lane_profile(a), _lane_profile(b)
    both = one.join(other, on="lane", how="full", suffix="_b", coalesce=True).with_columns(
        pl.col("cost_usd", "cost_usd_b").fill_null(0.0),
        pl.col("loads", "loads_b", "parcels", "parcels_b").fill_null(0),
        pl.col("uses", "uses_b").fill_null("nothing"),
    )
    changed = both.filter(
        ((pl.col("cost_usd") - pl.col("cost_usd_b")).abs() > 0.005)
        | (pl.col("uses") != pl.col("uses_b"))
    ).with_columns(difference_usd=pl.col("cost_usd_b") - pl.col("cost_usd"))
    ordered = changed.sort(pl.col("difference_usd").abs(), "lane", descending=[True, False]).rename(
        {"cost_usd": "cost_usd_a", "loads": "loads_a", "parcels": "parcels_a", "uses": "uses_a"}
    )
    return _with_reasons(ordered, "lane", ("first_load", "first_load_b"), a, b)


def _lane_profile(tables: Tables) -> pl.DataFrame:
    loads = table(tables, "loads").with_columns(
        lane(),
        use=pl.format("{} {}", "kind", pl.col("vehicle_type").fill_null("tractor")),
    )
    return (
        loads.sort("cost_usd", "load_id", descending=[True, False])
        .group_by("lane", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("loads"),
            pl.col("parcels").sum(),
            pl.col("cost_usd").sum(),
            pl.col("use").unique().sort().str.join(", ").alias("uses"),
            pl.col("load_id").first().alias("first_load"),
        )
    )


def _metros_changed(a: Tables, b: Tables) -> pl.DataFrame:
    one, other = _metro_profile(a), _metro_profile(b)
    both = one.join(other, on="facility_id", how="full", suffix="_b", coalesce=True)
    filled = both.with_columns(
        pl.col(pl.Float64).fill_null(0.0), pl.col(pl.Int64, pl.UInt32).fill_null(0)
    ).with_columns(difference_usd=pl.col("cost_usd_b") - pl.col("cost_usd"))
    figures = ("routes", "stops", "hours", "miles", "cost_usd")
    changed = pl.any_horizontal(
        *((pl.col(name) - pl.col(f"{name}_b")).abs() > 1e-6 for name in figures)
    )
    ordered = (
        filled.filter(changed)
        .sort(pl.col("difference_usd").abs(), "facility_id", descending=[True, False])
        .rename({name: f"{name}_a" for name in figures})
    )
    return _with_reasons(ordered, "facility_id", ("first_route", "first_route_b"), a, b)


def _metro_profile(tables: Tables) -> pl.DataFrame:
    return (
        table(tables, "tours")
        .sort("cost_usd", "route_id", descending=[True, False])
        .group_by("facility_id", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("routes"),
            pl.col("stops").sum(),
            (pl.col("paid_s").sum() / SECONDS_PER_HOUR).alias("hours"),
            (pl.col("distance_m").sum() / METERS_PER_MILE).alias("miles"),
            pl.col("cost_usd").sum(),
            pl.col("route_id").first().alias("first_route"),
        )
    )


def _with_reasons(
    frame: pl.DataFrame, subject: str, fallback: tuple[str, str], a: Tables, b: Tables
) -> pl.DataFrame:
    """The decision on the lane or facility itself, else on its most costly load or route."""
    reasons: dict[str, list[str]] = {}
    for name, column, tables in (("reason_a", fallback[0], a), ("reason_b", fallback[1], b)):
        known = _first_reasons(tables)
        reasons[name] = [
            known.get(key) or known.get(other or "") or ""
            for key, other in zip(frame[subject], frame[column], strict=True)
        ]
    return frame.with_columns(
        pl.Series(name, values, dtype=pl.String) for name, values in reasons.items()
    ).drop(fallback)


def _first_reasons(tables: Tables) -> dict[str, str]:
    decisions = table(tables, "decisions").with_columns(subject_key())
    first = decisions.unique("subject", keep="first", maintain_order=True)
    return {row["subject"]: read_decision(row).reason for row in first.to_dicts()}


def _settings_changed(a: Mapping[str, Any], b: Mapping[str, Any]) -> pl.DataFrame:
    """Scalar manifest entries that differ; figures of the machine are no setting."""
    one, other = _scalars(a), _scalars(b)
    rows = [
        (name, one.get(name, ""), other.get(name, ""))
        for name in sorted({*one, *other})
        if one.get(name, "") != other.get(name, "")
    ]
    schema = {"name": pl.String, "value_a": pl.String, "value_b": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


_SETTINGS = ("seed", "policy", "start_date", "version", "versions", "engine", "options")


def _scalars(manifest: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in _SETTINGS:
        value = manifest.get(name)
        if isinstance(value, Mapping):
            nested = cast("Mapping[str, Any]", value)
            found |= {f"{name}.{inner}": str(each) for inner, each in nested.items()}
        elif value is not None:
            found[name] = str(value)
    return found
