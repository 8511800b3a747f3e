"""Reports over the API: a released plan measured from the log, once for many who ask."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from plan_room import Room
from whole_app import WholeApp, whole_app

from crossdock.platform.server.reports import reports as module
from crossdock.platform.server.reports.measured import measure_plan
from stored_plan import content_of
from synthetic_run import SyntheticRun, build_run

AT = dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def run() -> SyntheticRun:
    return build_run(60)


@pytest.fixture(scope="module")
def content(run, tmp_path_factory) -> bytes:
    return content_of(run, tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture
def tower(tmp_path, content) -> Iterator[WholeApp]:
    with whole_app(f"sqlite:///{tmp_path}/store.db", now=lambda: AT) as app:
        app.accounts.make_tenant("acme", by="test")
        room = Room(app.store, lambda: AT)
        room.draft("plan_1", content)
        room.release("plan_1")
        room.draft("plan_2", content)
        yield app


@pytest.fixture
def measured(monkeypatch) -> list[str]:
    """Notes each time a plan is measured."""
    times: list[str] = []

    def noted(*given: Any):
        times.append(threading.current_thread().name)
        return measure_plan(*given)

    monkeypatch.setattr("crossdock.platform.server.reports.measured.measure_plan", noted)
    return times


def delivered(run: SyntheticRun, number: int, at: dt.datetime) -> dict[str, Any]:
    parcel = run.tables["parcels"].row(number, named=True)
    return {
        "source": "van", "source_event_id": str(number), "kind": "delivered",
        "occurred_at": at.isoformat(), "parcel_id": parcel["parcel_id"],
    }  # fmt: skip


def report(tower: WholeApp, key: dict[str, str], plan_id: str = "plan_1") -> dict[str, Any]:
    answer = tower.ask("GET", f"/v1/reports/{plan_id}", headers=key)
    assert answer.status_code == 200, answer.text
    return answer.json()


def kpi(told: dict[str, Any], name: str) -> dict[str, Any]:
    return next(row for row in told["kpis"] if row["name"] == name)


def test_a_report_counts_what_was_told(tower, run):
    key = tower.key("dispatcher")
    events = [delivered(run, number, AT - dt.timedelta(hours=1)) for number in range(12)]
    assert tower.client(key).send_events(events)["accepted"] == 12
    told = report(tower, key)
    assert (told["plan_id"], told["at"], told["events"]) == ("plan_1", "2026-12-01T12:00:00Z", 12)
    assert told["progress"]["parcels"] == 60
    assert (told["progress"]["delivered"], told["progress"]["ended"]) == (12, 12)
    on_time = kpi(told, "on_time_delivery")
    assert on_time["actual"]["denominator"] == told["progress"]["due"] == told["late"]["of"]
    assert on_time["planned"]["denominator"] == 60
    assert on_time["definition"]
    assert (
        told["late"]["parcels"] == on_time["actual"]["denominator"] - on_time["actual"]["numerator"]
    )


def test_it_is_measured_once_for_many_who_ask_together(tower, measured):
    key = tower.key("viewer")
    with ThreadPoolExecutor(8) as asking:
        told = list(asking.map(lambda _: report(tower, key), range(8)))
    assert len(measured) == 1
    assert all(each == told[0] for each in told)


def test_it_is_not_measured_on_the_loop_that_answers_others(tower, measured):
    report(tower, tower.key("viewer"))
    loop = tower.portal.call(_thread_name)
    assert measured != [loop]


async def _thread_name() -> str:
    await asyncio.sleep(0)
    return threading.current_thread().name


def test_a_report_is_served_for_a_minute_and_then_as_long_as_nothing_is_told(
    tower, run, measured, monkeypatch
):
    key = tower.key("dispatcher")
    first = report(tower, key)
    tower.client(key).send_events([delivered(run, 0, AT)])
    assert report(tower, key) == first
    monkeypatch.setattr(module, "FRESH_S", -1.0)
    second = report(tower, key)
    assert (len(measured), second["events"]) == (2, 1)
    assert report(tower, key) == second
    monkeypatch.setattr(module, "QUIET_S", -1.0)
    assert report(tower, key)["events"] == 1
    assert len(measured) == 3


def test_what_was_read_before_and_what_came_since_is_one_report(tower, run, monkeypatch):
    monkeypatch.setattr(module, "FRESH_S", -1.0)
    key = tower.key("dispatcher")
    bringing = tower.client(key)
    bringing.send_events([delivered(run, number, AT) for number in range(5)])
    report(tower, key)
    bringing.send_events([delivered(run, number, AT) for number in range(3, 9)])
    told = report(tower, key)
    assert (told["events"], told["progress"]["delivered"]) == (9, 9)


def test_a_draft_has_no_report_and_an_unknown_plan_is_not_there(tower):
    key = tower.key("viewer")
    draft = tower.ask("GET", "/v1/reports/plan_2", headers=key)
    assert (draft.status_code, "draft" in draft.json()["detail"]) == (409, True)
    for path in ("/v1/reports/plan_9", "/v1/reports/plan_9/document"):
        assert tower.ask("GET", path, headers=key).status_code == 404
    other = tower.key("viewer", "other")
    assert tower.ask("GET", "/v1/reports/plan_1", headers=other).status_code == 404
    ingest = tower.key("ingest")
    assert tower.ask("GET", "/v1/reports/plan_1", headers=ingest).status_code == 403


def test_the_document_is_saved_and_never_runs_here(tower):
    answer = tower.ask("GET", "/v1/reports/plan_1/document", headers=tower.key("viewer"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="report-plan_1.html"'
    assert answer.headers.get_list("content-security-policy") == ["sandbox"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.text.lstrip().lower().startswith("<!doctype html>")
