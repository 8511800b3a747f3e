"""Events come late, twice and beside each other: the tower ends as if they had come in order."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model.event import PARCEL_STATUSES
from crossdock.operate.folded import fold_all
from crossdock.operate.tracking import PlanView
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.server.tower import desk as desk_module
from crossdock.platform.server.tower.desk import Desk
from crossdock.platform.server.tower.ground import Ground
from crossdock.platform.server.tower.intake import read_events
from crossdock.platform.store.database import Store, frame_of, open_database
from synthetic_run import build_run

BEGAN = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
NOW = BEGAN + dt.timedelta(hours=40)
SETTINGS = replace(ServerSettings(), commit_wait_ms=0.5, sweep_s=60.0)
TENANT = map("tenant-{}".format, count())
RUN = build_run(20)
PLAN = PlanView.of(RUN.tables, RUN.orders)
PARCELS = [*RUN.tables["parcels"]["parcel_id"].head(3), "nobody's"]
LOADS = RUN.tables["loads"]["load_id"].head(2).to_list()
LOAD_KINDS = ["load_departed", "load_arrived", "load_delayed", "load_cancelled"]
FACILITIES = ["LAX", "DFW", "EWR", "nowhere"]
NOT_COMPARED = ("last_received_at", "evidence")
"""The one tells of deliveries and not of the parcel. The other stays as it was when an exception
last changed: what explains it further comes with its next change."""

Item = dict[str, Any]


minutes = st.integers(0, 40 * 60 - 30)
parcel_events = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(list(PARCEL_STATUSES)),
        "parcel_id": st.sampled_from(PARCELS),
        "facility_id": st.none() | st.sampled_from(FACILITIES),
        "minute": minutes,
    }
)
strange_events = st.fixed_dictionaries(
    {
        "kind": st.just("teleported"),
        "parcel_id": st.none() | st.sampled_from(PARCELS),
        "minute": minutes,
    }
)
load_events = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(
            ["load_departed", "load_arrived", "load_delayed", "load_cancelled"]
        ),
        "facility_id": st.sampled_from(FACILITIES),
        "payload": st.fixed_dictionaries({"load_id": st.sampled_from(LOADS)}),
        "minute": minutes,
    }
)
vehicle_events = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["position", "vehicle_down", "vehicle_up"]),
        "vehicle_id": st.sampled_from(["V1", "V2"]),
        "latitude": st.sampled_from([34.0, 35.5]),
        "longitude": st.just(-118.0),
        "minute": minutes,
    }
)


@pytest.fixture(scope="module")
def store(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    place = tmp_path_factory.mktemp("any_order") / "store.db"
    shutil.copy(migrated_sqlite, place)
    with open_database(f"sqlite:///{place}") as store:
        yield store


@pytest.fixture(scope="module", autouse=True)
def a_slow_look_is_waited_for_too() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            desk_module, "_QUICK_S", 60.0
        )  # a busy machine's looks take longer than usual
        yield


# Few and long days: a desk costs much the same for one event and for twenty.
of_parcels = st.lists(parcel_events, min_size=1, max_size=24)
of_all = st.lists(
    parcel_events | load_events | vehicle_events | strange_events, min_size=8, max_size=24
)
how_many_senders = st.integers(1, 4)
luck = st.randoms(use_true_random=False)


@settings(max_examples=15)
@given(of_parcels, how_many_senders, luck)
def test_parcels_end_as_in_the_ordered_feed(store, day, senders, luck):
    ends_as_the_ordered_feed(store, day, senders, luck)


@settings(max_examples=6)
@given(of_all, how_many_senders, luck)
def test_loads_vehicles_and_strange_codes_end_as_in_the_ordered_feed(store, day, senders, luck):
    ends_as_the_ordered_feed(store, day, senders, luck)


@pytest.mark.slow
@settings(max_examples=250)
@given(of_parcels | of_all, how_many_senders, luck)
def test_many_more_days_end_as_in_the_ordered_feed(store, day, senders, luck):
    ends_as_the_ordered_feed(store, day, senders, luck)


def ends_as_the_ordered_feed(
    store: Store, day: Sequence[Item], senders: int, luck: random.Random
) -> None:
    items = [item(number, each) for number, each in enumerate(day)]
    delivered = [each for each in items for _ in range(luck.randint(1, 5))]
    luck.shuffle(delivered)
    brought = [in_batches(delivered[n::senders], luck) for n in range(senders)]
    ordered = sorted(items, key=lambda each: each["occurred_at"])
    assert asyncio.run(take(store, brought)) == expected(ordered)


def item(number: int, told: Item) -> Item:
    rest = {name: part for name, part in told.items() if name != "minute"}
    at = BEGAN + dt.timedelta(minutes=told["minute"])
    return {
        "source": "scanner",
        "source_event_id": str(number),
        "occurred_at": at.isoformat(),
        **rest,
    }


def in_batches(items: Sequence[Item], luck: random.Random) -> list[list[Item]]:
    """The same in batches of one to seven."""
    batches: list[list[Item]] = []
    rest = list(items)
    while rest:
        size = luck.randint(1, 7)
        batches.append(rest[:size])
        rest = rest[size:]
    return batches


async def take(store: Store, senders: Sequence[Sequence[Sequence[Item]]]) -> dict[str, list[Item]]:
    """What a desk knows after each of several senders has brought its batches, all at once."""
    clock = iter(NOW + dt.timedelta(milliseconds=n) for n in count())
    tenant = next(TENANT)
    desk = Desk(store, tenant, SETTINGS, lambda: NOW, Ground(PLAN))
    await desk.start()

    async def bring(batches: Sequence[Sequence[Item]]) -> None:
        for batch in batches:
            events, rejected = read_events(
                json.dumps(batch).encode(), "application/json", tenant=tenant,
                received_at=next(clock), most=1_000,
            )  # fmt: skip
            assert rejected == []
            await desk.take(events)

    try:
        await asyncio.gather(*map(bring, senders))
        await desk.settle()
        await desk.caught_up(30, looked=True)
        return told(desk.present.parcels.drop("revision"), desk.present.standing_exceptions)
    finally:
        await desk.stop()


def expected(ordered: Sequence[Item]) -> dict[str, list[Item]]:
    """What a fold of the ordered events says, without a server."""
    rows, _ = read_events(
        json.dumps(ordered).encode(), "application/json", tenant="", received_at=NOW, most=1_000
    )
    tables = fold_all([frame_of(rows)]).tables(PLAN, NOW)
    return told(tables["parcel_statuses"], tables["exceptions"].drop("incident_id"))


def told(statuses: pl.DataFrame, exceptions: pl.DataFrame) -> dict[str, list[Item]]:
    opened = exceptions.filter(pl.col("closed_at").is_null())
    return {
        "statuses": plain(statuses, "parcel_id"),
        "exceptions": plain(opened.drop("withdrawn", "revision", strict=False), "exception_id"),
    }


def plain(frame: pl.DataFrame, key: str) -> list[Item]:
    return frame.drop(NOT_COMPARED, strict=False).sort(key).to_dicts()
