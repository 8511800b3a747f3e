"""A tenant's desk: nothing acknowledged is lost, nothing told twice, nobody waits for the slow."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from crossdock.model import StoreUnavailableError
from crossdock.model.event import EVENTS
from crossdock.model.tables import conform
from crossdock.operate.folded import fold_all
from crossdock.operate.tracking import parcel_statuses
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.server.tower.desk import Desk
from crossdock.platform.server.tower.streams import told as stream_of
from crossdock.platform.store.database import EventRow, Store, open_database, rows_of

NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
SETTINGS = replace(ServerSettings(), sweep_s=60.0, heartbeat_s=0.05)


def events(*rows: tuple[str, str, int], source: str = "scanner") -> list[EventRow]:
    """Events of ``(parcel_id, kind, minutes before now)``."""
    return rows_of(told(*rows, source=source))


def told(*rows: tuple[str, str, int], source: str = "scanner") -> pl.DataFrame:
    """The same as a frame."""
    return conform(
        pl.DataFrame(
            [
                {
                    "tenant": "acme",
                    "source": source,
                    "source_event_id": f"{parcel}/{kind}/{minutes}",
                    "kind": kind,
                    "parcel_id": parcel,
                    "facility_id": "LAX",
                    "occurred_at": NOW - dt.timedelta(minutes=minutes),
                    "received_at": NOW,
                }
                for parcel, kind, minutes in rows
            ]
        ),
        EVENTS,
    )


def at_desk(
    url: str, act: Callable[[Desk], Awaitable[None]], *, settings: ServerSettings = SETTINGS
) -> None:
    """Open a desk, do something at it, close it."""

    async def run() -> None:
        with open_database(url) as store:
            desk = Desk(store, "acme", settings, lambda: NOW)
            await desk.start()
            try:
                await act(desk)
            finally:
                await desk.stop()

    asyncio.run(run())


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db"


async def listen(desk: Desk, last_id: str | None, count: int) -> list[tuple[str, dict]]:
    """The first ``count`` messages of a stream: event and data, comments left out."""
    found: list[tuple[str, dict]] = []
    stream = stream_of(desk, "key:1", last_id, 0.05)
    async for chunk in stream:
        for block in chunk.decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
            if "event" in lines:
                found.append((lines["event"], json.loads(lines["data"]) | {"id": lines["id"]}))
        if len(found) >= count:
            break
    await stream.aclose()
    return found


def test_a_batch_is_answered_when_it_is_in_the_log(url):
    async def act(desk: Desk) -> None:
        taken = await desk.take(events(("P1", "picked_up", 9), ("P2", "picked_up", 8)))
        assert (taken.accepted, taken.duplicates) == (2, 0)
        assert desk.log.count() == 2
        again = await desk.take(events(("P2", "picked_up", 8), ("P3", "picked_up", 7)))
        assert (again.accepted, again.duplicates) == (1, 1)

    at_desk(url, act)


def test_batches_that_arrive_together_are_answered_each_for_its_own(url):
    async def act(desk: Desk) -> None:
        shared = ("P0", "picked_up", 9)
        batches = [events(shared, (f"P{i}", "picked_up", i)) for i in range(1, 21)]
        answers = await asyncio.gather(*map(desk.take, batches))
        assert sum(each.accepted for each in answers) == 21
        assert sum(each.accepted + each.duplicates for each in answers) == 40
        assert desk.log.count() == 21

    at_desk(url, act)


def test_a_batch_that_cannot_be_stored_fails_alone(url):
    async def act(desk: Desk) -> None:
        bad = [("other", *row[1:]) for row in events(("P1", "picked_up", 1))]
        good = events(("P2", "picked_up", 1))
        answers = await asyncio.gather(desk.take(bad), desk.take(good), return_exceptions=True)
        assert isinstance(answers[0], Exception)
        assert answers[1].accepted == 1
        assert desk.works

    at_desk(url, act)


def test_each_event_of_a_parcel_is_told_with_its_new_status(url):
    async def act(desk: Desk) -> None:
        heard = asyncio.create_task(listen(desk, None, 3))
        await asyncio.sleep(0.02)
        await desk.take(events(("P1", "out_for_delivery", 30), ("P1", "delivered", 10)))
        await desk.take(events(("P1", "departed_facility", 40)))  # late: it undoes nothing
        messages = [message for message in await heard if message[0] == "parcel"]
        assert [(data["parcel_id"], data["status"]) for _, data in messages] == [
            ("P1", "delivered")
        ] * 3
        assert [data["kind"] for _, data in messages] == [
            "out_for_delivery", "delivered", "departed_facility"
        ]  # fmt: skip

    at_desk(url, act)


def test_an_exception_is_told_soon_after_what_opened_it(url):
    async def act(desk: Desk) -> None:
        heard = asyncio.create_task(listen(desk, None, 2))
        await asyncio.sleep(0.02)
        await desk.take(events(("P1", "attempt_failed", 5)))
        (_, _), (kind, data) = await asyncio.wait_for(heard, 5)
        assert (kind, data["kind"], data["parcel_id"]) == ("exception", "attempt_failed", "P1")
        assert data["change"] == "opened"
        assert desk.present.standing_exceptions["kind"].to_list() == ["attempt_failed"]

    at_desk(url, act)


def test_a_code_that_nobody_knows_opens_an_exception(url):
    async def act(desk: Desk) -> None:
        await desk.take(events(("P1", "teleported", 5)))
        async with asyncio.timeout(20):
            while desk.present.standing_exceptions.is_empty():
                await asyncio.sleep(0.02)
        assert desk.present.standing_exceptions["kind"].to_list() == ["unmapped_code"]

    at_desk(url, act)


def test_who_comes_back_misses_nothing(url):
    async def act(desk: Desk) -> None:
        await desk.take(events(*((f"P{i}", "picked_up", i) for i in range(1, 6))))
        await desk.settle()
        again = await listen(desk, "2", 3)
        assert [data["id"] for _, data in again] == ["3", "4", "5"]
        assert [data["parcel_id"] for _, data in again] == ["P3", "P4", "P5"]

    at_desk(url, act)


@pytest.mark.parametrize("last_id", ["999", "nonsense", "12345678901234567890123"])
def test_who_has_an_id_that_was_never_given_loads_anew(url, last_id):
    async def act(desk: Desk) -> None:
        await desk.take(events(("P1", "picked_up", 1)))
        await desk.settle()
        assert [event for event, _ in await listen(desk, last_id, 1)] == ["resync"]

    at_desk(url, act)


def test_a_gap_that_is_too_old_is_answered_by_resync(url):
    async def act(desk: Desk) -> None:
        await desk.take(events(("P1", "picked_up", 2)))
        await desk.settle()
        await desk.take(events(("P2", "picked_up", 1)))
        await desk.settle()
        assert desk.outbox.forget(NOW + dt.timedelta(seconds=1)) == 1
        ((kind, data),) = await listen(desk, "0", 1)
        assert (kind, data["id"]) == ("resync", "2")
        assert [event for event, _ in await listen(desk, "1", 1)] == ["parcel"]

    at_desk(url, act)


def test_a_slow_listener_is_told_to_load_anew_and_holds_up_nobody(url):
    async def act(desk: Desk) -> None:
        slow = desk.hub.join("key:2")
        quick = asyncio.create_task(listen(desk, None, 30))
        await asyncio.sleep(0.02)
        for start in range(0, 30, 10):
            batch = [(f"P{i}", "picked_up", i) for i in range(start, start + 10)]
            await desk.take(events(*batch))
            await desk.settle()
        assert len(await asyncio.wait_for(quick, 5)) == 30
        messages, overrun = await slow.next(0.01)
        assert overrun
        assert len(messages) <= 20
        assert await slow.next(0.01) == ([], False)

    at_desk(url, act, settings=replace(SETTINGS, stream_queue=20))


def test_a_stream_shows_that_it_lives_and_ends_with_the_desk(url):
    chunks: list[bytes] = []

    async def act(desk: Desk) -> None:
        async def follow() -> None:
            async for chunk in stream_of(desk, "key:1", None, 0.02):
                chunks.append(chunk)

        following = asyncio.create_task(follow())
        await asyncio.sleep(0.1)
        desk.hub.close()
        await asyncio.wait_for(following, 2)
        assert len(desk.hub) == 0

    at_desk(url, act)
    assert b": alive\n\n" in chunks


def test_a_desk_that_was_closed_goes_on_where_it_was(url):
    first: list[pl.DataFrame] = []

    async def begin(desk: Desk) -> None:
        await desk.take(events(("P1", "picked_up", 9), ("P2", "attempt_failed", 8)))
        await desk.settle()
        async with asyncio.timeout(20):
            while desk.present.standing_exceptions.is_empty():
                await asyncio.sleep(0.02)
        first.append(desk.present.standing_exceptions.select("exception_id", "kind"))

    async def go_on(desk: Desk) -> None:
        assert desk.present.standing_exceptions.select("exception_id", "kind").equals(first[0])
        number = desk.teller.number
        await desk.take(events(("P1", "delivered", 1)))
        await desk.settle()
        ((kind, data), *_) = await listen(desk, str(number), 1)
        assert (kind, data["status"]) == ("parcel", "delivered")

    at_desk(url, begin)
    at_desk(url, go_on)


def test_what_was_committed_and_not_told_is_told_at_the_next_start(url):
    """As after a kill between the commit of events and that of their messages."""

    async def begin(desk: Desk) -> None:
        await desk.take(events(("P1", "picked_up", 9)))
        await desk.settle()

    async def go_on(desk: Desk) -> None:
        again = await listen(desk, "1", 2)
        assert [data["parcel_id"] for _, data in again] == ["P2", "P1"]
        assert [data["status"] for _, data in again] == ["picked_up", "delivered"]

    at_desk(url, begin)
    with open_database(url) as store:
        store.log("acme").append(told(("P2", "picked_up", 5), ("P1", "delivered", 4)))
    at_desk(url, go_on)


def test_the_present_is_the_fold_of_the_log(url):
    async def act(desk: Desk) -> None:
        kinds = ["picked_up", "arrived_facility", "departed_facility", "delivered"]
        batches = [
            events(*((f"P{i}", kind, 60 - 10 * step) for i in range(20)))
            for step, kind in enumerate(kinds)
        ]
        await asyncio.gather(*(desk.take(batch) for batch in reversed(batches)))
        await desk.settle()
        whole = parcel_statuses(fold_all(desk.log.read()).tracking)
        assert desk.present.parcels.drop("revision").sort("parcel_id").equals(whole)
        assert set(whole["status"]) == {"delivered"}

    at_desk(url, act)


def test_a_full_disk_is_told_to_who_brings_and_the_desk_goes_on(url, monkeypatch):
    async def act(desk: Desk) -> None:
        append, failures = desk.log.append_rows, iter([True, False])

        def full(frame, **more):
            if next(failures, False):
                raise StoreUnavailableError("the disk is full", remedy="make room")
            return append(frame, **more)

        monkeypatch.setattr(desk.log, "append_rows", full)
        with pytest.raises(StoreUnavailableError):
            await desk.take(events(("P1", "picked_up", 1)))
        assert (await desk.take(events(("P1", "picked_up", 1)))).accepted == 1

    at_desk(url, act)


def test_tenants_of_one_store_do_not_hear_each_other(url):
    async def run() -> None:
        with open_database(url) as store:
            desks = [Desk(store, tenant, SETTINGS, lambda: NOW) for tenant in ("acme", "bolt")]
            for desk in desks:
                await desk.start()
            await desks[0].take(events(("P1", "picked_up", 1)))
            for desk in desks:
                await desk.settle()
            assert [desk.teller.number for desk in desks] == [1, 0]
            assert desks[1].present.parcels.is_empty()
            for desk in desks:
                await desk.stop()

    asyncio.run(run())


def test_a_store_can_be_opened_by_its_face(url):
    with open_database(url) as store:
        assert isinstance(store, Store)
        assert store.log("acme").count() == 0
