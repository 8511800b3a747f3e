"""``crossdock route plan`` and its company as a user meets them."""

from __future__ import annotations

import csv
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from crossdock.platform.cli import main
from crossdock.platform.routing.documents import json_schema
from routing.plan_checker import judged
from routing.route_documents import EXAMPLES, example

PROBLEM = EXAMPLES / "route_problem.json"


def route(*arguments: object) -> int:
    return main(["--quiet", "route", *map(str, arguments)])


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def written(path: Path, told: object) -> Path:
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def test_the_example_of_the_docs_is_planned(tmp_path: Path):
    out = tmp_path / "plan.json"
    assert route("plan", PROBLEM, "--time", 1, "--out", out) == 0
    plan = read(out)
    Draft202012Validator(json_schema("plan")).validate(plan)
    assert judged(example(), plan) == []
    assert plan["wall_s"] < 10


def test_iterations_alone_give_the_same_plan_each_time(tmp_path: Path):
    plans = []
    for workers in (1, 2):
        out = tmp_path / f"{workers}.json"
        asked = ("--iterations", 60, "--seed", 7, "--workers", workers)
        assert route("plan", PROBLEM, *asked, "--out", out) == 0
        plans.append(read(out) | {"wall_s": 0, "trace": []})
    assert plans[0] == plans[1]
    assert plans[0]["seed"] == 7


def test_a_plan_begins_with_another(tmp_path: Path):
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert route("plan", PROBLEM, "--iterations", 100, "--out", first) == 0
    asked = ("--iterations", 0, "--start", first)
    assert route("plan", PROBLEM, *asked, "--out", second) == 0
    assert read(second)["routes"] == read(first)["routes"]
    other = example()
    other["jobs"].pop(0)
    problem = written(tmp_path / "other.json", other)
    assert route("plan", problem, *asked, "--out", second) == 2


def test_every_fault_is_named_and_nothing_is_planned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    told = example()
    told["jobs"][3]["lat"] = 141.9
    told["jobs"][5]["service"] = 60
    problem, out = written(tmp_path / "problem.json", told), tmp_path / "plan.json"
    assert route("plan", problem, "--time", 1, "--out", out) == 2
    assert capsys.readouterr().err.splitlines() == [
        'fault: jobs[3] "A-104": lat is 141.9; give at most 90',
        "fault: jobs[5] \"A-106\": service is not known; did you mean 'service_s'?",
        "error: 2 faults in problem.json",
        "remedy: correct them, or have the good rows planned alone: --skip-bad",
    ]
    assert not out.exists()


def test_good_rows_are_planned_alone_where_that_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    told = example()
    told["jobs"][3]["lat"] = 141.9
    problem, out = written(tmp_path / "problem.json", told), tmp_path / "plan.json"
    asked = ("--iterations", 50, "--skip-bad", "--out", out)
    assert route("plan", problem, *asked) == 3
    plan = read(out)
    assert [each["row"] for each in plan["skipped"]] == ['jobs[3] "A-104"']
    assert 'skipped: jobs[3] "A-104": lat is 141.9' in capsys.readouterr().err
    del told["jobs"][3]
    assert judged(told, plan) == []


def test_what_does_not_fit_is_told_and_the_exit_code_is_4(tmp_path: Path):
    told = example()
    told["vehicles"] = [told["vehicles"][0] | {"count": 1}]
    problem, out = written(tmp_path / "problem.json", told), tmp_path / "plan.json"
    assert route("plan", problem, "--iterations", 50, "--out", out) == 4
    plan = read(out)
    assert judged(told, plan) == []
    assert any(each["required"] and each["reason"] for each in plan["unassigned"])


@pytest.mark.parametrize("document", ["problem", "plan", "events"])
def test_schemas_are_printed(document: str, capsys: pytest.CaptureFixture[str]):
    assert route("schema", document) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == json_schema(document)
    assert told["$schema"].endswith("2020-12/schema")
    Draft202012Validator(told)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.json", "--time", "1", "--out", "o.json"], "none.json cannot be read"),
        ([PROBLEM, "--out", "o.json"], "without an end"),
        ([PROBLEM, "--time", "0", "--out", "o.json"], "--time"),
        ([PROBLEM, "--iterations", "1", "--out", "no/such/o.json"], "cannot be written"),
        ([PROBLEM, "--iterations", "1", "--start", PROBLEM, "--out", "o.json"], "faults in"),
    ],
)
def test_a_wrong_call_is_an_error_and_a_remedy(
    arguments: list[Any], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert route("plan", *arguments) == 2
    told = capsys.readouterr().err.splitlines()
    assert said in told[-2]
    assert told[-1].startswith("remedy: ")


def test_ctrl_c_writes_the_best_so_far(tmp_path: Path):
    out = tmp_path / "plan.json"
    command = [sys.executable, "-m", "crossdock.platform.cli", "route", "plan", str(PROBLEM)]
    for patience_s in (3, 8, 20):  # until it is past its imports and searches
        running = subprocess.Popen([*command, "--time", "60", "--out", str(out)])
        time.sleep(patience_s)
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=30) == 130
        if out.exists() and read(out)["routes"]:
            break
    plan = read(out)
    assert plan["interrupted"]
    assert judged(example(), plan) == []


def test_the_worked_day_of_the_docs_is_planned_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    plan, events = EXAMPLES / "route_plan.json", EXAMPLES / "route_events.json"
    assert judged(example(), read(plan)) == []
    new, now = tmp_path / "new.json", tmp_path / "now.json"
    asked = ("--events", events, "--iterations", 300, "--out", new, "--problem-out", now)
    assert route("replan", PROBLEM, plan, *asked) == 0
    told = read(new)
    Draft202012Validator(json_schema("plan")).validate(told)
    Draft202012Validator(json_schema("problem")).validate(read(now))
    assert judged(read(now), told) == []
    served = {stop["id"] for each in told["routes"] for stop in each["stops"]}
    done = {stop for each in told["done"] for stop in each["stops"]}
    assert {"A-201", "A-114", "A-110"} <= served
    assert served.isdisjoint(done)
    assert "A-116" not in served | done  # it was cancelled
    assert "van/2" not in {each["vehicle"] for each in told["routes"]}  # it broke down
    assert {each["stop"] for each in told["changes"]["moved"]} >= {"A-114", "A-110"}
    assert route("explain", now, new) == 0
    assert "breaks a limit" not in capsys.readouterr().out
    assert route("diff", plan, new) == 0
    assert "A-201" in capsys.readouterr().out


def test_events_with_faults_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    events = written(tmp_path / "events.json", {"now": "2026-03-02T10:00:00Z", "evnts": []})
    asked = ("--events", events, "--iterations", 1, "--out", tmp_path / "new.json")
    assert route("replan", PROBLEM, EXAMPLES / "route_plan.json", *asked) == 2
    assert "did you mean 'events'?" in capsys.readouterr().err


def test_a_plan_is_explained_stop_by_stop(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    plan, out = EXAMPLES / "route_plan.json", tmp_path / "why.json"
    assert route("explain", PROBLEM, plan, "--stop", "A-113", "--out", out) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].startswith("A-113 is on van/2, which would save")
    assert "no place keeps every limit" in said
    assert read(out)["stop"] == "A-113"
    assert route("explain", PROBLEM, plan, "--stop", "A-999") == 4


def test_a_plan_is_exported_as_csv_geojson_and_pdf(tmp_path: Path):
    told = read(EXAMPLES / "route_plan.json")
    told["routes"][0]["stops"][0]["name"] = "=HYPERLINK(1)"
    told["routes"][0]["stops"][0]["note"] = "Łódź (left) \\ door, ☃"
    plan = written(tmp_path / "plan.json", told)
    for form in ("csv", "geojson", "pdf"):
        assert route("export", plan, "--as", form, "--out", tmp_path / f"out.{form}",
                     "--timezone", "America/Chicago") == 0  # fmt: skip
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text("utf-8").splitlines()))
    stops = [stop for each in told["routes"] for stop in each["stops"]]
    assert [row["stop"] for row in rows] == [stop["id"] for stop in stops]
    assert rows[0]["name"] == "'=HYPERLINK(1)"
    assert float(rows[0]["load_parcels"]) == stops[0]["load"]["parcels"]
    features = read(tmp_path / "out.geojson")["features"]
    assert sum(each["geometry"]["type"] == "LineString" for each in features) == 3
    assert sum(each["geometry"]["type"] == "Point" for each in features) == len(stops)
    content = (tmp_path / "out.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", content)) >= 3
    assert rb"\(left\) \\ door" in content
    assert b"times of America/Chicago" in content
    again = tmp_path / "again.pdf"
    assert (
        route("export", plan, "--as", "pdf", "--out", again, "--timezone", "America/Chicago") == 0
    )
    assert again.read_bytes() == content
    assert route("export", plan, "--as", "pdf", "--out", tmp_path / "x", "--timezone", "Mars") == 2
