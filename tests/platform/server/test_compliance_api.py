"""Audits, plans, formulas, gates and ELD files over HTTP: the answers of the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from crossdock.platform.bench import ServerProcess, make_key
from crossdock.platform.cli import main
from crossdock.platform.client import TowerClient

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    place = tmp_path_factory.mktemp("compliance")
    process = ServerProcess(f"sqlite:///{place}/store.db", place / "log").start()
    yield process
    assert process.stop() == 0


@pytest.fixture(scope="module")
def api(server: ServerProcess) -> Iterator[httpx.Client]:
    key = make_key(server.store_url, "viewer", "acme")
    headers = {"Authorization": f"Bearer {key}"}
    base = f"{server.url}/v1/compliance"
    with httpx.Client(base_url=base, headers=headers, timeout=60) as client:
        yield client


@pytest.fixture
def ingest(server: ServerProcess) -> str:
    return make_key(server.store_url, "ingest", "acme")


def told(name: str) -> dict[str, object]:
    return json.loads((EXAMPLES / name).read_text())


@pytest.mark.parametrize(
    ("path", "command", "name"),
    [
        ("/hos/audit", ["hos", "audit"], "duty_logs.json"),
        ("/hos/plan", ["hos", "plan"], "stops.json"),
    ],
)
def test_cases_are_answered_as_on_the_command_line(
    api: httpx.Client, tmp_path: Path, path: str, command: list[str], name: str
) -> None:
    out = tmp_path / "out.json"
    assert main(["--quiet", *command, str(EXAMPLES / name), "--out", str(out)]) == 0
    answer = api.post(path, json=told(name))
    assert answer.status_code == 200
    assert answer.json() == json.loads(out.read_text())


def test_a_case_that_cannot_be_used_stops_no_other(api: httpx.Client) -> None:
    (good, *_) = told("duty_logs.json")["cases"]
    answer = api.post("/hos/audit", json={"cases": [{"id": "x", "segments": 3}, good]})
    bad, fine = answer.json()["cases"]
    assert bad["error"]["field"] == "segments"
    assert bad["error"]["remedy"]
    assert "violations" in fine


def test_formulas_are_calculated_with_their_citation(api: httpx.Client) -> None:
    cases = {"bridge_formula_weight": [{"L_ft": 51, "N": 5}]}
    (found,) = api.post("/calculations", json=cases).json()["bridge_formula_weight"]
    assert 80_000 in found["result"].values()
    assert "658" in found["citation"]


def test_a_trip_is_judged(api: httpx.Client, tmp_path: Path) -> None:
    out = tmp_path / "verdicts.json"
    code = main(["--quiet", "comply", "gate", str(EXAMPLES / "trip.json"), "--out", str(out)])
    answer = api.post("/gate", json=told("trip.json")).json()
    assert answer == json.loads(out.read_text())
    assert answer["allowed"] == (code == 0)
    wrong = api.post("/gate", json={**told("trip.json"), "drivre": {}})
    assert wrong.status_code == 422
    assert "drivre" in wrong.json()["detail"]


def test_an_eld_file_is_checked_and_drawn(api: httpx.Client) -> None:
    file = (EXAMPLES / "eld.csv").read_bytes()
    found = api.post("/eld/check", content=file).json()
    assert found["wrong_checks"] == []
    assert found["rows"]
    picture = api.post("/eld/grid", content=file, params={"day": "2026-03-04"})
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert "sandbox" in picture.headers["content-security-policy"]
    assert "<svg" in picture.text
    assert api.post("/eld/check", content=b"nothing").status_code == 422
    assert api.post("/eld/grid", content=file, params={"day": "soon"}).status_code == 422


@pytest.mark.parametrize("path", ["/hos/audit", "/hos/plan", "/calculations", "/gate"])
def test_what_is_no_json_object_is_refused(api: httpx.Client, path: str) -> None:
    assert api.post(path, content=b"{").status_code == 400
    assert api.post(path, json=[]).status_code == 422
    assert api.post(path, content=b"\xff").status_code == 400


def test_there_is_an_end_to_what_one_request_asks(api: httpx.Client) -> None:
    stops = [{"drive_min": 60, "service_min": 10}]
    for body in (
        {"cases": [{"stops": stops}] * 21},
        {"cases": [{"stops": stops * 101}]},
        {"cases": [{"stops": stops * 11, "team": True}]},
    ):
        assert api.post("/hos/plan", json=body).status_code == 413
    assert api.post("/hos/audit", json={"cases": [{}] * 1_001}).status_code == 413


def test_the_client_asks_for_all_of_it(api: httpx.Client) -> None:
    key = api.headers["Authorization"].removeprefix("Bearer ")
    with TowerClient(str(api.base_url).removesuffix("/v1/compliance/"), key) as tower:
        assert tower.audit_hours(told("duty_logs.json")["cases"])[0]["violations"] is not None
        assert tower.plan_hours(told("stops.json")["cases"])[0]["feasible"]
        assert tower.calculate({"bridge_formula_weight": [{"L_ft": 51, "N": 5}]})
        assert tower.judge_trip(told("trip.json"))["verdicts"]


def test_a_key_that_only_brings_events_may_not_ask(api: httpx.Client, ingest: str) -> None:
    for key, status in (("nobody", 401), (ingest, 403)):
        headers = {"Authorization": f"Bearer {key}"}
        answer = api.post("/hos/audit", json={"cases": []}, headers=headers)
        assert answer.status_code == status
