"""Commands over HTTP: previewed, given once, refused with reasons, told to who is to obey."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from whole_app import WholeApp, faults_of_a_problem, whole_app

from crossdock.model import InvalidValueError
from crossdock.operate.cases import DESK
from stored_plan import keep_plan

T0 = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
"""Before any load of the plan leaves."""
PATH = "/v1/commands"


class Clock:
    at = T0

    def now(self) -> dt.datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(migrated_sqlite: Path, tmp_path: Path, clock: Clock) -> Iterator[WholeApp]:
    """A tenant with a released plan."""
    shutil.copy(migrated_sqlite, tmp_path / "store.db")
    url = f"sqlite:///{tmp_path}/store.db"
    made = keep_plan(url, "acme", tmp_path / "run")
    with whole_app(url, now=clock.now) as app:
        released = app.ask(
            "POST",
            f"/v1/plans/{made['plan_id']}/release",
            headers=app.key("planner") | {"Idempotency-Key": "release"},
        )
        assert released.status_code == 200, released.text
        yield app


@pytest.fixture
def dispatcher(app: WholeApp) -> dict[str, str]:
    return app.key("dispatcher")


@pytest.fixture
def load(app: WholeApp, dispatcher: dict[str, str]) -> dict[str, Any]:
    """A load of the plan with parcels on it."""
    loads = app.ask("GET", "/v1/plans/plan_acme/loads", headers=dispatcher).json()["items"]
    return max(loads, key=lambda load: load["parcels"])


def give(app: WholeApp, who: dict[str, str], key: str = "", **asked: object) -> httpx.Response:
    headers = who | {"Idempotency-Key": key or uuid.uuid4().hex}
    return app.ask("POST", PATH, headers=headers, json=asked)


def later(load: dict[str, Any], **span: float) -> str:
    return (dt.datetime.fromisoformat(load["departs_at"]) + dt.timedelta(**span)).isoformat()


def given(app: WholeApp, who: dict[str, str]) -> list[dict[str, Any]]:
    return app.ask("GET", PATH, headers=who).json()["items"]


def desk_of(app: WholeApp) -> Any:
    return app.app.state.desks.open["acme"]


def test_a_preview_answers_and_changes_nothing(app, dispatcher, load):
    asked = {"command": "hold_departure", "load_id": load["load_id"], "until": later(load, hours=2)}
    began_s = time.monotonic()
    answer = give(app, dispatcher, **asked, preview=True)
    assert time.monotonic() - began_s < 1
    told = answer.json()
    assert answer.status_code == 200
    assert {"late_parcels", "cost_usd", "legal", "reasons"} <= set(told)
    assert (told["parcels"], told["preview"], told["event_id"]) == (load["parcels"], True, None)
    assert given(app, dispatcher) == []
    assert desk_of(app).present.folded.tracking.load_events.whole.is_empty()


def test_a_command_is_in_the_log_with_who_and_when(app, dispatcher, load, clock):
    until = later(load, minutes=30)
    done = give(
        app, dispatcher, command="hold_departure", load_id=load["load_id"], until=until
    ).json()
    (shown,) = given(app, dispatcher)
    assert shown == {
        "event_id": done["event_id"],
        "command": "hold_departure",
        "by": "dispatcher of acme",
        "at": clock.at.isoformat().replace("+00:00", "Z"),
        "arguments": {"load_id": load["load_id"], "until": until.replace("+00:00", "Z")},
    }
    held = give(
        app, dispatcher, command="hold_departure", load_id=load["load_id"], until=until,
        preview=True,
    ).json()  # fmt: skip
    assert held["late_parcels"] == held["late_parcels_before"]  # it is held until then already


def test_a_command_is_told_on_the_stream(app, dispatcher, load):
    desk = desk_of(app)
    number = desk.teller.number
    done = give(app, dispatcher, command="cancel_load", load_id=load["load_id"]).json()
    told = [each for each in desk.outbox.after(number, most=100) if each.event == "command"]
    assert [json.loads(each.data) for each in told] == [
        {
            "command": "cancel_load",
            "load_id": load["load_id"],
            "by": "dispatcher of acme",
            "event_id": done["event_id"],
            "at": "2026-11-30T12:00:00Z",
        }
    ]


def test_the_same_key_gives_a_command_once(app, dispatcher, load):
    asked = {"command": "cancel_load", "load_id": load["load_id"]}
    first = give(app, dispatcher, "k", **asked)
    again = give(app, dispatcher, "k", **asked)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert give(app, dispatcher, "k", **asked, preview=True).status_code == 422
    assert len(given(app, dispatcher)) == 1


def test_a_preview_with_a_new_key_is_computed_anew(app, dispatcher, load):
    asked = {"command": "cancel_load", "load_id": load["load_id"]}
    assert give(app, dispatcher, "k1", **asked, preview=True).json()["legal"]
    assert give(app, dispatcher, **asked).status_code == 200
    assert give(app, dispatcher, "k1", **asked, preview=True).json()["legal"]  # as it was
    now = give(app, dispatcher, "k2", **asked, preview=True).json()
    assert (now["legal"], now["reasons"]) == (False, ["it is cancelled"])


def test_without_a_key_it_is_400(app, dispatcher, load):
    asked = {"command": "cancel_load", "load_id": load["load_id"], "preview": True}
    answer = app.ask("POST", PATH, headers=dispatcher, json=asked)
    assert answer.status_code == 400
    assert faults_of_a_problem(answer) == []


@pytest.mark.parametrize("role", ["viewer", "ingest"])
def test_only_who_may_dispatch_may_ask(app, role, load):
    answer = give(app, app.key(role), command="cancel_load", load_id=load["load_id"], preview=True)
    assert answer.status_code == 403


def test_what_is_not_there_is_404_and_so_is_what_another_tenant_has(app, dispatcher, load):
    for asked in (
        {"command": "cancel_load", "load_id": "L-nowhere"},
        {"command": "add_load", "from": "LAX", "to": "nowhere"},
        {"command": "reattempt", "parcel_id": "P-nowhere", "preview": True},
        {"command": "move_stops", "route_id": "R-1", "to_route_id": "R-2", "parcel_ids": ["P"]},
    ):
        answer = give(app, dispatcher, **asked)
        assert answer.status_code == 404, answer.text
        assert faults_of_a_problem(answer) == []
    others = give(
        app, app.key("dispatcher", "globex"), command="cancel_load", load_id=load["load_id"]
    )
    assert others.status_code == 404


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"command": "hold_departure", "load_id": "L"}, "body.until"),
        ({"command": "hold_departure", "load_id": "L", "until": "2026-12-01T01:00:00"},
         "body.until"),
        ({"command": "hold_departure", "load_id": " ", "until": "2026-12-01T01:00:00Z"},
         "body.load_id"),
        ({"command": "add_load", "from": "A", "to": "A"}, "body.to"),
        ({"command": "add_load", "from": "A", "to": "B", "volume_m3": -1}, "body.volume_m3"),
        ({"command": "move_stops", "route_id": "R", "to_route_id": "S", "parcel_ids": []},
         "body.parcel_ids"),
        ({"command": "divert", "parcel_ids": ["P"]}, "body.carrier_id"),
        ({"command": "divert", "load_id": "L", "to": "X", "carrier_id": "C"}, "body.load_id"),
        ({"command": "explode"}, "body.command"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_422_with_their_field(app, dispatcher, asked, field):
    answer = give(app, dispatcher, **asked, preview=True)
    assert answer.status_code == 422
    assert field in [each["location"] for each in answer.json()["errors"]]


def test_what_can_no_longer_be_done_is_409_with_reasons(app, dispatcher, load):
    with app.client(app.key("ingest")) as carrier:
        carrier.send_events(
            [
                {
                    "source": "truck", "source_event_id": "1", "kind": "load_departed",
                    "occurred_at": "2026-11-30T11:58:00Z", "payload": {"load_id": load["load_id"]},
                }
            ]
        )  # fmt: skip
    asked = {"command": "cancel_load", "load_id": load["load_id"]}
    shown = give(app, dispatcher, **asked, preview=True).json()
    assert not shown["legal"]
    answer = give(app, dispatcher, **asked)
    assert answer.status_code == 409
    assert faults_of_a_problem(answer) == []
    assert answer.json()["reasons"] == shown["reasons"]
    assert given(app, dispatcher) == []


class TestATwinThatObeys:
    def test_it_makes_the_event_of_its_own_instant(self, app, dispatcher, load):
        desk = desk_of(app)
        obeyed: list[dt.datetime] = []

        async def obey(row):
            at = T0 + dt.timedelta(minutes=7)
            obeyed.append(at)
            return await desk.take([row(at)])

        desk.obeyed_by = obey
        give(app, dispatcher, command="cancel_load", load_id=load["load_id"])
        (shown,) = given(app, dispatcher)
        assert shown["at"] == "2026-11-30T12:07:00Z"
        assert len(obeyed) == 1

    def test_what_it_cannot_do_is_409_and_in_no_log(self, app, dispatcher, load):
        async def refuse(row):
            raise InvalidValueError("the load is gone", remedy="choose another")

        desk_of(app).obeyed_by = refuse
        answer = give(app, dispatcher, command="cancel_load", load_id=load["load_id"])
        assert answer.status_code == 409
        assert answer.json()["reasons"] == ["the load is gone; choose another"]
        assert given(app, dispatcher) == []


def test_of_two_that_come_together_one_is_done(app, dispatcher, load):
    answers: list[int] = []

    def ask() -> None:
        answer = give(app, dispatcher, command="cancel_load", load_id=load["load_id"])
        answers.append(answer.status_code)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 409, 409, 409]
    assert len(given(app, dispatcher)) == 1


def test_the_list_comes_in_pages_the_newest_first(app, dispatcher, load, clock):
    for minute in range(5):
        clock.at = T0 + dt.timedelta(minutes=minute)
        give(
            app, dispatcher, command="hold_departure", load_id=load["load_id"],
            until=later(load, hours=1, minutes=minute),
        )  # fmt: skip
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = app.ask("GET", PATH, headers=dispatcher, params=params).json()
        seen += [each["at"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [f"2026-11-30T12:0{minute}:00Z" for minute in (4, 3, 2, 1, 0)]


def test_commands_are_there_after_a_restart(app, dispatcher, load, tmp_path, clock):
    give(app, dispatcher, command="cancel_load", load_id=load["load_id"])
    before = given(app, dispatcher)
    with whole_app(f"sqlite:///{tmp_path}/store.db", now=clock.now) as again:
        who = again.key("dispatcher")
        assert given(again, who) == before
        shown = give(again, who, command="cancel_load", load_id=load["load_id"], preview=True)
        assert shown.json()["reasons"] == ["it is cancelled"]


def test_nobody_else_may_speak_as_the_desk(app, dispatcher, load):
    """A command that a source sends as an event is kept, and obeyed by nobody."""
    with app.client(app.key("ingest")) as outside:
        told = {
            "source": "carrier", "source_event_id": "1", "kind": "command_cancel_load",
            "occurred_at": "2026-11-30T11:58:00Z", "payload": {"load_id": load["load_id"]},
        }  # fmt: skip
        assert outside.send_events([told])["accepted"] == 1
        assert outside.send_events([told | {"source": DESK}])["accepted"] == 0
    assert given(app, dispatcher) == []
    asked = {"command": "cancel_load", "load_id": load["load_id"], "preview": True}
    assert give(app, dispatcher, **asked).json()["legal"]
