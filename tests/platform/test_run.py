"""``crossdock run``: the same end whatever stops it, and tables that the log proves."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from crossdock.model import InputUnusableError, NotFoundError, UsageError
from crossdock.platform.cli import main
from crossdock.platform.planning import PlanRequest
from crossdock.platform.running import rebuild_run, resume_run, run_to_folder

OPTIONS = ("--parcels", "120", "--metros", "4", "--seed", "5", "--workers", "1")
COMPARED = ("loads", "legs", "routes", "events", "parcels", "ledger", "kpis", "exceptions")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "run"
    run_to_folder(PlanRequest(out=out, parcels=120, metros=4, seed=5, workers=1, quiet=True))
    return out


def tables(run: Path) -> dict[str, pl.DataFrame]:
    return {name: pl.read_parquet(run / f"{name}.parquet") for name in COMPARED}


def assert_equal(one: Path, other: Path) -> None:
    for name, frame in tables(one).items():
        assert frame.equals(tables(other)[name]), name


def test_a_run_holds_what_happened(finished: Path) -> None:
    found = tables(finished)
    assert found["parcels"]["final_state"].null_count() == 0
    assert found["loads"]["actual_departs_at"].null_count() == 0
    kpis = found["kpis"].filter((pl.col("grain") == "network") & (pl.col("key") == "all"))
    assert {"on_time_delivery", "on_time_delivery_net", "on_time_service", "cost_per_package",
            "first_attempt_success", "stops_per_hour", "exceptions_per_1000",
            "load_utilisation_cube", "load_utilisation_weight",
            "empty_miles_share"} <= set(kpis["name"])  # fmt: skip
    assert kpis["name"].is_unique().all()
    assert found["events"]["tenant"].unique().to_list() == ["default"]
    assert (finished / "store.sqlite").is_file()
    assert (finished / "report.html").is_file()


def test_two_workers_give_the_same_bytes(finished: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    run_to_folder(PlanRequest(out=out, parcels=120, metros=4, seed=5, workers=2, quiet=True))
    assert_equal(out, finished)


def test_rebuild_proves_the_tables_and_sees_a_change(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(finished, copy)
    assert rebuild_run(copy).different == ()
    assert main(["rebuild", str(copy)]) == 0
    parcels = pl.read_parquet(copy / "parcels.parquet")
    parcels.with_columns(attempts=pl.col("attempts") + 1).write_parquet(copy / "parcels.parquet")
    assert main(["rebuild", str(copy)]) == 4
    assert "parcels differs" in capsys.readouterr().err


def killed_at(moment_s: float, out: Path) -> None:
    """Start a run, kill it hard after a while; its workers die with it."""
    run = subprocess.Popen(
        [sys.executable, "-m", "crossdock.platform.cli", "--quiet", "run", *OPTIONS, "--no-serve",
         "--out",
         str(out)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    started = time.monotonic()
    while run.poll() is None and time.monotonic() - started < moment_s:
        time.sleep(0.02)
    if run.poll() is None:
        os.killpg(run.pid, signal.SIGKILL)
    run.wait()


def check_killed(finished: Path, tmp_path: Path, moments: list[float]) -> None:
    out = tmp_path / "run"
    killed_at(moments[0], out)
    if not out.exists() and not list(tmp_path.glob(".run.*")):
        return  # killed before anything was begun: there is nothing to resume
    for moment in moments[1:]:
        resumed = subprocess.Popen(
            [sys.executable, "-m", "crossdock.platform.cli", "--quiet", "resume", str(out)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            resumed.wait(moment)
        except subprocess.TimeoutExpired:
            os.killpg(resumed.pid, signal.SIGKILL)
            resumed.wait()
    resume_run(out, quiet=True)
    assert_equal(out, finished)
    assert rebuild_run(out).different == ()
    assert not list(tmp_path.glob(".*"))
    assert not list(out.glob(".*"))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killed_at_a_random_moment_and_resumed_is_the_same(
    finished: Path, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    check_killed(finished, tmp_path, [chance.uniform(1, 8), chance.uniform(1, 4)])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 30))
def test_killed_often_and_resumed_is_the_same(finished: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    check_killed(finished, tmp_path, [chance.uniform(0.5, 10) for _ in range(3)])


def test_resuming_a_finished_run_changes_nothing(finished: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in finished.rglob("*") if file.is_file()}
    resume_run(finished, quiet=True)
    assert before == {
        file: file.stat().st_mtime_ns for file in finished.rglob("*") if file.is_file()
    }


def test_unusable_orders_leave_nothing_and_harm_no_run(finished: Path, tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text("")
    assert (
        main(
            [
                "--quiet",
                "run",
                "--no-serve",
                "--orders",
                str(orders),
                "--out",
                str(tmp_path / "new"),
            ]
        )
        == 2
    )
    assert not (tmp_path / "new").exists()
    kept = tmp_path / "kept"
    shutil.copytree(finished, kept)
    assert main(["--quiet", "run", "--no-serve", "--orders", str(orders), "--out", str(kept)]) == 2
    assert_equal(kept, finished)


def test_what_is_no_run_cannot_go_on(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        resume_run(tmp_path)
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(InputUnusableError):
        resume_run(tmp_path)
    with pytest.raises((NotFoundError, InputUnusableError, UsageError)):
        rebuild_run(tmp_path)


def test_an_interrupt_leaves_a_run_that_goes_on(finished: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    run = subprocess.Popen(
        [sys.executable, "-m", "crossdock.platform.cli", "--quiet", "run", *OPTIONS, "--no-serve",
         "--out",
         str(out)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while run.poll() is None and not (out / "store.sqlite").is_file():
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate(timeout=60)
    assert run.returncode in (0, 130), told
    assert resume_run(out, quiet=True).run_path == out
    assert_equal(out, finished)
