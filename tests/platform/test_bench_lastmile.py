"""``crossdock bench lastmile``: rows that are right whoever solved, and what goes wrong."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from crossdock.plan.routing import (
    Depot,
    Job,
    PlanarMetric,
    Problem,
    Rounding,
    VehicleType,
    Window,
)
from crossdock.platform.bench.lastmile import PEERS, measure, measure_lastmile, write_lastmile
from crossdock.platform.bench.lastmile.instances import best_known, find_instances
from crossdock.platform.bench.lastmile.measure import BenchRow, BenchRun
from crossdock.platform.bench.lastmile.process import run_alone
from crossdock.platform.bench.lastmile.solvers import Solver, find_peers, not_supported
from crossdock.platform.bench.lastmile.verdict import judge
from crossdock.platform.cli import main
from crossdock.platform.progress import open_progress
from crossdock.platform.routing import read_instance
from routing.bench_instances import COSTS, write_instances

PEER_PYTHON = os.environ.get("CROSSDOCK_PEER_PYTHON")
"""A Python with the peers, where they are not beside Crossdock."""


def bench(folder: Path, out: Path, *more: str, seconds: float = 0.3, peers: str = "") -> int:
    arguments = ["--instances", str(folder), "--time", str(seconds), "--peers", peers]
    return main(["--quiet", "bench", "lastmile", *arguments, "--out", str(out), *more])


def rows_of(out: Path) -> list[dict[str, str]]:
    with out.open(newline="") as lines:
        return list(csv.DictReader(lines))


def measured(folder: Path, out: Path, *peers: str, seconds: float = 0.3) -> BenchRun:
    with open_progress(quiet=True) as progress:
        return measure_lastmile(folder, seconds, peers, out, progress, peer_python=PEER_PYTHON)


def test_we_and_pyvrp_find_the_least_costs(tmp_path: Path, capsys) -> None:
    names = ("prizes", "fleet", "backhauls")
    folder = write_instances(tmp_path / "i", *names)
    with zipfile.ZipFile(folder / "texts.zip", "w") as packed:
        for file in ("pairs.txt", "tiny.txt"):
            packed.write(write_instances(tmp_path / "t") / file, f"some/{file}")
        told = "set,instance,objective,bks_cost\nsome,PAIRS,vehicles_then_distance,100\n"
        packed.writestr("bks.csv", told + "some,tiny,distance_only,40\nother,tiny,distance_only,1")
    out = tmp_path / "deep" / "table.csv"
    assert bench(folder, out, "--seed", "3", peers="pyvrp") == 0
    rows = rows_of(out)
    order = [("i", name) for name in sorted(names)] + [("texts/some", n) for n in ("pairs", "tiny")]
    assert [(row["set"], row["instance"]) for row in rows[::2]] == order
    assert [row["solver"] for row in rows] == ["crossdock", "pyvrp"] * len(order)
    for row in rows:
        assert row["feasible"] == "true", row
        assert row["note"] == ""
        assert float(row["cost"]) == pytest.approx(COSTS[row["instance"]])
        gap = -20 if row["instance"] == "pairs" else 0
        assert float(row["gap_pct"]) == pytest.approx(gap)
        assert float(row["wall_s"]) >= 0.3
        assert float(row["cpu_s"]) > 0.1
        assert 20 < float(row["peak_mb"]) < 1000
        assert row["version"]
    assert [row["rounding"] for row in rows[::2]] == ["round", "exact", "dimacs", "exact", "exact"]
    page = out.with_suffix(".md").read_text()
    assert "| i | pyvrp | 3 of 3 | 0.00 (3) | 0.00 | 3 | " in page
    assert "| texts/some (vehicles first) | crossdock | 1 of 1 | -20.00 (1) | -20.00 | 1 | " in page
    assert "table.md" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["vroom", "ortools"])
def test_other_peers_find_the_least_costs_of_what_they_support(name: str, tmp_path: Path) -> None:
    if not find_peers([name], PEER_PYTHON)[0]:
        pytest.skip(f"{name} is not installed; CROSSDOCK_PEER_PYTHON may name a Python with it")
    folder = write_instances(tmp_path / "i")
    run = measured(folder, tmp_path / "t.csv", name)
    rows = {row.instance: row for row in run.rows if row.solver == name}
    beyond = {"prizes", "backhauls"} if name == "vroom" else set[str]()
    assert {each for each, row in rows.items() if row.feasible is None} == beyond
    for each, row in rows.items():
        if each in beyond:
            assert row.note.startswith("not supported: ")
            assert row.wall_s is None
        else:
            assert row.cost == pytest.approx(COSTS[each]), row


@pytest.mark.parametrize(
    ("program", "note"),
    [
        ("print_routes([[0, [0, 1]], [0, [2, 3]]])", ""),
        ("print_routes([[0, [0, 1]]])", "2 not served"),
        ("print_routes([])", "no plan found"),
        ("print_routes([[0, [0, 1]], [0, [2, 3]], [0, [0]]])", "2 twice"),
        ("print_routes([[0, [0, 1, 2, 3]]])", "capacity.load of 1 by 2"),
        ("raise SystemError('out of luck')", "exit code 1: SystemError: out of luck"),
        ("sys.exit(0)", "failed with exit code 0"),
    ],
)
def test_a_peers_word_is_not_taken(program: str, note: str, tmp_path: Path, monkeypatch) -> None:
    pretend(monkeypatch, tmp_path, program)
    (row,) = measured(write_instances(tmp_path / "i", "line"), tmp_path / "t.csv").rows
    assert row.feasible == (note == "")
    assert row.cost == (80 if note == "" else None)
    assert row.gap_pct == (0 if note == "" else None)
    assert note in row.note
    assert not row.over_time


def test_who_takes_too_long_is_told_and_who_never_ends_is_ended(
    tmp_path: Path, monkeypatch
) -> None:
    folder = write_instances(tmp_path / "i", "line")
    pretend(monkeypatch, tmp_path, "time.sleep(1.5); print_routes([[0, [0, 1]], [0, [2, 3]]])")
    late = measured(folder, tmp_path / "t.csv").rows[0]
    assert late.over_time
    assert late.feasible
    monkeypatch.setattr(measure, "_LIMIT_MORE_S", 1.0)
    pretend(monkeypatch, tmp_path, "time.sleep(60)")
    ended = measured(folder, tmp_path / "t.csv").rows[0]
    assert ended.over_time
    assert not ended.feasible
    assert ended.wall_s is not None
    assert ended.wall_s < 10
    assert "without an answer" in ended.note


def test_what_a_program_takes_is_its_own() -> None:
    ballast = bytearray(300_000_000)  # of this process, which the small one is started from
    ballast[::4096] = b"x" * len(ballast[::4096])
    small = run_alone([sys.executable, "-S", "-c", "import time; time.sleep(0.3)"], 20)
    assert small.code == 0
    assert 1 < small.peak_mb < 60
    assert small.wall_s > 0.3
    assert small.cpu_s < 0.25
    busy = "import time; b = b'x' * 90_000_000\nwhile time.process_time() < 0.5: pass"
    large = run_alone([sys.executable, "-S", "-c", busy], 20)
    assert large.cpu_s >= 0.45
    assert 90 < large.peak_mb < 150
    assert ballast


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux")
def test_memory_of_workers_counts_together_and_they_end_with_their_program() -> None:
    program = textwrap.dedent("""
        import subprocess, sys, time
        work = "import time; b = b'x' * 60_000_000; time.sleep(60)"
        workers = [subprocess.Popen([sys.executable, "-S", "-c", work]) for _ in range(2)]
        print(*(each.pid for each in workers), file=sys.stderr, flush=True)
        time.sleep(60)
    """)
    ran = run_alone([sys.executable, "-S", "-c", program], 3.0)
    assert ran.code is None
    assert ran.peak_mb > 115
    for pid in map(int, ran.said.split()):
        state = Path(f"/proc/{pid}/stat")
        deadline = time.monotonic() + 5
        while state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z":
            assert time.monotonic() < deadline, "a worker outlives its program"
            time.sleep(0.05)


def test_an_interruption_keeps_the_rows_that_are_done(tmp_path: Path) -> None:
    folder = write_instances(tmp_path / "i", "line", "fleet")
    out = tmp_path / "t.csv"
    command = ["bench", "lastmile", "--instances", str(folder), "--time", "2", "--peers", "pyvrp"]
    process = subprocess.Popen(
        [sys.executable, "-m", "crossdock.platform.cli", *command, "--out", str(out)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not out.exists() or len(rows_of(out)) < 1:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    rows = rows_of(out)
    assert 1 <= len(rows) < 4
    assert rows[0]["instance"] == "fleet"
    assert "Interrupted" in out.with_suffix(".md").read_text()


def test_a_peer_that_is_not_installed_is_missing_with_the_remedy(
    tmp_path: Path, monkeypatch, capsys
) -> None:
    absent = replace(PEERS["vroom"], package="no-such-package", module="no_such_module")
    monkeypatch.setitem(PEERS, "vroom", absent)
    out = tmp_path / "t.csv"
    assert bench(write_instances(tmp_path / "i", "line"), out, peers="vroom") == 0
    said = capsys.readouterr().err
    assert "vroom is missing: pip install 'crossdock[peers]'" in said
    assert "vroom is missing" in out.with_suffix(".md").read_text()
    assert [row["solver"] for row in rows_of(out)] == ["crossdock"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"--instances": "gone"}, "there is no folder gone"),
        ({"--instances": "empty"}, "no instance is in empty"),
        ({"--instances": "wrong"}, "no file in wrong is an instance"),
        ({"--instances": "broken"}, "bad.zip cannot be unpacked"),
        ({"--only": "Y-*"}, "no instance in i fits --only 'Y-*'"),
        ({"--peers": "pyvrp,gurobi"}, "--peers has 'gurobi', which is not known"),
        ({"--peers": "pyvrp", "--peer-python": "no/python"}, "no/python cannot be run"),
        ({"--out": "table.md"}, "--out is table.md"),
        ({"--time": "0"}, "Invalid value for '--time'"),
    ],
)
def test_wrong_use_is_told(arguments, message: str, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    write_instances(Path("i"), "line")
    for name in ("empty", "wrong", "broken"):
        Path(name).mkdir()
    Path("wrong/notes.txt").write_text("these are notes\n")
    Path("broken/bad.zip").write_bytes(b"PK")
    told = {"--instances": "i", "--time": "0.2", "--peers": "", "--out": "t.csv"} | arguments
    assert main(["bench", "lastmile", *(word for pair in told.items() for word in pair)]) == 2
    assert message in capsys.readouterr().err


def test_instances_are_found_in_order_with_their_best_known(tmp_path: Path) -> None:
    folder = write_instances(tmp_path / "i", "line", "tiny")
    write_instances(folder / "more", "pairs")
    (folder / "bks.csv").write_text("instance,cost\ntiny,41.5\npairs,90\n")
    found = find_instances(folder, None, tmp_path)
    assert [each.name for each in found] == ["i/line.vrp", "i/tiny.txt", "more/pairs.txt"]
    best = [best_known(each, read_instance(each.path).problem) for each in found]
    assert [each.cost if each else None for each in best] == [80, 41.5, 90]
    assert [each.name for each in find_instances(folder, "more/*", tmp_path)] == ["more/pairs.txt"]
    assert [each.name for each in find_instances(folder, "l*.vrp", tmp_path)] == ["i/line.vrp"]


def test_what_a_peer_cannot_be_told_is_named(tmp_path: Path) -> None:
    solver = solver_named("vroom")
    folder = write_instances(tmp_path / "i")
    told = {
        path.stem: not_supported(solver, read_instance(path).problem)
        for path in folder.glob("*.[vt]*")
    }
    assert told == {
        "line": "", "fleet": "", "tiny": "", "pairs": "",
        "prizes": "prizes", "backhauls": "backhauls last",
    }  # fmt: skip
    big = Problem(
        PlanarMetric(np.zeros((12_001, 2))),
        (Depot("d", 0),),
        (VehicleType("v", capacity=(1,), start_depot="d", end_depot="d"),),
    )
    assert "12,001 places" in not_supported(solver, big)
    skilled = replace(big.vehicles[0], duration_cost=2.0, end_depot=None)
    small = replace(big, metric=PlanarMetric(np.zeros((1, 2))), vehicles=(skilled,))
    assert not_supported(solver_named("ortools"), small) == "duration_cost, open routes"


def test_half_a_unit_a_leg_is_nobodys_fault() -> None:
    far = 100.0004
    problem = Problem(
        PlanarMetric(np.array([[0.0, 0.0], [far, 0.0]]), Rounding.EXACT),
        (Depot("d", 0),),
        (VehicleType("v", count=1, capacity=(1,), start_depot="d", end_depot="d"),),
        jobs=(Job("j", 1, windows=(Window(0, 100),)),),
    )
    assert judge(problem, [(0, [0])]).wrong == ""
    assert judge(problem, [(0, [0])]).cost == pytest.approx(2 * far)
    late = replace(problem, jobs=(Job("j", 1, windows=(Window(0, 99.99),)),))
    assert judge(late, [(0, [0])]).wrong.startswith("windows.closes of j by 0.0104")
    rounded = replace(late, metric=PlanarMetric(np.array([[0, 0], [far, 0]]), Rounding.ROUND))
    assert judge(rounded, [(0, [0])]).wrong == "windows.closes of j by 0.01"


def test_groups_prizes_and_vehicles_are_counted() -> None:
    kind = VehicleType("v", count=1, capacity=(9,), start_depot="d", end_depot="d")
    problem = Problem(
        PlanarMetric(np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0]])),
        (Depot("d", 0),),
        (kind,),
        jobs=(
            Job("a", 1, group="g", required=False, prize=7),
            Job("b", 2, group="g", required=False, prize=7),
            Job("c", 3, required=False, prize=5),
        ),
    )
    assert (judge(problem, []).cost, judge(problem, []).wrong) == (12, "")
    assert judge(problem, [(0, [1])]).cost == 4 + 5
    assert judge(problem, [(0, [0, 1])]).wrong == "group g 2 times"
    assert judge(problem, [(0, [0]), (0, [2])]).wrong == "2 vehicles v of 1"


def test_means_are_over_what_all_have_planned(tmp_path: Path) -> None:
    def row(instance: str, solver: str, gap: float | None) -> BenchRow:
        cost = None if gap is None else 100 + gap
        return BenchRow(
            "s", instance, "CVRP", 9, "round", solver, "1", 5.0, 0, cost, 100.0, "distance", gap,
            5.0, 5.0, 50.0, False, gap is not None, 1.0,
        )  # fmt: skip

    rows = [row("a", "crossdock", 1.0), row("a", "vroom", 3.0), row("a", "ortools", None)]
    rows += [row("b", "crossdock", 9.0), row("b", "vroom", None), row("b", "ortools", None)]
    rows += [replace(row("c", "vroom", None), feasible=None, note="not supported: reloads")]
    page = write_lastmile(BenchRun(rows, [], [], False), tmp_path / "p.md").read_text()
    assert "| s | crossdock | 2 of 2 | 1.00 (1) | 1.00 | 2 | 2 of 2 | 50 |" in page
    assert "| s | vroom | 1 of 2 | 3.00 (1) | 3.00 | 0 | 2 of 2 | 50 |" in page
    assert "| s | ortools | 0 of 2 |  |  | 0 | 2 of 2 | 50 |" in page


def solver_named(name: str) -> Solver:
    return Solver(name, "1", PEERS[name], sys.executable)


def pretend(monkeypatch, folder: Path, program: str) -> None:
    """Measure, instead of us, a peer whose program is ``program``."""
    path = folder / "pretender.py"
    path.write_text(
        "import json, sys, time\n"
        "from pathlib import Path\n"
        "def print_routes(routes):\n"
        "    Path(sys.argv[4]).write_text(json.dumps({'routes': routes}))\n"
        f"{program}\n"
    )
    peer = replace(
        PEERS["pyvrp"], name="pretender", package="numpy", module="numpy", program=str(path)
    )
    monkeypatch.setattr(measure, "ours", lambda: Solver("pretender", "1", peer, sys.executable))
