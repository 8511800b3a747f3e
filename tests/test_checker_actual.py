"""What happened as an outside auditor sees it; and the auditor itself, on broken tables."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from checker import Run, audit, check_run
from played_run import DAY, ROUGH, Played, planned, play, write

HOUR = dt.timedelta(hours=1)
Tables = dict[str, pl.DataFrame]
Change = Callable[[Tables], None]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planned(tmp_path_factory.mktemp("runs") / "run", parcels=250, metros=12)


@pytest.fixture(scope="module")
def rough(run: Path) -> Played:
    return play(run)


@pytest.fixture(scope="module")
def audited(run: Path, rough: Played) -> Run:
    return replace(Run.read(run), actual=rough.tables)


def test_a_played_run_has_no_fault(run: Path, rough: Played, tmp_path: Path) -> None:
    folder = tmp_path / "played"
    folder.mkdir()
    for file in (run / "manifest.json", run / "rejects.csv"):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "network").symlink_to(run / "network")
    write(rough, folder)
    assert check_run(folder) == []


@pytest.mark.parametrize("seed", [11, 12])
def test_other_days_of_the_plan_have_no_fault(run: Path, audited: Run, seed: int) -> None:
    played = play(run, truth=replace(ROUGH, missed_scan=0.25), seed=seed)
    assert audit(replace(audited, actual=played.tables)) == []


def test_what_was_under_way_before_is_counted_apart(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = planned(
        tmp_path_factory.mktemp("runs") / "warm", parcels=80, metros=4, warm_start=True
    )
    played = play(folder)
    assert audit(replace(Run.read(folder), actual=played.tables)) == []
    for name in ("", "background_"):
        parcels = played.tables[f"{name}parcels"]
        assert parcels.height > 0
        assert parcels["cost_usd"].sum() == pytest.approx(
            played.tables[f"{name}ledger"]["cost_usd"].sum()
        )


def change(table: str, **columns: pl.Expr) -> Change:
    """Columns of a whole table changed."""

    def apply(tables: Tables) -> None:
        tables[table] = tables[table].with_columns(**columns)

    return apply


def first(table: str, where: pl.Expr, **columns: pl.Expr) -> Change:
    """Columns of the first row that fits changed."""

    def apply(tables: Tables) -> None:
        frame = tables[table].with_row_index("_row")
        fitting = frame.filter(where)
        assert fitting.height, f"no row of {table} to break"
        hit = pl.col("_row") == fitting["_row"][0]
        changed = [pl.when(hit).then(new).otherwise(old).alias(old) for old, new in columns.items()]
        tables[table] = frame.with_columns(changed).drop("_row")

    return apply


def drop_first(table: str, where: pl.Expr | None = None) -> Change:
    def apply(tables: Tables) -> None:
        frame = tables[table].with_row_index("_row")
        fitting = frame if where is None else frame.filter(where)
        assert fitting.height, f"no row of {table} to drop"
        tables[table] = frame.filter(pl.col("_row") != fitting["_row"][0]).drop("_row")

    return apply


def drop_all(table: str, where: pl.Expr) -> Change:
    def apply(tables: Tables) -> None:
        kept = tables[table].filter(~where)
        assert kept.height < tables[table].height
        tables[table] = kept

    return apply


def a_driver_without_rest(tables: Tables) -> None:
    """One driver at the wheel for 12 hours."""
    events = tables["events"]
    pattern = events.filter(pl.col("kind") == "duty_changed").head(1)
    start = pattern["occurred_at"][0] + dt.timedelta(days=20)
    steps = [
        pattern.with_columns(
            driver_id=pl.lit("TIRED"),
            source_event_id=pl.lit(f"tired-{activity}"),
            occurred_at=pl.lit(start + hours * HOUR).dt.cast_time_unit("us"),
            payload=pl.lit(json.dumps({"activity": activity, "load_id": "L-1"})),
        )
        for activity, hours in (("D", 0), ("OFF", 12))
    ]
    tables["events"] = pl.concat([events, *steps])


RODE = pl.col("actual_departs_at").is_not_null()
NETWORK = pl.col("grain") == "network"
NEVER = pl.lit(None, pl.Datetime("us", "UTC"))
BREAKS: dict[str, tuple[str, Change]] = {
    "a load at other times": (
        "loads as told",
        first("loads", RODE, actual_arrives_at=pl.col("actual_arrives_at") + HOUR),
    ),
    "a load nobody added": (
        "loads as told", first("loads", RODE, load_id=pl.lit("L-NOWHERE")),
    ),
    "a leg that was not ridden": (
        "scan trail", first("legs", ~RODE, actual_departs_at=pl.col("departs_at")),
    ),
    "a ride left out": (
        "scan trail", first("legs", RODE, actual_departs_at=NEVER, actual_arrives_at=NEVER),
    ),
    "a leg at times not of its load": (
        "scan trail", first("legs", RODE, actual_departs_at=pl.col("actual_departs_at") - HOUR),
    ),
    "a reroute left out": ("scan trail", drop_first("reroutes")),
    "a reroute invented": (
        "scan trail", change("reroutes", load_id=pl.lit("L-NOWHERE")),
    ),
    "a ride that ends before it begins": (
        "times in order",
        first("reroutes", RODE, actual_arrives_at=pl.col("actual_departs_at") - HOUR),
    ),
    "a visit left out": (
        "stops as told",
        first("routes", pl.col("actual_arrives_at").is_not_null(), actual_arrives_at=NEVER),
    ),
    "a visit invented": (
        "stops as told",
        first("routes", pl.col("actual_arrives_at").is_null(),
              actual_arrives_at=pl.col("arrives_at")),
    ),
    "a reattempt left out": ("stops as told", drop_first("reattempts")),
    "a parcel delivered that was lost": (
        "one end each",
        first("parcels", pl.col("final_state") == "lost", final_state=pl.lit("delivered")),
    ),
    "a parcel gone": ("one end each", drop_first("parcels")),
    "delivered an hour sooner": (
        "one end each",
        first("parcels", pl.col("final_state") == "delivered", final_at=pl.col("final_at") - HOUR),
    ),
    "an attempt too many": (
        "one end each",
        first("parcels", pl.col("attempts") > 0, attempts=pl.col("attempts") + 1),
    ),
    "a terminal event lost": (
        "one end each", drop_all("events", pl.col("kind") == "lost"),
    ),
    "a driver without rest": ("drivers rest", a_driver_without_rest),
    "a ledger row lost": (
        "ledger of the run", drop_first("ledger", pl.col("kind") == "lastmile"),
    ),
    "a ledger a tenth too dear": (
        "ledger of the run", change("ledger", cost_usd=pl.col("cost_usd") * 1.1),
    ),
    "a claim too large": (
        "ledger of the run",
        first("ledger", pl.col("kind") == "claim", cost_usd=pl.lit(1_000.0)),
    ),
    "a return of a parcel that was delivered": (
        "ledger of the run", first("ledger", pl.col("kind") == "pickup", kind=pl.lit("return")),
    ),
    "a cause left out": ("lateness", drop_first("lateness")),
    "a cause of another parcel": (
        "lateness", first("lateness", pl.lit(value=True), parcel_id=pl.lit("P-0")),
    ),
    "another lateness": (
        "lateness",
        first("lateness", pl.col("minutes_late") > 0, minutes_late=pl.col("minutes_late") + 60),
    ),
    "a KPI rounded": ("kpis of the run", change("kpis", value=pl.col("value").round(2))),
    "a KPI missing": (
        "kpis of the run",
        drop_first("kpis", NETWORK & (pl.col("name") == "on_time_delivery")),
    ),
    **{
        f"{name} that flatters": (
            "kpis of the run",
            first("kpis", NETWORK & (pl.col("name") == name),
                  numerator=pl.col("numerator") + 1,
                  value=(pl.col("numerator") + 1) / pl.col("denominator")),
        )
        for name in (
            "on_time_delivery", "on_time_delivery_net", "on_time_service", "first_attempt_success",
            "cost_per_package", "cost_per_package_recovery", "load_utilisation_cube",
            "load_utilisation_weight", "empty_miles_share", "stops_per_hour", "damage_rate",
            "loss_rate", "return_rate", "eta_coverage_p80", "on_time_departure_15",
            "on_time_arrival_15",
        )
    },
}  # fmt: skip


@pytest.mark.parametrize(("rule", "broken"), BREAKS.values(), ids=BREAKS)
def test_the_auditor_sees_a_broken_rule(audited: Run, rule: str, broken: Change) -> None:
    assert audited.actual is not None
    tables = dict(audited.actual)
    broken(tables)
    faults = audit(replace(audited, actual=tables))
    assert any(fault.startswith(f"{rule}: ") for fault in faults), faults


def test_a_plan_that_was_not_played_is_audited_as_a_plan(run: Path) -> None:
    assert Run.read(run).actual is None
    assert check_run(run) == []


def test_days_are_long_enough_for_every_end(rough: Played) -> None:
    """The world of these tests is rough enough to show each rule something."""
    states = set(rough.tables["parcels"]["final_state"])
    assert {"delivered", "returned", "lost", "destroyed"} <= states
    assert rough.tables["reroutes"].height > 0
    span = rough.events["occurred_at"].max() - rough.events["occurred_at"].min()  # type: ignore[operator]
    assert span.total_seconds() > 5 * DAY
