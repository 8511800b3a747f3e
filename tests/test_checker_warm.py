"""A run that began with parcels under way, as an outside auditor sees it; and on broken tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from checker import Run, audit, check_run
from checker.reading import BACKGROUND
from test_checker import (
    HOUR,
    MINUTE,
    Change,
    change,
    double_first,
    drop_first,
    first,
    later,
    of_rule,
    planned,
)

Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """By habit: what is under way rides on with the day's own, none is handed over at once."""
    return planned(
        tmp_path_factory, parcels=150, metros=8, seed=3, policy="baseline", warm_start=True
    )


@pytest.fixture(scope="module")
def read(warm: Path) -> Run:
    return Run.read(warm)


def test_a_warm_plan_has_no_fault_and_shares_its_loads(warm: Path, read: Run) -> None:
    assert check_run(warm) == []
    own = pl.col("parcel_id").is_in(read["parcels"]["parcel_id"].implode())
    riders = read["legs"].group_by("load_id").agg(own.any().alias("own"), own.all().alias("all"))
    assert riders.filter(pl.col("own") & ~pl.col("all")).height > 0
    assert read.background("state")["load_id"].count() > 0


def test_a_cold_run_has_no_background(read: Run) -> None:
    cold = {name: each for name, each in read.tables.items() if "background" not in name}
    run = replace(read, tables=cold)
    assert run.whole("parcels").equals(run["parcels"])
    assert all(run.background(name).is_empty() for name in BACKGROUND)
    assert of_rule(audit(run), "one way to the door")


# --- broken on purpose --------------------------------------------------------------------------


def copy_first(table: str, into: str) -> Change:
    def apply(tables: Tables) -> None:
        row = tables[table].select(tables[into].columns).head(1)
        tables[into] = pl.concat([tables[into], row])

    return apply


def without(table: str) -> Change:
    def apply(tables: Tables) -> None:
        del tables[table]

    return apply


def available_after_it_left(tables: Tables) -> None:
    """A parcel waits for a minute longer than its trailer does."""
    legs = tables["legs"].filter(pl.col("seq") == 1)
    leg = legs.join(tables["background_parcels"], on="parcel_id", how="semi").row(0, named=True)
    first(
        "background_state",
        pl.col("parcel_id") == leg["parcel_id"],
        available_at=pl.lit(leg["departs_at"] + MINUTE).dt.cast_time_unit("us"),
    )(tables)


def move_share(tables: Tables, key: str, usd: float, at: int = 0) -> None:
    """``usd`` of an entry that both ledgers share, from the day's own to the background's."""
    shared = (
        tables["ledger"]
        .filter(pl.col(key).is_not_null())
        .join(tables["background_ledger"], on="entry_id", how="semi")
    )
    entry = shared["entry_id"][at]
    for table, more in (("ledger", -usd), ("background_ledger", usd)):
        hit = pl.col("entry_id") == entry
        first(table, hit, cost_usd=pl.col("cost_usd") + more)(tables)


def share_of_a_load(tables: Tables) -> None:
    move_share(tables, "load_id", 0.1)


def share_of_a_route(tables: Tables) -> None:
    move_share(tables, "route_id", 0.1)


def shares_that_even_out(tables: Tables) -> None:
    """No sum of either ledger is wrong, only whose load it is."""
    move_share(tables, "load_id", 0.1, at=0)
    move_share(tables, "load_id", -0.1, at=1)


def an_entry_of_two_kinds(tables: Tables) -> None:
    shared = tables["ledger"]["entry_id"].implode()
    first("background_ledger", pl.col("entry_id").is_in(shared), kind=pl.lit("accessorial"))(tables)


COMING = pl.col("load_id").is_not_null()
ROUTED = pl.col("parcel_id").str.starts_with("P-202611")
BREAKS: dict[str, tuple[str, Change]] = {
    "a background parcel twice": ("one parcel an order", double_first("background_parcels")),
    "a parcel in both tables": (
        "one parcel an order", copy_first("background_parcels", into="parcels"),
    ),
    "one of the day's own in both": (
        "background", copy_first("parcels", into="background_parcels"),
    ),
    "a background order lost": ("one parcel an order", drop_first("background_orders")),
    "a background parcel lost": ("background", drop_first("background_parcels")),
    "a parcel nowhere": ("background", drop_first("background_state")),
    "a parcel in two places": ("background", double_first("background_state")),
    "a parcel elsewhere": (
        "background", first("background_state", origin_facility_id=pl.lit("NOWHERE")),
    ),
    "a parcel that is there too soon": (
        "background",
        first("background_state", ~COMING, available_at=later("available_at", -HOUR)),
    ),
    "a parcel before its load": (
        "background",
        first("background_state", COMING, available_at=later("available_at", -HOUR)),
    ),
    "a parcel that ships today": (
        "background",
        first("background_parcels", ship_date=pl.col("ship_date") + pl.duration(days=9)),
    ),
    "a background load missing": ("background", drop_first("background_loads")),
    "a background load that is in": (
        "background", first("background_loads", arrives_at=later("departs_at", MINUTE)),
    ),
    "a background load of fewer": (
        "background", first("background_loads", parcels=pl.col("parcels") - 1),
    ),
    "a background load of nobody": (
        "background", first("background_state", COMING, load_id=pl.lit("L-0")),
    ),
    "a background load among the loads": ("loads", copy_first("background_loads", into="loads")),
    "a background load with more than fits": (
        "space", first("background_loads", volume_m3=pl.lit(999.0)),
    ),
    "own equipment that stays where it comes": (
        "equipment returns", first("background_loads", kind=pl.lit("loaded")),
    ),
    "a leg before its parcel is available": ("origin wave", available_after_it_left),
    "a route before its parcel is available": (
        "ready before the route",
        change("background_state", available_at=later("available_at", 240 * HOUR)),
    ),
    "a background parcel that nobody delivers": (
        "one way to the door", drop_first("routes", ROUTED),
    ),
    "a background parcel delivered twice": (
        "one way to the door", double_first("handoffs", ROUTED),
    ),
    "a background leg left out": ("loads sum their legs", drop_first("legs", ROUTED)),
    "a background parcel of another weight": (
        "parcel as ordered",
        first("background_parcels", weight_kg=pl.col("weight_kg") + 1),
    ),
    "a background parcel that is not covered": (
        "coverage", first("background_parcels", delivery_carrier_id=pl.lit("NOBODY")),
    ),
    "a load's share moved": ("ledger shares", share_of_a_load),
    "a load's share moved, and the sums": ("parcel costs", share_of_a_load),
    "a route's share moved": ("ledger shares", share_of_a_route),
    "shares that even out": ("ledger shares", shares_that_even_out),
    "a ledger row lost": ("ledger", drop_first("background_ledger", COMING)),
    "a ledger row on the wrong side": ("ledger", copy_first("background_ledger", into="ledger")),
    "a ledger entry of two things": ("ledger", an_entry_of_two_kinds),
    "no background ledger": ("background", without("background_ledger")),
    "a pick-up paid again": ("pick-up", first("background_parcels", pickup_usd=pl.lit(0.3))),
    "a background parcel too dear": (
        "parcel costs", first("background_parcels", cost_usd=pl.col("cost_usd") + 1),
    ),
    "a KPI of everybody": (
        "kpis",
        first("kpis", (pl.col("name") == "cost_per_package") & (pl.col("grain") == "network"),
              denominator=pl.col("denominator") + 1,
              value=pl.col("numerator") / (pl.col("denominator") + 1)),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "broken"), BREAKS.values(), ids=BREAKS)
def test_the_auditor_sees_a_broken_rule(read: Run, rule: str, broken: Change) -> None:
    tables = dict(read.tables)
    broken(tables)
    assert of_rule(audit(replace(read, tables=tables)), rule)


def test_a_driver_of_the_network_is_not_on_duty_while_he_brings_parcels_in(read: Run) -> None:
    driver = read.network("drivers")["driver_id"][0]
    begins = read.background("loads")["departs_at"][0]
    tables = dict(read.tables)
    first("background_loads", driver_ids=pl.lit(driver))(tables)
    first("duties", driver_id=pl.lit(driver), starts_at=pl.lit(begins + HOUR))(tables)
    faults = of_rule(audit(replace(read, tables=tables)), "one place at a time")
    assert any(fault.startswith(f"one place at a time: {driver} ") for fault in faults)
