"""A server that is killed while events pour in: what it acknowledged is there, once, and is told.

Senders do as carriers do: a batch that was not acknowledged is sent again with the same ids until
it is. A listener does as the page does: it comes back with the id of the last message it has.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from crossdock.model import StoreUnavailableError
from crossdock.operate.folded import fold_all
from crossdock.operate.tracking import parcel_statuses
from crossdock.platform.bench import ServerProcess, make_key
from crossdock.platform.client import ServerRefusedError, StreamEvent, TowerClient
from crossdock.platform.store.database import open_store

TENANT = "acme"
SENDERS, BATCH, PARCELS = 4, 25, 60
KINDS = (
    "picked_up", "arrived_facility", "departed_facility", "out_for_delivery", "attempt_failed",
    "delivered", "held", "teleported",
)  # fmt: skip
PATIENCE_S = 20.0

Id = tuple[str, str]


class Sender(threading.Thread):
    """Sends batches one after the other, each until it is acknowledged."""

    def __init__(self, name: str, url: str, key: str) -> None:
        super().__init__(name=name, daemon=True)
        self._url, self._key = url, key
        self._luck = random.Random(name)
        self._ends = threading.Event()
        self.sent: set[Id] = set()
        self.acknowledged: set[Id] = set()
        self.accepted = 0
        self.sent_again = 0

    def run(self) -> None:
        with TowerClient(self._url, self._key, timeout_s=PATIENCE_S) as tower:
            for number in itertools.count():
                if self._ends.is_set():
                    return
                self._send(tower, [self._event(number, place) for place in range(BATCH)])

    def end(self) -> None:
        self._ends.set()

    def _send(self, tower: TowerClient, batch: list[dict[str, Any]]) -> None:
        ids = {(each["source"], each["source_event_id"]) for each in batch}
        key = uuid.uuid4().hex if self._luck.random() < 0.3 else None
        self.sent |= ids
        while True:
            try:
                answer = tower.send_events(batch, key=key)
            except StoreUnavailableError:
                self.sent_again += 1
                time.sleep(0.02)
            except ServerRefusedError as error:
                if error.status not in (409, 503):
                    raise
                key = None  # it went down with its server and is not given up yet
            else:
                assert answer["accepted"] + answer["duplicates"] == len(batch)
                assert answer["rejected"] == []
                self.accepted += answer["accepted"]
                self.acknowledged |= ids
                return

    def _event(self, number: int, place: int) -> dict[str, Any]:
        at = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=self._luck.randrange(86_400))
        return {
            "source": self.name,
            "source_event_id": f"{number}/{place}",
            "kind": self._luck.choice(KINDS),
            "occurred_at": at.isoformat(),
            "parcel_id": f"P{self._luck.randrange(PARCELS)}",
        }


class Listener(threading.Thread):
    """Hears every message of a stream, coming back after each break."""

    def __init__(self, url: str, key: str) -> None:
        super().__init__(name="listener", daemon=True)
        self._url, self._key = url, key
        self._ends = threading.Event()
        self.heard: list[StreamEvent] = []
        self.came_back = 0

    def run(self) -> None:
        with TowerClient(self._url, self._key) as tower:
            while not self._ends.is_set():
                try:
                    for message in tower.listen(self.heard[-1].id if self.heard else "0"):
                        self.heard.append(message)
                except StoreUnavailableError:
                    self.came_back += 1
                    time.sleep(0.02)

    def end(self) -> None:
        self._ends.set()

    @property
    def sequences(self) -> list[int]:
        """The place in the log of each event of a parcel that it was told of."""
        return [each.data["sequence"] for each in list(self.heard) if each.event == "parcel"]


def logged(store_url: str) -> pl.DataFrame:
    with open_store(store_url, tenant=TENANT) as log:
        return log.all_events()


def ids_of(events: pl.DataFrame) -> Counter[Id]:
    return Counter(events.select("source", "source_event_id").iter_rows())


def kill_and_compare(store_url: str, folder: Path, rounds: int) -> None:
    process = ServerProcess(store_url, folder / "log", heartbeat_s=0.2, sweep_s=1)
    key = make_key(store_url, "dispatcher", TENANT)
    process.start()
    senders = [Sender(f"sender {n}", process.url, key) for n in range(SENDERS)]
    listener = Listener(process.url, key)
    luck = random.Random(rounds)
    for thread in (listener, *senders):
        thread.start()
    try:
        for _ in range(rounds):
            wait_for_more(senders, luck.randrange(8, 40))
            time.sleep(luck.random() * 0.05)
            acknowledged = set[Id]().union(*(sender.acknowledged for sender in senders))
            process.kill()
            check_log(logged(store_url), acknowledged)
            process.start()
        for sender in senders:
            sender.end()
            sender.join(PATIENCE_S)
        compare(process, key, senders, listener, store_url)
        listener.end()
        assert process.stop() == 0
        listener.join(PATIENCE_S)
    finally:
        process.kill()
    assert not any(thread.is_alive() for thread in (listener, *senders))
    assert listener.came_back >= rounds
    assert sum(sender.sent_again for sender in senders) >= rounds
    assert process.said().count("\n") == rounds + 1, process.said()


def wait_for_more(senders: list[Sender], batches: int) -> None:
    """Wait until so many batches more are acknowledged."""
    wanted = sum(len(sender.acknowledged) for sender in senders) + batches * BATCH
    ends_s = time.monotonic() + PATIENCE_S
    while sum(len(sender.acknowledged) for sender in senders) < wanted:
        assert time.monotonic() < ends_s, "the server takes nothing"
        time.sleep(0.005)


def check_log(events: pl.DataFrame, acknowledged: set[Id]) -> None:
    found = ids_of(events)
    assert acknowledged <= found.keys()
    assert found.total() == len(found)


def compare(
    process: ServerProcess, key: str, senders: list[Sender], listener: Listener, store_url: str
) -> None:
    events = logged(store_url)
    found = ids_of(events)
    assert found.keys() == set[Id]().union(*(sender.sent for sender in senders))
    assert found.total() == len(found)
    # An acknowledgement that was lost with its server is not counted; none counts an event twice.
    assert sum(sender.accepted for sender in senders) <= len(found)

    told = events.filter(pl.col("parcel_id").is_not_null())["sequence"].to_list()
    ends_s = time.monotonic() + PATIENCE_S
    while len(listener.sequences) < len(told) and time.monotonic() < ends_s:
        time.sleep(0.02)
    assert listener.sequences == told
    numbers = [int(message.id) for message in listener.heard]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert "resync" not in {message.event for message in listener.heard}

    statuses = parcel_statuses(fold_all([events.drop("sequence")]).tracking).sort("parcel_id")
    with TowerClient(process.url, key) as tower:
        shown = [(each["parcel_id"], each["status"], each["attempts"]) for each in tower.parcels()]
    assert shown == statuses.select("parcel_id", "status", "attempts").rows()


@contextmanager
def schema_of_its_own(server: str) -> Iterator[str]:
    """The URL of a schema in the server's database that is there for a while."""
    name = f"killed_{uuid.uuid4().hex}"
    admin = create_engine(server, poolclass=NullPool)
    with admin.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    options = {"options": f"-csearch_path={name}"}
    yield make_url(server).update_query_dict(options).render_as_string()


def test_what_was_acknowledged_is_there_once_and_was_told_once(tmp_path):
    kill_and_compare(f"sqlite:///{tmp_path}/store.db", tmp_path, rounds=3)


@pytest.mark.slow
def test_the_same_after_20_kills(tmp_path):
    kill_and_compare(f"sqlite:///{tmp_path}/store.db", tmp_path, rounds=20)


@pytest.mark.slow
def test_the_same_on_postgresql(tmp_path, postgres_server):
    with schema_of_its_own(postgres_server) as url:
        kill_and_compare(url, tmp_path, rounds=5)
