"""A day that was acted on is played again from the commands in its log alone."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from itertools import permutations
from pathlib import Path

import polars as pl
import pytest

from crossdock.model import InvalidValueError
from crossdock.model.event import EVENTS
from crossdock.platform.planning import PlanRequest
from crossdock.platform.running import (
    TWIN,
    Player,
    measure_run,
    plan_run,
    rebuild_run,
    release_for_play,
    resume_run,
    store_url,
    twin_input,
)
from crossdock.platform.store.database import EventLog, open_store

HOUR = 3600
STEP = 2 * HOUR


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "run"
    plan_run(PlanRequest(out=out, parcels=250, metros=12, seed=5, workers=1, quiet=True))
    release_for_play(out)
    return out


def command(kind: str, at: int, **told: object) -> pl.DataFrame:
    """The event of a command, as the server keeps it."""
    row = {
        "tenant": "default",
        "source": "desk",
        "source_event_id": f"{kind}-{at}",
        "kind": kind,
        "occurred_at": dt.datetime.fromtimestamp(at, dt.UTC),
        "received_at": dt.datetime.fromtimestamp(at, dt.UTC),
        "payload": json.dumps(told, sort_keys=True),
    }
    return pl.DataFrame([row], schema_overrides=EVENTS).select(
        *(pl.col(name) if name in row else pl.lit(None, kind).alias(name)
          for name, kind in EVENTS.items())
    )  # fmt: skip


def give(player: Player, log: EventLog, kind: str, **told: object) -> None:
    player.obey(kind, told)
    log.append(command(kind, player.now, **told))


def move_one(player: Player, log: EventLog, tables: Mapping[str, pl.DataFrame]) -> None:
    """Move the first stop that another route of its day has room and time for."""
    tours = tables["tours"].sort("departs_at", "route_id").to_dicts()
    for one, other in permutations(tours, 2):
        if any(one[name] != other[name] for name in ("facility_id", "delivery_date")):
            continue
        for parcel in tables["routes"].filter(route_id=one["route_id"])["parcel_id"]:
            with suppress(InvalidValueError):
                give(player, log, "command_move_stops", route_id=one["route_id"],
                     to_route_id=other["route_id"], parcel_ids=parcel)  # fmt: skip
                return
    pytest.fail("no stop can be moved")


def acted_on(run: Path) -> None:
    """Play a day by steps of odd length, with commands on the way."""
    given = twin_input(run)
    tables = given.tables
    loads = tables["loads"].filter(pl.col("parcels") > 0).sort("departs_at", "load_id")
    held, cancelled = loads["load_id"][:2]
    lane = loads.select("from", "to").row(0, named=True)
    tours = tables["tours"].sort("departs_at", "route_id")
    partner = given.network["coverage"].filter(~pl.col("mode").is_in(["own", "crowd"]))
    carrier = partner["carrier_id"].sort()[0]
    diverted = tables["routes"].filter(pl.col("route_id") == tours["route_id"][-1])["parcel_id"][0]
    until = loads["departs_at"][0] + dt.timedelta(hours=3)
    with open_store(store_url(run)) as log:
        player = Player(log, given)
        log.append(player.advance(player.now + 1234))
        give(player, log, "command_hold_departure", load_id=held, until=until.isoformat())
        give(player, log, "command_cancel_load", load_id=cancelled, by="ann")
        give(player, log, "command_add_load", **lane)
        move_one(player, log, tables)
        log.append(player.advance(player.now + 777), checkpoint=(TWIN, player.save()))
        give(player, log, "command_divert", parcel_ids=diverted, carrier_id=carrier)
        tried = False
        while not player.finished:
            until_s = player.now + STEP + 17
            events = player.advance(until_s)
            log.append(events)
            failed = events.filter(pl.col("kind") == "available_for_pickup")["parcel_id"]
            if not tried and len(failed):
                tried = True
                give(player, log, "command_reattempt", parcel_id=failed[0])
    measure_run(run)


def test_a_day_with_commands_is_played_again_from_them_alone(
    released: Path, tmp_path: Path
) -> None:
    acted, again = tmp_path / "acted", tmp_path / "again"
    shutil.copytree(released, acted)
    shutil.copytree(released, again)
    acted_on(acted)
    assert rebuild_run(acted).different == ()
    events = pl.read_parquet(acted / "events.parquet")
    commands = events.filter(pl.col("kind").str.starts_with("command_"))
    assert commands["kind"].n_unique() >= 5
    with open_store(store_url(again)) as log:
        log.append(commands)
    resume_run(again, quiet=True)
    for table in sorted(acted.glob("*.parquet")):
        told, replayed = pl.read_parquet(table), pl.read_parquet(again / table.name)
        if table.stem == "events":  # the commands came first into this log
            told, replayed = (each.sort("source", "source_event_id") for each in (told, replayed))
        assert replayed.equals(told), table.stem
    ledger = pl.read_parquet(acted / "ledger.parquet")["cost_usd"].sum()
    parcels = pl.read_parquet(acted / "parcels.parquet")["cost_usd"].sum()
    assert parcels == pytest.approx(ledger, rel=0.005)


def test_a_stopped_player_goes_on_with_what_was_told_after_its_last_save(
    released: Path, tmp_path: Path
) -> None:
    given = twin_input(released)
    load = given.tables["loads"].sort("departs_at", "load_id").row(0, named=True)
    with open_store(f"sqlite:///{tmp_path}/log.sqlite") as log:
        whole = Player(log, given)
        log.append(whole.advance(whole.now + HOUR), checkpoint=(TWIN, whole.save()))
        log.append(whole.advance(whole.now + HOUR))
        give(whole, log, "command_cancel_load", load_id=load["load_id"])
        resumed = Player(log, given)
        told_again = resumed.advance(whole.now + STEP)
        told = whole.advance(whole.now + STEP)
    assert told_again.filter(pl.col("received_at") >= told["received_at"].min()).equals(told)
    assert "load_cancelled" in told["kind"].to_list()


def test_what_cannot_be_done_changes_nothing(released: Path, tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/log.sqlite") as log:
        player = Player(log, twin_input(released))
        player.advance(player.now + HOUR)
        before = player.save()
        with pytest.raises(InvalidValueError, match="no load"):
            player.obey("command_cancel_load", {"load_id": "L-nowhere"})
        assert player.save() == before
