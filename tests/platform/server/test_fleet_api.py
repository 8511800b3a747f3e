"""Drivers, their hours and what-if over HTTP."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator

import pytest

from crossdock.platform.bench import ServerProcess, make_key
from crossdock.platform.client import ServerRefusedError, TowerClient
from fleet_evening import DRIVERS, HUB, keep_fleet

NOW = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
STRANGE = "D/1 é\n?"
_numbers = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    place = tmp_path_factory.mktemp("fleet")
    url = f"sqlite:///{place}/store.db"
    keep_fleet(url, "acme", place / "run", NOW)
    process = ServerProcess(url, place / "log", sweep_s=1, heartbeat_s=0.2).start()
    yield process
    assert process.stop() == 0


def client(server: ServerProcess, tenant: str = "acme", role: str = "viewer") -> TowerClient:
    return TowerClient(server.url, make_key(server.store_url, role, tenant))


@pytest.fixture
def tower(server: ServerProcess) -> Iterator[TowerClient]:
    with client(server) as tower:
        yield tower


@pytest.fixture
def other(server: ServerProcess) -> Iterator[TowerClient]:
    """Of a tenant that has nothing yet."""
    with client(server, f"tenant-{next(_numbers)}", "dispatcher") as tower:
        yield tower


def refused(status: int, ask, *args, **more) -> str:
    with pytest.raises(ServerRefusedError) as found:
        ask(*args, **more)
    assert found.value.status == status
    return found.value.problem["detail"]


class TestTheList:
    def test_the_fewest_hours_come_first_and_the_unknown_last(self, tower):
        found = list(tower.drivers(at=NOW))
        standing = {row["driver_id"]: row["standing"] for row in found}
        assert standing == {
            "D-105": "in_violation", "D-104": "short", "D-106": "short", "D-103": "working",
            "D-101": "working", "D-108": "resting", "D-109": "rested", "D-107": "unknown",
            "V-201": "not_regulated",
        }  # fmt: skip
        assert list(standing)[:3] == ["D-105", "D-104", "D-106"]
        assert list(standing)[-4:] == ["D-108", "D-109", "D-107", "V-201"]

    def test_a_row_says_what_is_left_and_since_when_it_is_known(self, tower):
        (row,) = tower.drivers(q="d-104", at=NOW)
        assert (row["clocks"]["drive_now_s"], row["clocks"]["driving_most_s"]) == (1_200, 39_600)
        assert (row["activity"], row["load_id"], row["source"]) == ("D", "A1", "told")
        assert dt.datetime.fromisoformat(row["told_at"]) == NOW - dt.timedelta(minutes=310)
        assert dt.datetime.fromisoformat(row["drives_until"]) == NOW + dt.timedelta(minutes=20)
        assert (row["timezone"], row["facility_id"]) == ("America/Chicago", HUB)
        assert row["clocks"]["cycle_whole"] is True

    def test_what_is_not_known_is_never_nothing(self, tower):
        rows = {row["driver_id"]: row for row in tower.drivers(at=NOW)}
        assert (rows["D-107"]["clocks"], rows["D-107"]["told_at"]) == (None, None)
        assert (rows["V-201"]["clocks"], rows["V-201"]["regulated"]) == (None, False)

    def test_pages_are_of_one_instant_and_hold_everybody_once(self, tower):
        path, seen, instants, cursor = "/v1/drivers", [], set(), None
        while True:
            asked = {"limit": "2"} | ({} if cursor is None else {"cursor": cursor})
            page = tower._get(path, asked)
            seen += [row["driver_id"] for row in page["items"]]
            instants.add(page["at"])
            if (cursor := page["next_cursor"]) is None:
                break
        assert sorted(seen) == sorted([*DRIVERS, "V-201"])
        assert len(instants) == 1

    def test_it_is_filtered(self, tower):
        assert [row["driver_id"] for row in tower.drivers(kind="last_mile")] == ["V-201"]
        assert len(list(tower.drivers(facility=HUB))) == len(DRIVERS) + 1
        assert list(tower.drivers(facility="LAX")) == []

    def test_at_a_past_instant_it_is_as_it_was(self, tower):
        before = NOW - dt.timedelta(minutes=330)
        (row,) = tower.drivers(q="D-104", at=before)
        assert (row["activity"], row["standing"]) == ("OFF", "rested")
        assert tower.driver("D-104", at=before)["at"] == before.isoformat().replace("+00:00", "Z")
        assert tower.what_if("D-104", drive_h=5, at=before)["allowed"] is True
        assert tower.what_if("D-104", drive_h=5)["allowed"] is False


class TestOneDriver:
    def test_changes_say_what_gives_hours_back(self, tower):
        found = tower.driver("D-108", at=NOW)
        reset = next(each for each in found["changes"] if each["what"] == "reset")
        assert dt.datetime.fromisoformat(reset["at"]) == NOW + dt.timedelta(minutes=300)
        assert found["legal_again_at"] == reset["at"]
        assert {each["rule"] for each in found["limits"]} == {
            "driving_11h", "window_14h", "break_30min_8h", "cycle_70_8",
        }  # fmt: skip
        assert found["limits"][0]["citation"] == "49 CFR 395.3(a)(3)(i)"

    def test_half_a_split_is_shown_with_what_it_obliges_to(self, tower):
        found = tower.driver("D-106", at=NOW)
        split = found["if_split"]
        assert found["clocks"]["window_s"] == 40 * 60
        assert split["window_s"] == (840 - 800 + 425) * 60
        assert (split["in_berth"], split["owed_s"]) == (False, 175 * 60)
        assert split["citation"] == "49 CFR 395.1(g)(1)(ii)"

    def test_driving_that_broke_a_rule_is_found(self, tower):
        (found,) = tower.driver("D-105", at=NOW)["findings"]
        assert (found["rule"], found["seconds"], found["severity"]) == (
            "break_30min_8h", 3_600, "violation",
        )  # fmt: skip
        assert found["text"] == "8 h of driving without a pause of 30 min"

    def test_the_log_is_whole_and_its_days_add_up(self, tower):
        found = tower.driver("D-104", at=NOW)
        segments = found["segments"]
        assert all(
            one["ends_at"] == other["starts_at"] for one, other in itertools.pairwise(segments)
        )
        assert segments[-1]["ends_at"] == found["at"]
        assert len(found["days"]) == 8
        whole = found["days"][1]
        length = dt.datetime.fromisoformat(whole["ends_at"]) - dt.datetime.fromisoformat(
            whole["starts_at"]
        )
        assert sum(whole[f"{line}_s"] for line in ("off", "sb", "d", "on")) == (
            length.total_seconds()
        )

    def test_the_next_duty_is_judged(self, tower):
        (duty,) = tower.driver("D-101", at=NOW)["duties"]
        assert (duty["load_ids"], duty["legal"]) == (["B1"], True)

    def test_a_driver_whom_only_an_event_names_is_there(self, other):
        refused(404, other.driver, STRANGE)
        event = {
            "source": "eld", "source_event_id": "1", "kind": "duty_changed",
            "occurred_at": NOW.isoformat(), "driver_id": STRANGE,
            "payload": {"activity": "ON", "load_id": "nobody's"},
        }  # fmt: skip
        other.send_events([event])
        assert other.driver(STRANGE)["standing"] == "working"
        assert other.what_if(STRANGE, drive_h=3)["allowed"] is True
        assert [row["driver_id"] for row in other.drivers()] == [STRANGE]
        assert refused(405, other._get, "/v1/drivers/X/what-if")


class TestWhatIf:
    def test_a_load_that_fits_and_one_that_does_not(self, tower):
        takes = tower.what_if("D-109", load_id="B1")
        assert (takes["allowed"], takes["drive_s"]) == (True, (420 + 155) * 60)
        assert takes["after"] is not None
        cannot = tower.what_if("D-104", load_id="B1")
        assert cannot["allowed"] is False
        assert cannot["binding"]["rule"] == "driving_11h"
        assert cannot["binding"]["left_s"] < 0
        assert cannot["legal_from"] > cannot["starts_at"]
        assert cannot["reasons"][0]["citation"] == "49 CFR 395.3(a)(3)(i)"

    def test_hours_are_judged_from_when_they_are_asked_for(self, tower):
        start = NOW + dt.timedelta(hours=11)
        assert tower.what_if("D-104", drive_h=8, work_h=1)["allowed"] is False
        rested = tower.what_if("D-104", drive_h=8, work_h=1, start=start)
        assert (rested["allowed"], rested["work_s"]) == (True, 3_600)

    def test_of_an_unknown_log_it_allows_nothing(self, tower):
        found = tower.what_if("D-107", drive_h=4)
        assert found["allowed"] is None
        assert any("nothing is known" in each["text"] for each in found["reasons"])

    def test_a_van_is_outside_of_the_rules_and_a_truck_is_not(self, tower):
        assert tower.what_if("V-201", drive_h=4)["regulated"] is False
        truck = tower.what_if("V-201", load_id="B1")
        assert (truck["regulated"], truck["allowed"]) == (True, True)

    @pytest.mark.parametrize(
        ("asked", "status", "said"),
        [
            ({"load_id": "B0"}, 404, "no load"),
            ({"load_id": "B4"}, 409, "departed"),
            ({"load_id": "B5"}, 409, "cancelled"),
            ({"load_id": "B1", "drive_h": 1}, 422, "drive_h"),
            ({"drive_h": -1}, 422, ""),
            ({"drive_h": 101}, 422, ""),
            ({"drive_h": 1, "start": NOW - dt.timedelta(hours=1)}, 422, "is past"),
            ({"drive_h": 1, "start": NOW + dt.timedelta(days=15)}, 422, "14 days"),
        ],
    )
    def test_what_cannot_be_answered_is_refused(self, tower, asked, status, said):
        assert said in refused(status, tower.what_if, "D-101", **asked)

    def test_nothing_is_kept(self, tower):
        before = tower.driver("D-109")["segments"][:-1]
        tower.what_if("D-109", drive_h=4)
        assert tower.driver("D-109")["segments"][:-1] == before


def test_a_change_of_duty_is_in_the_stream(other):
    told = {"activity": "SB", "load_id": "L-1"}
    at = dt.datetime.now(dt.UTC).replace(microsecond=0)
    event = {"source": "eld", "source_event_id": "1", "kind": "duty_changed", "driver_id": "D-1"}
    other.send_events([{**event, "occurred_at": at.isoformat(), "payload": told}])
    heard = next(each for each in other.listen("0") if each.event == "duty")
    assert dt.datetime.fromisoformat(heard.data.pop("at")) == at
    assert heard.data == {"driver_id": "D-1", **told}
