"""The command line as a user meets it: help, wrong options, errors, interrupts, exit codes."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import polars as pl
import pytest

from crossdock.model import GateClosedError, InfeasibleError, UsageError
from crossdock.model.tables import REJECTS, empty
from crossdock.platform import planning
from crossdock.platform.cli import main
from crossdock.platform.cli.main import COMMANDS
from crossdock.platform.planning import PlanOutcome, PlanRequest
from crossdock.platform.store import RunFolder

WRONG_PLANS = {
    "no --out": ([], "Missing option '--out'"),
    "unknown option": (["--out", "RUN", "--fast"], "No such option"),
    "no parcels": (["--out", "RUN", "--parcels", "0"], "--parcels must be from 1"),
    "parcels in words": (["--out", "RUN", "--parcels", "many"], "not a valid integer"),
    "no workers": (["--out", "RUN", "--workers", "0"], "--workers must be from 1"),
    "too many metros": (["--out", "RUN", "--metros", "46"], "--metros must be from 1 to 45"),
    "negative seed": (["--out", "RUN", "--seed", "-1"], "--seed must be from 0"),
    "no such date": (["--out", "RUN", "--start-date", "2026-02-30"], "does not match the format"),
    "unknown engine": (["--out", "RUN", "--engine", "slurm"], "'slurm' is not one of"),
    "unknown policy": (["--out", "RUN", "--policy", "guess"], "'guess' is not one of"),
    "file and generated": (
        ["--out", "RUN", "--orders", "orders.csv", "--parcels", "5"],
        "--orders and --parcels exclude each other",
    ),
    "own network cut": (
        ["--out", "RUN", "--network", ".", "--metros", "3"],
        "--network and --metros exclude each other",
    ),
    "no orders file": (["--out", "RUN", "--orders", "gone.csv"], "no orders file gone.csv"),
    "no network folder": (["--out", "RUN", "--network", "gone"], "no network folder gone"),
    "out is a file": (["--out", "file"], "is a file, not a folder"),
    "out is something else": (["--out", "papers"], "holds files that are not a run"),
}


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """An own working directory with a file, a folder of papers and an order file."""
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("papers").mkdir()
    Path("papers/thesis.txt").touch()
    Path("orders.csv").touch()
    return tmp_path


def plan_with(monkeypatch, body) -> None:
    monkeypatch.setattr(planning, "plan_to_folder", body, raising=False)


def outcome_of(request: PlanRequest, rejected: int = 0) -> PlanOutcome:
    with RunFolder.create(request.out) as draft:
        on_time = {"numerator": [19.0], "denominator": [20.0], "value": [0.95], "unit": ["share"]}
        named = {"name": ["planned_on_time_promise"], "grain": ["network"], "key": ["all"]}
        draft.write_table("kpis", pl.DataFrame(named | on_time))
        draft.write_rejects(empty(REJECTS))
        draft.write_manifest({"seed": request.seed})
    return PlanOutcome(request.out, planned=20, rejected=rejected)


@pytest.mark.parametrize("command", [*COMMANDS, "network init", "network check", "bench house"])
def test_every_command_has_help_with_an_example(command, capsys):
    assert main([*command.split(), "--help"]) == 0
    helped = capsys.readouterr().out
    assert f"crossdock {command}" in helped
    assert "Example" in helped


def test_help_lists_every_command_at_once():
    started = time.monotonic()
    listed = run_crossdock("--help")
    took_s = time.monotonic() - started
    assert listed.returncode == 0
    assert all(f"\n  {name} " in listed.stdout for name in COMMANDS)
    assert took_s < 2  # 0.1 s on an idle machine


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from crossdock.platform.cli import main; main(['--help']); "
        "print(sorted({'polars', 'numpy', 'numba', 'rich', 'pyvrp'} & set(sys.modules)))"
    )
    listed = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True
    )
    assert listed.stdout.splitlines()[-1] == "[]"


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("crossdock 0.")


@pytest.mark.parametrize(("arguments", "said"), WRONG_PLANS.values(), ids=WRONG_PLANS)
def test_wrong_options_are_one_error_line_and_a_remedy(arguments, said, desk, capsys):
    assert main(["plan", *arguments]) == 2
    told = capsys.readouterr()
    error, remedy = told.err.splitlines()
    assert error.startswith("error: ")
    assert said in error
    assert remedy.startswith("remedy: ")
    assert told.out == ""
    assert not Path("RUN").exists()


def test_an_unknown_command_is_wrong_usage(capsys):
    assert main(["plna"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: No such command 'plna'.")
    assert told.endswith("remedy: see `crossdock --help`\n")


@pytest.mark.parametrize("arguments", [[], ["bench"]])
def test_a_missing_command_shows_the_commands(arguments, capsys):
    assert main(arguments) == 2
    assert "\nCommands:\n" in capsys.readouterr().err


def test_the_options_reach_the_plan(desk, monkeypatch):
    asked: list[PlanRequest] = []

    def keep(request: PlanRequest) -> PlanOutcome:
        asked.append(request)
        return outcome_of(request)

    plan_with(monkeypatch, keep)
    options = "--parcels 500 --metros 3 --start-date 2026-12-01 --seed 9 --workers 1"
    assert main(["--quiet", "plan", *options.split(), "--policy", "baseline", "--out", "RUN"]) == 0
    assert asked == [
        PlanRequest(
            out=Path("RUN"),
            parcels=500,
            metros=3,
            start_date=dt.date(2026, 12, 1),
            seed=9,
            workers=1,
            policy="baseline",
            quiet=True,
        )
    ]


def test_defaults_are_the_peak_monday_of_the_built_in_network(desk):
    request = PlanRequest(out=Path("RUN"))
    assert (request.parcels, request.seed, request.workers) == (20_000, 20_261_130, os.cpu_count())
    assert request.start_date == dt.date(2026, 11, 30)


def test_a_file_of_orders_gives_its_own_count_and_date(desk):
    request = PlanRequest(out=Path("RUN"), orders_file=Path("orders.csv"))
    assert (request.parcels, request.start_date) == (None, None)


def test_a_plan_says_how_well_it_does_and_where_it_lies(desk, monkeypatch, capsys):
    plan_with(monkeypatch, outcome_of)
    assert main(["plan", "--out", "RUN"]) == 0
    said = capsys.readouterr().out
    assert "Promise expected to be kept  95.0%" in said
    assert "20 orders planned in RUN" in said


def test_rejected_rows_are_exit_3(desk, monkeypatch, capsys):
    plan_with(monkeypatch, lambda request: outcome_of(request, rejected=2))
    assert main(["plan", "--out", "RUN"]) == 3
    assert "2 orders rejected: RUN/rejects.csv" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "code"),
    [(UsageError, 2), (InfeasibleError, 4), (GateClosedError, 4)],
)
def test_each_kind_of_error_has_its_exit_code(desk, monkeypatch, capsys, error, code):
    def fail(_: PlanRequest) -> PlanOutcome:
        raise error("the reason\nin two lines", remedy="what to do")

    plan_with(monkeypatch, fail)
    assert main(["plan", "--out", "RUN"]) == code
    assert capsys.readouterr().err == "error: the reason in two lines\nremedy: what to do\n"


def test_an_unforeseen_error_is_one_line_that_asks_for_a_report(desk, monkeypatch, capsys):
    def fail(_: PlanRequest) -> PlanOutcome:
        raise ZeroDivisionError("division by zero")

    plan_with(monkeypatch, fail)
    assert main(["plan", "--out", "RUN"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: unexpected ZeroDivisionError: division by zero\nremedy: ")
    assert "Traceback" not in told
    monkeypatch.setenv("CROSSDOCK_DEBUG", "1")
    main(["plan", "--out", "RUN"])
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_plan_ends_promptly_and_leaves_nothing(tmp_path, how, workers):
    script = tmp_path / "slow_plan.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import pathlib, sys, time
            from crossdock.platform import planning
            from crossdock.platform.cli import main
            from crossdock.platform.engine import open_engine
            from crossdock.platform.store import RunFolder

            def slow_stage(item):
                pathlib.Path(f"started-{{item}}").touch()
                time.sleep(60)

            def slow_plan(request):
                with RunFolder.create(request.out) as draft:
                    draft.write_manifest({{}})
                    with open_engine(request.engine, request.workers) as engine:
                        engine.map(slow_stage, range(4), label="routes")

            if __name__ == "__main__":
                planning.plan_to_folder = slow_plan
                sys.exit(main(["plan", "--workers", "{workers}", "--out", "RUN"]))
            """
        )
    )
    run = subprocess.Popen(
        [sys.executable, str(script)],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    _wait_for(lambda: len(list(tmp_path.glob("started-*"))) == workers)
    before = time.monotonic()
    if how == signal.SIGINT:
        os.killpg(run.pid, how)  # as a terminal does: to the whole group
    else:
        run.send_signal(how)
    _, told = run.communicate(timeout=10)
    assert (run.returncode, told) == (130, "interrupted\n")
    assert time.monotonic() - before < 5
    assert [path.name for path in tmp_path.iterdir() if "RUN" in path.name] == []


def test_a_reader_that_leaves_early_is_no_error():
    piped = f"{sys.executable} -m crossdock.platform.cli plan --help | true"
    left = subprocess.run(["sh", "-c", piped], check=False, capture_output=True, text=True)
    assert (left.returncode, left.stderr) == (0, "")


def test_an_empty_home_is_enough(tmp_path):
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    assert run_crossdock("plan", "--help", env=environment).returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["explain", "diff"])
def test_what_is_not_a_run_is_not_found(command, desk, capsys):
    assert main([command, "nowhere", "papers"]) == 4
    assert capsys.readouterr().err.startswith("error: no run folder nowhere\nremedy: ")


@pytest.mark.parametrize("sizes", ["", "many", "5,0", "-1"])
def test_bench_sizes_are_whole_numbers(sizes, capsys):
    assert main(["bench", "house", "--sizes", sizes]) == 2
    assert "--sizes must be whole numbers above 0" in capsys.readouterr().err


def run_crossdock(*arguments: str, env: dict[str, str] | None = None):
    command = [sys.executable, "-m", "crossdock.platform.cli", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=env)


def _wait_for(condition) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)
