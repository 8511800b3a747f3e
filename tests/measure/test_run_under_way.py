"""A run under way: what is not due counts in nothing; a log of many plans is told apart."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from crossdock.measure.actual import (
    actual_tables,
    events_of_plan,
    late_causes,
    read_log,
    run_kpis,
)
from crossdock.measure.report import Lived, render_report, report_record
from crossdock.measure.report.lived import SHOWN
from page_balance import Balance
from played_run import Played, planned, play

LONG_AFTER = dt.timedelta(days=60)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(planned(tmp_path_factory.mktemp("runs") / "run", parcels=300, metros=6))


@pytest.fixture(scope="module")
def noon(played: Played) -> dt.datetime:
    """An instant at which some promises are due and others are not."""
    promised = played.plan["parcels"]["promised_at"].drop_nulls().sort()
    return promised[promised.len() // 2]


def so_far(played: Played, at: dt.datetime | None, events: pl.DataFrame | None = None) -> dict:
    """Tables of what was told by ``at``."""
    told = played.events if events is None else events
    log = read_log(told if at is None else told.filter(pl.col("received_at") <= at))
    tables = {**played.plan, **actual_tables(played.plan, log, played.network)}
    tables["lateness"] = late_causes(tables, log, at=at)
    tables["kpis"] = run_kpis(tables, log, plan=played.plan, at=at)
    return tables


def record(played: Played, at: dt.datetime | None) -> dict:
    events = played.events if at is None else played.events.filter(pl.col("received_at") <= at)
    return report_record(played.plan, {}, played.network, Lived(so_far(played, at), events, at))


def kpi(tables: dict, name: str) -> tuple[float, float]:
    rows = tables["kpis"].filter(pl.col("name") == name, pl.col("grain") == "network")
    return rows.select("numerator", "denominator").row(0)


def test_on_time_is_of_what_is_due_or_delivered(played: Played, noon: dt.datetime) -> None:
    tables = so_far(played, noon)
    parcels = tables["parcels"]
    delivered = pl.col("final_state") == "delivered"
    due = parcels.filter((pl.col("promised_at") <= noon) | delivered)
    kept = due.filter(delivered & (pl.col("final_at") <= pl.col("promised_at")))
    assert 0 < due.height < parcels.height
    assert kpi(tables, "on_time_delivery") == (kept.height, due.height)


def test_every_parcel_that_is_due_is_kept_or_late(played: Played, noon: dt.datetime) -> None:
    tables = so_far(played, noon)
    kept, due = kpi(tables, "on_time_delivery")
    assert tables["lateness"].height == due - kept
    assert tables["lateness"]["parcel_id"].is_unique().all()


def test_loads_that_are_not_due_are_in_no_figure(played: Played) -> None:
    first = played.plan["loads"]["departs_at"].min()
    assert isinstance(first, dt.datetime)
    before = first - dt.timedelta(hours=1)
    assert kpi(so_far(played, before), "on_time_departure_15") == (0.0, 0.0)
    assert kpi(so_far(played, before), "on_time_arrival_15") == (0.0, 0.0)


def test_before_anything_is_due_nothing_is_late(played: Played) -> None:
    at = played.events["received_at"].min()
    assert isinstance(at, dt.datetime)
    told = record(played, at - dt.timedelta(hours=1))
    assert told["verdict"] == ["No promise is due yet."]
    assert (told["late"]["causes"], told["lanes"], told["metros"]) == ([], [], [])
    assert told["progress"]["due"] == 0
    assert all(
        row["actual"]["value"] is None for row in told["kpis"] if row["name"].startswith("on_time")
    )


def test_long_after_the_end_it_is_what_it_is_once_the_run_is_over(played: Played) -> None:
    at = played.events["received_at"].max()
    assert isinstance(at, dt.datetime)
    over, under_way = so_far(played, None), so_far(played, at + LONG_AFTER)
    told = ["on_time_delivery", "on_time_delivery_net", "on_time_service", "on_time_departure_15"]
    assert [kpi(over, name) for name in told] == [kpi(under_way, name) for name in told]


def test_an_open_parcel_has_the_cause_that_was_told_and_no_guess(
    played: Played, noon: dt.datetime
) -> None:
    tables = so_far(played, noon)
    late = tables["lateness"].join(
        tables["parcels"].select("parcel_id", "final_state"), on="parcel_id"
    )
    of_open = late.filter(pl.col("final_state") == "open_exception")
    assert of_open.height
    assert not set(of_open["cause"]) & {"late_sort", "out_of_shift", "unexplained"}
    assert of_open["minutes_late"].null_count() == of_open.height


def test_a_plan_is_measured_from_its_own_events_in_a_log_of_many(
    played: Played, noon: dt.datetime, tmp_path: Path
) -> None:
    stranger = play(planned(tmp_path / "other", parcels=120, metros=6, seed=9), seed=9)
    marked = stranger.events.with_columns(
        pl.col("source_event_id") + "-other",
        pl.col("parcel_id") + "-other",
        pl.col("payload").str.replace_all(r'"(L|R)-', '"other-${1}-'),
    )
    both = pl.concat([played.events, marked]).sort("received_at")
    mine = events_of_plan(both, played.plan)
    assert mine.height < both.height
    assert not mine["parcel_id"].drop_nulls().str.ends_with("-other").any()
    alone, among = so_far(played, noon), so_far(played, noon, mine)
    assert among["kpis"].equals(alone["kpis"])
    assert among["loads"].equals(alone["loads"])


def test_what_carried_a_parcel_beyond_the_plan_is_of_the_plan(played: Played) -> None:
    added = set(read_log(played.events).added["load_id"])
    runs = so_far(played, None)["load_runs"]
    ridden = set(runs.filter("added", pl.col("riders") > 0)["load_id"])
    kept = set(read_log(events_of_plan(played.events, played.plan)).added["load_id"])
    assert ridden <= kept <= added


def test_the_record_hangs_together(played: Played, noon: dt.datetime) -> None:
    told = record(played, noon)
    progress, late = told["progress"], told["late"]
    assert [row["name"] for row in told["kpis"]] == [shown.name for shown in SHOWN]
    assert sum(row["parcels"] for row in told["ends"]) == progress["parcels"] == 300
    assert sum(row["parcels"] for row in late["causes"]) == late["parcels"]
    assert sum(row["parcels"] for row in late["owners"]) == late["parcels"]
    assert sum(row["parcels"] for row in told["services"]) == late["of"] == progress["due"]
    parts = told["cost"]["parts"]
    assert sum(row["actual"] for row in parts) == pytest.approx(told["cost"]["actual_usd"])
    assert sum(row["planned"] for row in parts) == pytest.approx(told["cost"]["planned_usd"])
    (cost,) = [row for row in told["kpis"] if row["name"] == "cost_per_package"]
    assert cost["actual"]["value"] == pytest.approx(told["cost"]["actual_usd"])
    assert [row["late"] for row in told["lanes"]] == sorted(
        (row["late"] for row in told["lanes"]), reverse=True
    )
    assert len(told["lanes"]) <= 10
    assert f"{progress['ended']:,} of 300 parcels" in told["verdict"][0]


def test_the_document_of_a_run_under_way_says_so(played: Played, noon: dt.datetime) -> None:
    events = played.events.filter(pl.col("received_at") <= noon)
    lived = Lived(so_far(played, noon), events, noon)
    page = render_report(played.plan, {}, played.network, lived=lived)
    assert "parcels due so far came when promised" in page
    balance = Balance()
    balance.feed(page)
    assert (balance.wrong, balance.open) == ([], [])
