"""``crossdock route`` as a user meets it: routes that the independent checker accepts."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from crossdock.plan.routing import Budget, solve
from crossdock.platform.cli import main
from crossdock.platform.routing import read_instance, solution_document
from routing.checker import (
    Case,
    case_of_file,
    check,
    read_sol,
    routes_of_document,
    routes_of_sol,
)
from routing.routing_data import SETS, folder, instance, instances, needs_data

TOUR = Path(__file__).resolve().parents[2] / "docs" / "examples" / "tour.vrp"
SAMPLE = {
    "gvrp": "G-n262-k25-C131-V12.vrp",
    "hfvrp": "X106-FSMD.vrp",
    "mtvrptwr": "C201R0.25.vrp",
    "sdvrptw": "PR01.vrp",
    "vrptw_ortec_realroad": "ORTEC-VRPTW-ASYM-05362619-d1-n212-k20.txt",
    "pdptw_lilim": "li_lim_100/lc101.txt",
    "vrptw_solomon_gh200_800": "solomon/C101.txt",
    "cvrp_x": "X-n101-k25.vrp",
}


def solved(path: Path, out: Path, *more: str) -> tuple[int, dict[str, Any]]:
    arguments = ["--quiet", "route", "solve", str(path), "--time", "0.5", "--out", str(out), *more]
    code = main(arguments)
    return code, json.loads(out.read_text()) if out.exists() else {}


def judged(case: Case, document: dict[str, Any]) -> None:
    """The routes are without fault, and cost what they are said to cost."""
    verdict = check(case, routes_of_document(case, document))
    assert verdict.faults == []
    assert document["cost"] == pytest.approx(verdict.cost, abs=1e-3)
    costs = [cost for _, cost in document["trace"]]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == document["cost"]
    assert document["first_feasible_s"] <= document["wall_s"]
    visited = {visit for route in document["routes"] for visit in route["visits"]}
    left = {each["id"] for each in document["unassigned"]}
    optional = {name for name, stop in case.stops.items() if not stop.required}
    assert left == {name for name in optional - visited if case.stops[name].group is None}
    assert all(each["reason"] and each["cheapest_relaxation"] for each in document["unassigned"])


def test_the_example_of_the_docs_is_solved(tmp_path: Path):
    code, document = solved(TOUR, tmp_path / "routes.json")
    assert code == 0
    judged(case_of_file(TOUR), document)
    assert document["cost"] == 177.8
    assert {route["depot_start"] for route in document["routes"]} == {1}
    assert document["wall_s"] < 10  # 0.5 s on a machine that is not starved
    assert document["cpu_s"] > 0
    assert document["peak_mb"] > 20


@needs_data
@pytest.mark.parametrize("name", SAMPLE)
def test_a_file_of_each_set_is_solved(name: str, tmp_path: Path):
    path = folder(name) / SAMPLE[name]
    code, document = solved(path, tmp_path / "routes.json")
    assert code == 0
    text = name in {"pdptw_lilim", "vrptw_solomon_gh200_800"}
    judged(case_of_file(path, "exact" if text else None), document)


@needs_data
def test_a_prize_that_is_too_small_is_left_with_its_reason(tmp_path: Path):
    path = instance("pcvrptw", "C1_10_1.vrp")
    told = read_instance(path)
    plan = solve(told.problem, Budget(iterations=20), 1)
    document = solution_document(told, plan, [(0.0, plan.cost)], 0.0)
    judged(case_of_file(path), document)
    assert document["unassigned"]


@needs_data
def test_the_rounding_asked_for_is_the_cost_told(tmp_path: Path):
    path = instance("cvrp_x", "X-n101-k25.vrp")
    _, document = solved(path, tmp_path / "routes.json", "--round", "exact")
    judged(case_of_file(path, "exact"), document)
    assert document["cost"] != int(document["cost"])


@needs_data
@pytest.mark.parametrize(("name", "file"), [("mdvrptw", "PR11A.vrp"), ("hfvrp", "X106-FSMD.vrp")])
def test_vehicles_are_those_of_the_file(name: str, file: str):
    path = instance(name, file)
    told = read_instance(path)
    plan = solve(told.problem, Budget(iterations=60), 1)
    document = solution_document(told, plan, [(0.0, plan.cost)], 0.0)
    judged(case_of_file(path), document)
    assert len({route["vehicle_type"] for route in document["routes"]}) > 1


def test_what_does_not_fit_is_told_and_the_exit_code_is_4(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    tight = tmp_path / "tight.vrp"
    tight.write_text(TOUR.read_text().replace("VEHICLES : 2", "VEHICLES : 1"))
    code, document = solved(tight, tmp_path / "routes.json")
    assert code == 4
    assert not document["complete"]
    assert document["first_feasible_s"] is None
    assert document["unassigned"]
    assert all(each["required"] and each["reason"] for each in document["unassigned"])
    assert "see `unassigned`" in capsys.readouterr().err


def test_a_depot_without_clients_and_a_client_at_the_depot(tmp_path: Path):
    alone = tmp_path / "alone.vrp"
    head = "NAME : alone\nTYPE : CVRP\nEDGE_WEIGHT_TYPE : EUC_2D\nCAPACITY : 5\n"
    alone.write_text(f"{head}DIMENSION : 1\nNODE_COORD_SECTION\n1 0 0\nDEMAND_SECTION\n1 0\n")
    assert solved(alone, tmp_path / "routes.json")[1]["routes"] == []
    alone.write_text(
        f"{head}DIMENSION : 2\nNODE_COORD_SECTION\n1 0 0\n2 0 0\nDEMAND_SECTION\n1 0\n2 5\n"
    )
    code, document = solved(alone, tmp_path / "routes.json")
    assert (code, document["cost"], document["routes"][0]["visits"]) == (0, 0, [2])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.vrp", "--time", "1", "--out", "o.json"], "cannot read none.vrp"),
        ([str(TOUR), "--time", "0", "--out", "o.json"], "--time"),
        ([str(TOUR), "--time", "1", "--round", "up", "--out", "o.json"], "--round"),
        ([str(TOUR), "--time", "0.1", "--out", "no/such/folder/o.json"], "cannot be written"),
    ],
)
def test_a_wrong_call_is_one_line_and_a_remedy(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["route", "solve", *arguments]) == 2
    told = capsys.readouterr().err.splitlines()
    assert said in told[0]
    assert told[1].startswith("remedy: ")


def test_ctrl_c_writes_the_best_so_far(tmp_path: Path):
    out = tmp_path / "routes.json"
    command = [sys.executable, "-m", "crossdock.platform.cli", "route", "solve", str(TOUR)]
    for patience_s in (2, 6, 15):  # until it is past its imports and searches
        running = subprocess.Popen([*command, "--time", "60", "--out", str(out)])
        time.sleep(patience_s)
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=30) == 130
        if out.exists() and json.loads(out.read_text())["routes"]:
            break
    judged(case_of_file(TOUR), json.loads(out.read_text()))


@needs_data
@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SETS if name not in {"amazon_routes"}])
def test_instances_of_every_set_are_solved(name: str):
    """A bounded round: some of each set, few iterations, the same answer each time."""
    text = name in {"pdptw_lilim", "vrptw_solomon_gh200_800"}
    found = [path for path in instances(name) if path.stat().st_size < 3_000_000]
    for path in found[:: max(len(found) // 6, 1)]:
        told = read_instance(path)
        plan = solve(told.problem, Budget(iterations=30), 1)
        document = solution_document(told, plan, [(0.0, plan.cost)], 0.0)
        case = case_of_file(path, "exact" if text else None)
        assert plan.complete, path
        judged(case, document)
        best = path.with_suffix(".sol")
        if best.exists():
            routes, _ = read_sol(best)
            least = check(case, routes_of_sol(case, routes)).cost
            assert least * 0.9999 <= document["cost"] <= least * 2.5, path
