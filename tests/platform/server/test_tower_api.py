"""The tower over HTTP, as carriers, stores and dispatchers meet it."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from crossdock.platform.bench import ServerProcess, make_key
from crossdock.platform.client import ServerRefusedError, TowerClient

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
_numbers = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    place = tmp_path_factory.mktemp("server")
    process = ServerProcess(
        f"sqlite:///{place}/store.db",
        place / "log",
        sweep_s=1,
        heartbeat_s=0.2,
        max_batch_items=2_000,
    )
    process.start()
    yield process
    assert process.stop() == 0


@pytest.fixture
def tenant() -> str:
    return f"tenant-{next(_numbers)}"


@pytest.fixture
def tower(server: ServerProcess, tenant: str) -> Iterator[TowerClient]:
    with TowerClient(server.url, make_key(server.store_url, "dispatcher", tenant)) as client:
        yield client


def event(parcel_id: str | None, kind: str, minutes: float, **more: object) -> dict:
    return {
        "source": "scanner",
        "source_event_id": f"{parcel_id}/{kind}/{minutes}",
        "kind": kind,
        "occurred_at": (NOW - dt.timedelta(minutes=minutes)).isoformat(),
        "parcel_id": parcel_id,
        **more,
    }


def seen(tower: TowerClient, kind: str, **more: str) -> dict:
    """The exception of a kind, once it is there."""
    ends_s = time.monotonic() + 10
    while time.monotonic() < ends_s:
        found = list(tower.exceptions(kind=kind, **more))
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"no {kind} opened")


class TestEvents:
    def test_good_items_are_taken_and_bad_ones_named(self, tower: TowerClient) -> None:
        answer = tower.send_events(
            [
                event("P1", "picked_up", 9),
                {"source": "scanner"},
                event("P2", "picked_up", 8) | {"occurred_at": "yesterday"},
                event("P3", "picked_up", 8) | {"occurred_at": "2026-11-26T10:00:00"},
                event("P4", "picked_up", 7) | {"latitude": 100.0},
                event("P5", "picked_up", 7) | {"source": ""},
                event("P6", "picked_up", 7) | {"payload": "text"},
                event("P7", "picked_up", 7) | {"source": "desk"},
                event("P8", "picked_up", 7) | {"kind": "x" * 201},
                "nonsense",
                event("P1", "picked_up", 9),
            ]
        )
        assert (answer["accepted"], answer["duplicates"]) == (1, 1)
        assert [(each["index"], each["field"]) for each in answer["rejected"]] == [
            (1, "source_event_id"), (2, "occurred_at"), (3, "occurred_at"), (4, "latitude"),
            (5, "source"), (6, "payload"), (7, "source"), (8, "kind"), (9, ""),
        ]  # fmt: skip
        assert all(each["reason"] for each in answer["rejected"])
        assert [parcel["parcel_id"] for parcel in tower.parcels()] == ["P1"]

    def test_lines_are_taken_as_an_array_is(self, server, tenant) -> None:
        key = make_key(server.store_url, "ingest", tenant)
        good = (
            '{"source":"a","source_event_id":"1","kind":"x","occurred_at":"2026-11-26T01:00:00Z"}'
        )
        lines = f'{good}\n\n{{"source":\n'
        answer = httpx.post(
            f"{server.url}/v1/events",
            content=lines,
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"},
        )
        assert answer.json()["accepted"] == 1
        assert [each["reason"] for each in answer.json()["rejected"]] == ["is not JSON"]

    @pytest.mark.parametrize(
        ("body", "status"), [(b"{", 400), (b"{}", 400), (b"", 400), (b"[" * 5_000, 413)]
    )
    def test_a_body_that_cannot_be_read_is_refused_whole(self, server, tenant, body, status):
        key = make_key(server.store_url, "ingest", tenant)
        answer = httpx.post(
            f"{server.url}/v1/events",
            content=body,
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert {"type", "title", "status", "detail"} <= set(answer.json())

    def test_a_batch_over_the_limit_is_413(self, tower: TowerClient) -> None:
        with pytest.raises(ServerRefusedError) as refused:
            tower.send_events([event(f"P{i}", "picked_up", 1) for i in range(2_001)])
        assert refused.value.status == 413

    def test_any_order_and_number_of_deliveries_ends_in_the_same(self, server) -> None:
        story = [
            event(f"P{n}", kind, minutes)
            for n in range(6)
            for kind, minutes in [
                ("picked_up", 90), ("arrived_facility", 80), ("departed_facility", 70),
                ("out_for_delivery", 60), ("attempt_failed", 50), ("delivered", 45),
            ]
            if not (n == 4 and kind == "delivered")
        ]  # fmt: skip
        shuffled = story * 3
        random.Random(7).shuffle(shuffled)
        found = []
        for order in (story, shuffled):
            name = f"tenant-{next(_numbers)}"
            with TowerClient(server.url, make_key(server.store_url, "dispatcher", name)) as tower:
                for start in range(0, len(order), 7):
                    tower.send_events(order[start : start + 7])
                seen(tower, "attempt_failed", state="open")
                parcels = [(p["parcel_id"], p["status"], p["attempts"]) for p in tower.parcels()]
                opened = sorted(each["id"] for each in tower.exceptions(state="open"))
                found.append((parcels, opened))
        assert found[0] == found[1]
        assert {status for _, status, _ in found[0][0]} == {"delivered", "attempt_failed"}
        assert len(found[0][1]) == 1

    def test_a_key_with_the_same_body_is_answered_as_the_first_time(self, tower) -> None:
        batch = [event("P1", "picked_up", 3)]
        first = tower.send_events(batch, key="one")
        assert tower.send_events(batch, key="one") == first
        with pytest.raises(ServerRefusedError) as refused:
            tower.send_events([event("P2", "picked_up", 3)], key="one")
        assert refused.value.status == 422


class TestParcels:
    @pytest.mark.parametrize("name", ["P-1", "strange/1 ü", "two\nlines", "50%25?a=b#c"])
    def test_a_parcel_nobody_planned_is_opened_as_unplanned(
        self, tower: TowerClient, name: str
    ) -> None:
        tower.send_events([event(name, "picked_up", 5)])
        parcel = tower.parcel(name)
        assert (parcel["planned"], parcel["status"], parcel["eta"]) == (False, "picked_up", None)
        assert [each["kind"] for each in tower.parcel_events(name)] == ["picked_up"]

    def test_a_late_scan_undoes_no_delivery(self, tower: TowerClient) -> None:
        tower.send_events([event("P1", "delivered", 5)])
        tower.send_events([event("P1", "out_for_delivery", 30), event("P1", "held", 1)])
        assert tower.parcel("P1")["status"] == "delivered"
        assert [each["kind"] for each in tower.parcel_events("P1")] == [
            "out_for_delivery", "delivered", "held"
        ]  # fmt: skip

    def test_a_clock_of_the_future_is_flagged_and_not_refused(self, tower: TowerClient) -> None:
        answer = tower.send_events([event("P1", "picked_up", -600)])
        assert answer["accepted"] == 1
        assert tower.parcel("P1")["future_clock"]

    def test_pages_hold_each_parcel_once(self, server, tower: TowerClient, tenant) -> None:
        tower.send_events([event(f"P{i:04}", "picked_up", 5) for i in range(1_500)])
        ids = [parcel["parcel_id"] for parcel in tower.parcels()]
        assert ids == [f"P{i:04}" for i in range(1_500)]
        assert [p["parcel_id"] for p in tower.parcels(q="p0007")] == ["P0007"]
        assert list(tower.parcels(status="delivered")) == []

    @pytest.mark.parametrize("asked", ["cursor=nonsense", "limit=0", "limit=1001", "limit=x"])
    def test_a_wrong_page_is_422(self, server, tenant, asked) -> None:
        key = make_key(server.store_url, "viewer", tenant)
        headers = {"Authorization": f"Bearer {key}"}
        answer = httpx.get(f"{server.url}/v1/parcels?{asked}", headers=headers)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["location"].startswith("query.")

    def test_what_is_not_there_is_404(self, tower: TowerClient) -> None:
        for ask in (tower.parcel, tower.parcel_events, tower.exception):
            with pytest.raises(ServerRefusedError) as refused:
                ask("nowhere")
            assert refused.value.status == 404


class TestExceptions:
    def test_two_dispatchers_never_overwrite_each_other(self, server, tower, tenant) -> None:
        tower.send_events([event("P1", "attempt_failed", 5)])
        found = seen(tower, "attempt_failed")
        assert (found["state"], found["version"], found["parcel_id"]) == ("open", 0, "P1")
        owned = tower.act(found["id"], "own", 0)
        assert (owned["state"], owned["version"]) == ("acknowledged", 1)
        assert owned["owner"] == f"dispatcher of {tenant}"
        with TowerClient(server.url, make_key(server.store_url, "planner", tenant)) as other:
            with pytest.raises(ServerRefusedError) as refused:
                other.act(found["id"], "resolve", 0)
            assert refused.value.status == 409
            assert refused.value.problem["current"]["version"] == 1
            assert "own" in refused.value.problem["detail"]
            done = other.act(found["id"], "resolve", 1, text="called the consignee")
        assert done["state"] == "resolved"
        assert [each["action"] for each in done["acts"]] == ["own", "resolve"]

    def test_of_many_who_act_at_once_one_is_right(self, server, tower, tenant) -> None:
        tower.send_events([event("P1", "attempt_failed", 5)])
        found = seen(tower, "attempt_failed")
        outcomes: list[int] = []

        def act() -> None:
            with TowerClient(server.url, make_key(server.store_url, "dispatcher", tenant)) as mine:
                try:
                    mine.act(found["id"], "acknowledge", 0)
                    outcomes.append(200)
                except ServerRefusedError as error:
                    outcomes.append(error.status)

        threads = [threading.Thread(target=act) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == [200] + [409] * 7
        assert tower.exception(found["id"])["version"] == 1

    def test_snoozed_noted_escalated_undone_and_reopened(self, tower: TowerClient) -> None:
        tower.send_events([event("P1", "damaged", 5)])
        found = seen(tower, "damage")
        later = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)).isoformat()
        assert tower.act(found["id"], "snooze", 0, until=later)["state"] == "snoozed"
        assert tower.act(found["id"], "undo", 1)["state"] == "open"
        assert tower.act(found["id"], "note", 2, text="photo asked for")["state"] == "open"
        assert tower.act(found["id"], "escalate", 3)["escalated"]
        assert tower.act(found["id"], "resolve", 4)["state"] == "resolved"
        assert list(tower.exceptions(state="open")) == []
        assert [each["id"] for each in tower.exceptions(state="resolved")] == [found["id"]]
        assert tower.act(found["id"], "reopen", 5)["state"] == "open"

    @pytest.mark.parametrize(
        "action",
        [
            {"action": "snooze"},
            {"action": "snooze", "until": "2020-01-01T00:00:00Z"},
            {"action": "snooze", "until": "2099-01-01T00:00:00"},
            {"action": "note", "text": " "},
            {"action": "undo"},
            {"action": "dance"},
        ],
    )
    def test_what_makes_no_sense_is_422_and_changes_nothing(self, tower, action) -> None:
        tower.send_events([event("P1", "damaged", 5)])
        found = seen(tower, "damage")
        name, more = action["action"], {k: v for k, v in action.items() if k != "action"}
        with pytest.raises(ServerRefusedError) as refused:
            tower.act(found["id"], name, 0, **more)
        assert refused.value.status == 422
        assert tower.exception(found["id"])["version"] == 0

    def test_an_action_needs_an_idempotency_key(self, server, tower, tenant) -> None:
        tower.send_events([event("P1", "damaged", 5)])
        found = seen(tower, "damage")
        key = make_key(server.store_url, "dispatcher", tenant)
        answer = httpx.post(
            f"{server.url}/v1/exceptions/{found['id']}/actions",
            json={"action": "own", "version": 0},
            headers={"Authorization": f"Bearer {key}"},
        )
        assert answer.status_code == 400

    def test_what_ends_by_itself_is_closed(self, tower: TowerClient) -> None:
        tower.send_events([event("P1", "attempt_failed", 5)])
        found = seen(tower, "attempt_failed")
        tower.send_events([event("P1", "delivered", 1)])
        ends_s = time.monotonic() + 5
        while tower.exception(found["id"])["state"] != "closed" and time.monotonic() < ends_s:
            time.sleep(0.05)
        assert tower.exception(found["id"])["state"] == "closed"

    def test_an_unknown_kind_is_kept_and_opens_unmapped_code(self, tower: TowerClient) -> None:
        assert tower.send_events([event("P1", "teleported", 5)])["accepted"] == 1
        assert seen(tower, "unmapped_code")["severity"] == "P3"
        assert tower.incidents()[0]["kinds"] == "unmapped_code"
        assert tower.kpis()["exceptions_open"]["value"] == 1


class TestStream:
    def test_a_listener_who_drops_and_returns_misses_nothing(self, tower: TowerClient) -> None:
        tower.send_events([event(f"P{i}", "picked_up", 5) for i in range(5)])
        first = list(itertools.islice(tower.listen("0"), 3))
        tower.send_events([event("P9", "delivered", 1)])
        again = list(itertools.islice(tower.listen(first[-1].id), 3))
        told = [message.data["parcel_id"] for message in (*first, *again)]
        assert told == ["P0", "P1", "P2", "P3", "P4", "P9"]
        assert again[-1].event == "parcel"
        assert again[-1].data["status"] == "delivered"
        ids = [int(message.id) for message in (*first, *again)]
        assert ids == sorted(set(ids))

    def test_the_server_ends_its_streams_when_it_stops(self, tmp_path: Path) -> None:
        process = ServerProcess(f"sqlite:///{tmp_path}/store.db", tmp_path / "log").start()
        heard: list[str] = []
        with TowerClient(process.url, make_key(process.store_url, "dispatcher")) as tower:
            tower.send_events([event("P1", "picked_up", 5)])
            listening = threading.Thread(
                target=lambda: heard.extend(message.event for message in tower.listen("0"))
            )
            listening.start()
            ends_s = time.monotonic() + 10
            while not heard and time.monotonic() < ends_s:
                time.sleep(0.05)
            began_s = time.monotonic()
            assert process.stop() == 0
            listening.join(5)
        assert not listening.is_alive()
        assert heard == ["parcel"]
        assert time.monotonic() - began_s < 5


def test_what_was_acted_and_known_is_there_after_a_restart(tmp_path: Path) -> None:
    process = ServerProcess(f"sqlite:///{tmp_path}/store.db", tmp_path / "log").start()
    key = make_key(process.store_url, "dispatcher")
    with TowerClient(process.url, key) as tower:
        tower.send_events([event("P1", "attempt_failed", 5), event("P2", "delivered", 2)])
        found = seen(tower, "attempt_failed")
        tower.act(found["id"], "own", 0)
        before = list(tower.parcels()), tower.exception(found["id"])
        process.kill()
        process.start()
        assert (list(tower.parcels()), tower.exception(found["id"])) == before
        assert tower.act(found["id"], "note", 1, text="again")["version"] == 2
    assert process.stop() == 0
