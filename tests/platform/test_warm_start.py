"""A demo begins in a network that is moving: the days before ride along and are counted apart."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from crossdock.model import Network, UsageError
from crossdock.platform.planning import PlanRequest, plan_to_folder
from crossdock.platform.release import release_run
from crossdock.simulate.twin import Twin, TwinInput

DAY = 86_400


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "run"
    plan_to_folder(
        PlanRequest(out=out, parcels=300, metros=10, seed=4, workers=1, quiet=True, warm_start=True)
    )
    return out


def read(run: Path) -> dict[str, pl.DataFrame]:
    return {file.stem: pl.read_parquet(file) for file in run.glob("*.parquet")}


def test_the_days_own_parcels_and_those_under_way_are_kept_apart(warm: Path) -> None:
    tables = read(warm)
    own, others = tables["parcels"], tables["background_parcels"]
    assert own.height == 300
    # what is ordered after the cut-off ships a day later
    assert set(own["ship_date"].cast(pl.String)) == {"2026-11-30", "2026-12-01"}
    # Thanksgiving is the Thursday, Sunday is closed: the two operating days before are Fri and Sat
    assert set(others["ship_date"].cast(pl.String)) == {"2026-11-27", "2026-11-28"}
    assert others.height > 100
    assert not set(own["parcel_id"]) & set(others["parcel_id"])
    assert set(tables["background_state"]["parcel_id"]) >= set(others["parcel_id"])
    assert set(tables["background_orders"]["order_id"]) >= set(others["order_id"])


def test_every_dollar_is_borne_by_one_side(warm: Path) -> None:
    tables = read(warm)
    for ledger, parcels in (("ledger", "parcels"), ("background_ledger", "background_parcels")):
        assert tables[ledger]["cost_usd"].sum() == pytest.approx(tables[parcels]["cost_usd"].sum())
        assert tables[ledger]["cost_usd"].min() > 0
    both = tables["ledger"]["cost_usd"].sum() + tables["background_ledger"]["cost_usd"].sum()
    whole = (
        tables["loads"]["cost_usd"].sum()
        + tables["tours"]["cost_usd"].sum()
        + tables["handoffs"]["cost_usd"].sum()
    )
    beside = pl.concat([tables["ledger"], tables["background_ledger"]]).filter(
        pl.col("kind").is_in(["pickup", "handling"])
    )
    assert both == pytest.approx(whole + beside["cost_usd"].sum())
    background = set(tables["background_parcels"]["parcel_id"])
    pickups = tables["background_ledger"].filter(pl.col("kind") == "pickup")
    assert pickups.is_empty()  # they were picked up before
    assert not background & set(tables["ledger"]["parcel_id"].drop_nulls())


def test_a_warm_plan_passes_every_gate_and_its_papers_name_the_background(warm: Path) -> None:
    released = release_run(warm)
    papers = "".join(
        file.read_text(encoding="utf-8")
        for file in (released.export_path / "manifests").glob("*.csv")
    )
    riding = set(read(warm)["routes"]["parcel_id"])
    assert any(name.startswith("P-202611") for name in riding)
    assert all(name in papers for name in riding)


def test_everybody_comes_to_an_end_and_the_road_is_told_from_the_first_instant(
    warm: Path,
) -> None:
    tables = read(warm)
    network = Network.of(
        {file.stem: pl.read_parquet(file) for file in (warm / "network").glob("*.parquet")}
    )
    twin = Twin(TwinInput(tables, tables["orders"], network, 4))
    state = tables["background_state"]
    assert twin.whereabouts().height == 300 + tables["background_parcels"].height
    on_road = twin.whereabouts().filter(pl.col("where") == "load")["parcel_id"].to_list()
    coming = state.filter(pl.col("load_id").is_not_null())["parcel_id"]
    assert sorted(on_road) == sorted(set(coming) & set(tables["background_parcels"]["parcel_id"]))
    events = twin.advance(twin.ends_at + 30 * DAY)
    assert twin.finished
    opened = events.filter(
        (pl.col("payload").str.json_path_match("$.opening") == "true")
        | (pl.col("kind") == "label_created")
    )
    told = set(opened["parcel_id"]) | set(
        events.filter(pl.col("kind") == "arrived_facility")["parcel_id"]
    )
    assert told == set(twin.whereabouts()["parcel_id"])


def test_a_users_own_day_starts_cold(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="warm start"):
        PlanRequest(out=tmp_path / "run", network_dir=tmp_path, warm_start=True)
