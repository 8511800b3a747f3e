"""Own trailers, tractors and drivers in the twin: none is lost, none is in two places."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from crossdock.model import Network
from crossdock.platform.planning import PlanRequest, plan_to_folder
from crossdock.simulate.twin import Twin, TwinInput
from own_network import write_own_network
from played_run import ROUGH
from told_duties import drivers_beyond_the_law, home_zones, told_duties

HOUR, DAY = 3600, 86_400
OWN = ("loaded", "empty", "bobtail")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> TwinInput:
    """Two ship days of a network that drives itself."""
    network_dir = write_own_network(tmp_path_factory.mktemp("network") / "own")
    out = tmp_path_factory.mktemp("runs") / "run"
    plan_to_folder(
        PlanRequest(out=out, quiet=True, workers=1, parcels=250, seed=3, network_dir=network_dir)
    )
    return read(out)


def read(run: Path) -> TwinInput:
    tables = {file.stem: pl.read_parquet(file) for file in run.glob("*.parquet")}
    network = Network.of(
        {file.stem: pl.read_parquet(file) for file in (run / "network").glob("*.parquet")}
    )
    return TwinInput(tables, tables["orders"], network, 3)


@pytest.fixture(scope="module")
def events(played: TwinInput) -> pl.DataFrame:
    twin = Twin(played, truth=ROUGH)
    return twin.advance(twin.ends_at + 30 * DAY)


def owned(twin: Twin) -> pl.DataFrame:
    units = twin.equipment()
    assert units["units"].min() >= 0
    return units.group_by("carrier_id", "vehicle_type").agg(pl.col("units").sum()).sort(pl.all())


@pytest.mark.parametrize("disturbed", [False, True])
def test_units_are_conserved_at_each_instant(played: TwinInput, disturbed: bool) -> None:
    twin = Twin(played, truth=ROUGH)
    at_first, rolled = owned(twin), 0
    facilities = played.network["facilities"]["facility_id"].to_list()
    while not twin.finished and twin.now < twin.starts_at + 6 * DAY:
        twin.advance(twin.now + HOUR)
        units = twin.equipment()
        rolling = units.filter(pl.col("load_id").is_not_null())
        rolled += rolling.height
        assert owned(twin).equals(at_first), twin.now
        if disturbed and rolling.height and twin.now % (5 * HOUR) < HOUR:
            load = rolling["load_id"][0]
            ends = played.tables["loads"].filter(pl.col("load_id") == load)
            other = next(
                each for each in facilities if each not in (ends["from"][0], ends["to"][0])
            )
            twin.command("command_divert", {"load_id": load, "to": other})
    assert rolled > 20


def test_a_yard_without_a_list_holds_what_the_plan_needs(played: TwinInput) -> None:
    tables = dict(played.network.tables)
    bare = TwinInput(
        played.tables,
        played.orders,
        Network.of({**tables, "vehicles": tables["vehicles"].clear()}),
        played.seed,
    )
    twin = Twin(bare)
    needed = owned(twin)["units"].sum()
    assert 0 < needed < owned(Twin(played))["units"].sum()


def test_a_vehicle_goes_home_after_it_came(played: TwinInput, events: pl.DataFrame) -> None:
    at = {
        kind: dict(
            loads_of(events, kind).group_by("load_id").agg(pl.col("occurred_at").min()).iter_rows()
        )
        for kind in ("load_departed", "load_arrived")
    }
    pairs = played.tables["loads"].filter(pl.col("returns_load_id").is_not_null())
    both = [
        (at["load_arrived"][out], at["load_departed"][back])
        for back, out in pairs.select("load_id", "returns_load_id").iter_rows()
        if back in at["load_departed"]
    ]
    assert len(both) > 5
    assert all((left - came).total_seconds() > -600 for came, left in both)  # clocks may be off


def test_a_driver_is_with_one_load_at_a_time(events: pl.DataFrame) -> None:
    duties = (
        events.filter(pl.col("kind") == "duty_changed")
        .unique(["source", "source_event_id"], keep="first", maintain_order=True)
        .with_columns(
            activity=pl.col("payload").str.json_path_match("$.activity"),
            load_id=pl.col("payload").str.json_path_match("$.load_id"),
        )
        .filter(pl.col("load_id").is_not_null())
    )
    spans = (
        duties.group_by("driver_id", "load_id")
        .agg(begins=pl.col("occurred_at").min(), ends=pl.col("occurred_at").max())
        .sort("driver_id", "begins")
    )
    several = 0
    for _, rows in spans.group_by("driver_id", maintain_order=True):
        for (_, ended), (began, _) in pairwise(rows.select("begins", "ends").iter_rows()):
            several += 1
            assert (began - ended).total_seconds() > -600
    assert several > 5


@pytest.mark.parametrize("who", ["vehicle_id", "driver_id"])
def test_a_van_and_its_driver_are_on_one_route_at_a_time(events: pl.DataFrame, who: str) -> None:
    told = (
        events.filter(pl.col("kind").is_in(["route_departed", "route_returned"]))
        .unique(["source", "source_event_id"], keep="first")
        .with_columns(route_id=pl.col("payload").str.json_path_match("$.route_id"))
        .filter(pl.col(who).is_not_null())
        .group_by(who, "route_id")
        .agg(begins=pl.col("occurred_at").min(), ends=pl.col("occurred_at").max())
        .sort(who, "begins")
    )
    assert told.height > 5
    for _, rows in told.group_by(who, maintain_order=True):
        for (_, ended), (began, _) in pairwise(rows.select("begins", "ends").iter_rows()):
            assert (began - ended).total_seconds() > -600


def test_a_cancelled_load_takes_its_way_back_with_it(played: TwinInput) -> None:
    pairs = played.tables["loads"].filter(pl.col("returns_load_id").is_not_null())
    back, out = pairs.select("load_id", "returns_load_id").row(0)
    twin = Twin(played)
    twin.advance(twin.now + HOUR)
    twin.command("command_cancel_load", {"load_id": out})
    events = twin.advance(twin.ends_at + 30 * DAY)
    assert {out, back} <= set(loads_of(events, "load_cancelled")["load_id"])
    assert loads_of(events, "load_departed").filter(pl.col("load_id").is_in([out, back])).is_empty()


def loads_of(events: pl.DataFrame, kind: str) -> pl.DataFrame:
    return events.filter(pl.col("kind") == kind).with_columns(
        load_id=pl.col("payload").str.json_path_match("$.load_id")
    )


def test_own_drivers_keep_the_law_from_one_load_to_the_next(
    played: TwinInput, events: pl.DataFrame
) -> None:
    zones = home_zones(played.tables["duties"], played.network)
    duties = told_duties(events)
    assert duties["driver_id"].n_unique() > 5
    assert drivers_beyond_the_law(duties, zones) == []
