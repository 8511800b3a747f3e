"""Facilities, their boards and shift notes over HTTP."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from board_evening import HUB, keep_evening
from crossdock.platform.bench import ServerProcess, make_key
from crossdock.platform.client import ServerRefusedError, TowerClient

NOW = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
_numbers = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    place = tmp_path_factory.mktemp("board")
    url = f"sqlite:///{place}/store.db"
    keep_evening(url, "acme", place / "run", NOW)
    process = ServerProcess(url, place / "log", sweep_s=1, heartbeat_s=0.2).start()
    yield process
    assert process.stop() == 0


def client(server: ServerProcess, tenant: str = "acme", role: str = "dispatcher") -> TowerClient:
    return TowerClient(server.url, make_key(server.store_url, role, tenant))


@pytest.fixture
def tower(server: ServerProcess) -> Iterator[TowerClient]:
    with client(server) as tower:
        yield tower


@pytest.fixture
def other(server: ServerProcess) -> Iterator[TowerClient]:
    """Of a tenant that has nothing yet."""
    with client(server, f"tenant-{next(_numbers)}") as tower:
        yield tower


def held(board: dict[str, Any]) -> set[str]:
    return {row["load_id"] for row in board["departures"] if row["state"] == "held"}


class TestFacilities:
    def test_they_say_what_waits_there_and_what_time_it_is(self, tower):
        found = {row["facility_id"]: row for row in tower.facilities()}
        assert set(found) == {"LAX", "DFW", "EWR", "DEN", "SEA", "MIA"}
        hub = found[HUB]
        assert (hub["name"], hub["timezone"]) == ("Dallas station", "America/Chicago")
        assert "hub" in hub["roles"]
        # B1 but the ten that come, B2, B5 and B6.
        assert hub["queue"] == 110 + 60 + 15 + 50

    def test_one_that_no_plan_knows_is_there_once_it_holds_a_parcel(self, other):
        assert other.facilities() == []
        with pytest.raises(ServerRefusedError) as refused:
            other.board("LAX/2")
        assert refused.value.status == 404
        event = {
            "source": "s", "source_event_id": "1", "kind": "arrived_facility",
            "occurred_at": NOW.isoformat(), "parcel_id": "P", "facility_id": "LAX/2",
        }  # fmt: skip
        other.send_events([event])
        assert [row["facility_id"] for row in other.facilities()] == ["LAX/2"]
        found = other.board("LAX/2")
        assert (found["queue"]["present"], found["departures"]) == (1, [])
        assert found["facility"]["timezone"] == "UTC"


class TestBoard:
    def test_it_is_the_next_hours_of_the_facility(self, tower):
        found = tower.board(HUB)
        states = {row["load_id"]: row["state"] for row in found["departures"]}
        assert states == {
            "B4": "departed", "B1": "planned", "B6": "held", "B2": "planned", "B5": "cancelled",
            "B3": "planned", "B7": "planned",
        }  # fmt: skip
        assert {row["load_id"]: row["state"] for row in found["arrivals"]} == {
            "A3": "arrived", "A1": "rolling", "A2": "rolling",
        }  # fmt: skip
        assert [(row["wave"], row["state"]) for row in found["waves"]] == [
            ("evening", "sorting"), ("night", "planned"),
        ]  # fmt: skip
        assert found["queue"]["for_sort"] == 49

    def test_a_departure_says_who_is_missing_and_what_to_do(self, tower):
        (row,) = (row for row in tower.board(HUB)["departures"] if row["load_id"] == "B1")
        counts = {name: row[name] for name in ("planned", "ready", "in_sort", "to_come")}
        assert counts == {"planned": 120, "ready": 80, "in_sort": 30, "to_come": 10}
        assert (row["advice"]["action"], row["advice"]["saves"]) == ("hold", 30)
        assert row["planned_share"] == pytest.approx(0.82)
        assert row["now_share"] == pytest.approx(0.82 * 80 / 120)
        (driver,) = row["drivers"]
        assert (driver["driver_id"], driver["to_drive_h"]) == ("D-101", 7.0)
        assert 10 < driver["driving_left_h"] <= 11

    def test_a_hold_says_until_when_and_by_whom(self, tower):
        (row,) = (row for row in tower.board(HUB)["departures"] if row["load_id"] == "B6")
        assert row["held_by"] == "Ruiz"
        assert row["held_until"] == (NOW + dt.timedelta(minutes=40)).isoformat().replace(
            "+00:00", "Z"
        )
        assert row["advice"]["saves"] == 19

    def test_hours_bound_it(self, tower):
        short = tower.board(HUB, hours=1)
        assert "B3" not in [row["load_id"] for row in short["departures"]]
        assert short["hours"] == 1.0

    def test_of_a_past_instant_it_says_what_it_said_then(self, tower):
        then = tower.board(HUB)
        at = dt.datetime.fromisoformat(then["at"])
        departs_at = {row["load_id"]: row["departs_at"] for row in then["departures"]}["B3"]
        until = dt.datetime.fromisoformat(departs_at) + dt.timedelta(minutes=30)
        tower.command("hold_departure", load_id="B3", until=until.isoformat())
        now = tower.board(HUB)
        assert held(now) == {"B3", "B6"}
        again = tower.board(HUB, at=at)
        assert held(again) == {"B6"}
        assert again | {"facility": None} == then | {"facility": None}
        assert held(tower.board(HUB, at=dt.datetime.fromisoformat(now["at"]))) == {"B3", "B6"}
        tower.command("hold_departure", load_id="B3", until=departs_at)  # it is released
        assert held(tower.board(HUB)) == {"B6"}
        # Ruiz held B6 twelve minutes ago, B4 left eighteen minutes ago.
        before = tower.board(HUB, at=NOW - dt.timedelta(minutes=30))
        states = {row["load_id"]: row["state"] for row in before["departures"]}
        assert (states["B4"], states["B5"], states["B6"]) == ("planned", "cancelled", "planned")

    def test_of_an_instant_that_is_not_past_there_is_none(self, tower):
        later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
        for ask in (
            lambda: tower.board(HUB, at=later),
            lambda: tower.facilities(at=later),
            lambda: tower.shift_notes(at=later),
        ):
            with pytest.raises(ServerRefusedError) as refused:
                ask()
            assert refused.value.status == 422

    @pytest.mark.parametrize("hours", ["0", "25", "x", "nan"])
    def test_wrong_hours_are_422(self, server, hours):
        headers = {"Authorization": f"Bearer {make_key(server.store_url, 'viewer')}"}
        answer = httpx.get(f"{server.url}/v1/facilities/{HUB}/board?hours={hours}", headers=headers)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["location"] == "query.hours"

    def test_a_hold_comes_from_the_desk_and_from_nobody_else(self, tower):
        answer = tower.send_events(
            [
                {
                    "source": source, "source_event_id": "hold", "kind": "command_hold_departure",
                    "occurred_at": NOW.isoformat(),
                    "payload": {"load_id": "B2", "until": "2099-01-01T00:00:00Z"},
                }
                for source in ("scanner", "desk", "desk:ann")
            ]
        )  # fmt: skip
        assert [each["index"] for each in answer["rejected"]] == [1, 2]
        (row,) = (row for row in tower.board(HUB)["departures"] if row["load_id"] == "B2")
        assert row["state"] == "planned"


def damaged(tower: TowerClient, parcel_id: str) -> str:
    """Have a parcel damaged; the id of the exception."""
    event = {
        "source": "s", "source_event_id": parcel_id, "kind": "damaged", "parcel_id": parcel_id,
        "occurred_at": dt.datetime.now(dt.UTC).isoformat(),
    }  # fmt: skip
    tower.send_events([event])
    ends_s = time.monotonic() + 10
    while time.monotonic() < ends_s:
        for found in tower.exceptions(kind="damage"):
            if found["parcel_id"] == parcel_id:
                return found["id"]
        time.sleep(0.05)
    raise AssertionError("nothing opened")


class TestShiftNotes:
    def test_a_note_keeps_how_the_day_stood_and_says_what_changed(self, other):
        first, second = damaged(other, "P1"), damaged(other, "P2")
        other.act(first, "own", 0)
        note = other.write_shift_note("P1: photo asked for.\nWatch Dallas.", to="Kim")
        assert note["text"] == "P1: photo asked for.\nWatch Dallas."
        assert note["by"].startswith("dispatcher of tenant-")
        assert note["standing"] == {
            "open": 2, "untouched": 1, "owned": 1, "owned_ids": [first], "held_loads": [],
        }  # fmt: skip
        assert (note["now"], note["since"]) == (note["standing"], {"opened": 0, "closed": 0})
        damaged(other, "P3")
        other.act(second, "acknowledge", 0)
        (again,) = other.shift_notes()
        assert (again["standing"], again["since"]["opened"]) == (note["standing"], 1)
        assert (again["now"]["open"], again["now"]["untouched"]) == (3, 1)

    def test_the_next_dispatcher_takes_it_over_once(self, server, other):
        note = other.write_shift_note("quiet night")
        assert note["read"]  # who wrote it need not read it
        tenant = note["by"].removeprefix("dispatcher of ")
        with client(server, tenant, "planner") as kim:
            (found,) = kim.shift_notes()
            assert (found["read"], found["readings"]) == (False, [])
            assert kim.read_shift_note(note["note_id"])["read"]
            kim.read_shift_note(note["note_id"])
            (found,) = kim.shift_notes()
        assert [each["by"] for each in found["readings"]] == [f"planner of {tenant}"]
        with client(server, tenant, "viewer") as viewer:
            assert not viewer.shift_notes()[0]["read"]
            with pytest.raises(ServerRefusedError) as refused:
                viewer.read_shift_note(note["note_id"])
            assert refused.value.status == 403

    def test_held_loads_are_handed_over(self, tower):
        assert tower.write_shift_note("see B6")["standing"]["held_loads"] == ["B6"]

    def test_at_a_past_instant_only_what_was_written_and_read_by_then(self, server, other):
        note = other.write_shift_note("quiet night")
        written_at = dt.datetime.fromisoformat(note["at"])
        tenant = note["by"].removeprefix("dispatcher of ")
        with client(server, tenant, "planner") as kim:
            kim.read_shift_note(note["note_id"])
        (now,) = other.shift_notes()
        (then,) = other.shift_notes(at=written_at)
        assert (len(now["readings"]), then["readings"]) == (1, [])
        assert other.shift_notes(at=written_at - dt.timedelta(microseconds=1)) == []

    def test_the_newest_come_first(self, other):
        for text in ("one", "two", "three"):
            other.write_shift_note(text)
        assert [note["text"] for note in other.shift_notes(limit=2)] == ["three", "two"]

    def test_the_same_key_is_the_same_note(self, other):
        first = other.write_shift_note("once", key="k")
        assert other.write_shift_note("once", key="k") == first
        assert len(other.shift_notes()) == 1
        with pytest.raises(ServerRefusedError) as refused:
            other.write_shift_note("other", key="k")
        assert refused.value.status == 422

    @pytest.mark.parametrize("text", ["", " \n", "x" * 4_001])
    def test_a_note_says_something_and_not_too_much(self, other, text):
        with pytest.raises(ServerRefusedError) as refused:
            other.write_shift_note(text)
        assert refused.value.status == 422
        assert other.shift_notes() == []

    def test_one_that_is_not_there_is_404(self, other):
        with pytest.raises(ServerRefusedError) as refused:
            other.read_shift_note("note_0")
        assert refused.value.status == 404

    def test_it_is_in_the_stream(self, other):
        note = other.write_shift_note("hear this")
        heard = next(told for told in other.listen("0") if told.event == "shift_note")
        assert heard.data == {"kind": "shift_note", "note_id": note["note_id"], "by": note["by"]}


def test_notes_outlive_the_server(tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    process = ServerProcess(url, tmp_path / "log").start()
    with client(process) as tower:
        note = tower.write_shift_note("to be kept")
    process.stop()
    process.start()
    with client(process) as tower:
        assert [each["note_id"] for each in tower.shift_notes()] == [note["note_id"]]
    assert process.stop() == 0
