"""The engines give the same answers, name what fails and lose nothing."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import textwrap
import time
from functools import partial
from pathlib import Path

import pytest

from crossdock.model import (
    InfeasibleError,
    InterruptedRunError,
    UsageError,
    WorkerFailedError,
    stream,
)
from crossdock.platform.engine import LocalEngine, RayEngine, open_engine

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("ray") is None, reason="Ray is not installed"
)


def draw(seed: int, item: int) -> float:
    """Answer that depends on the seed and the item alone."""
    return float(stream(seed, "draw", item).random())


def finish_late_when_first(item: int) -> int:
    time.sleep(0.2 if item == 0 else 0.0)
    return item * item


def refuse_three(item: int) -> int:
    if item == 3:
        raise InfeasibleError("no vehicle is large enough", remedy="add a vehicle type")
    return item


def divide_by(item: int) -> float:
    return 1 / item


def die_on_first_visit(folder: Path, item: int) -> int:
    mark = folder / str(item)
    if item == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def die_on(fatal: int, item: int) -> int:
    if item == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def process_of(_: int) -> int:
    return os.getpid()


def thread_limits(_: int) -> tuple[str | None, str | None, int]:
    import polars as pl  # noqa: PLC0415

    names = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")
    first, second = (os.environ.get(name) for name in names)
    return first, second, pl.thread_pool_size()


class Counter:
    """A `Progress` that counts what it is told."""

    def __init__(self) -> None:
        self.label, self.total, self.done = "", None, 0

    def task(self, label, total=None):
        self.label, self.total = label, total
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def advance(self, amount=1):
        self.done += amount


@pytest.fixture(scope="module")
def two_workers():
    with LocalEngine(2) as engine:
        yield engine


def test_answers_come_in_the_order_of_the_items(two_workers):
    squares = two_workers.map(finish_late_when_first, range(6), label="square")
    assert squares == [0, 1, 4, 9, 16, 25]


def test_one_and_two_workers_give_the_same_answers(two_workers):
    with LocalEngine(1) as alone:
        assert alone.map(partial(draw, 7), range(20), label="draw") == two_workers.map(
            partial(draw, 7), range(20), label="draw"
        )


def test_each_finished_item_advances_the_progress(two_workers):
    counter = Counter()
    two_workers.map(partial(draw, 7), range(5), label="draw", progress=counter)
    assert (counter.label, counter.total, counter.done) == ("draw", 5, 5)


def test_no_items_start_no_workers():
    with LocalEngine(4) as engine:
        assert engine.map(process_of, [], label="nothing") == []
        assert engine._staff == []


def test_workers_stay_for_the_next_map(two_workers):
    first = set(two_workers.map(process_of, range(8), label="who"))
    second = set(two_workers.map(process_of, range(8), label="who"))
    assert second <= first
    assert os.getpid() not in first


def test_workers_are_single_threaded(two_workers):
    assert two_workers.map(thread_limits, range(2), label="limits") == [("1", "1", 1)] * 2
    assert "POLARS_MAX_THREADS" not in os.environ


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failed_item_names_itself_with_cause_and_remedy(workers):
    with LocalEngine(workers) as engine, pytest.raises(WorkerFailedError) as failure:
        engine.map(refuse_three, range(5), label="routes", names=[f"metro {n}" for n in range(5)])
    assert failure.value.message == "routes: metro 3 failed: no vehicle is large enough"
    assert failure.value.remedy == "add a vehicle type"
    assert "\n" not in failure.value.message


@pytest.mark.parametrize("workers", [1, 2])
def test_an_unforeseen_error_keeps_its_kind_and_its_trace(workers):
    with LocalEngine(workers) as engine, pytest.raises(WorkerFailedError) as failure:
        engine.map(divide_by, [1, 0], label="divide")
    assert failure.value.message == "divide: divide 2 failed: ZeroDivisionError: division by zero"
    assert "divide_by" in failure.value.__notes__[0]


def test_an_engine_works_again_after_a_failure(two_workers):
    with pytest.raises(WorkerFailedError):
        two_workers.map(divide_by, [1, 0], label="divide")
    assert two_workers.map(divide_by, [1, 2], label="divide") == [1.0, 0.5]


def test_the_item_of_a_killed_worker_is_tried_again(tmp_path):
    with LocalEngine(2) as engine:
        answers = engine.map(partial(die_on_first_visit, tmp_path), range(6), label="survive")
    assert answers == [0, 1, 2, 3, 4, 5]


def test_an_item_that_kills_each_of_its_workers_is_named():
    with LocalEngine(2) as engine, pytest.raises(WorkerFailedError) as failure:
        engine.map(partial(die_on, 1), range(4), label="pack", names=["a", "b", "c", "d"])
    assert failure.value.message == ("pack: b failed: its worker died 3 times (killed by SIGKILL)")


def test_a_function_that_cannot_be_sent_is_refused_with_a_remedy(two_workers):
    with pytest.raises(UsageError, match="cannot be sent to a worker") as refusal:
        two_workers.map(lambda item: item, range(3), label="local")
    assert "top level" in refusal.value.remedy


def test_an_item_that_cannot_be_sent_is_named(two_workers):
    with pytest.raises(WorkerFailedError, match="second failed: it cannot be sent"):
        two_workers.map(process_of, [1, lambda: 2], label="send", names=["first", "second"])


def test_names_must_fit_the_items(two_workers):
    with pytest.raises(UsageError, match="1 names for 2 items"):
        two_workers.map(process_of, [1, 2], label="send", names=["first"])


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_ends_a_map_promptly_and_leaves_no_worker(tmp_path, workers):
    script = tmp_path / "sleepers.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import os, pathlib, time
            from crossdock.model import InterruptedRunError
            from crossdock.platform.engine import LocalEngine

            def sleep(folder):
                (pathlib.Path(folder) / f"pid-{{os.getpid()}}").touch()
                time.sleep(60)

            if __name__ == "__main__":
                with LocalEngine({workers}) as engine:
                    try:
                        engine.map(sleep, [{str(tmp_path)!r}] * 4, label="sleeping")
                    except InterruptedRunError as stopped:
                        print(stopped.message)
            """
        )
    )
    run = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    sleeping = _wait_for_files(tmp_path, "pid-*", workers)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to the whole group
    out, err = run.communicate(timeout=10)
    assert (out.strip(), err) == ("interrupted during sleeping", "")
    for mark in sleeping:
        with pytest.raises(ProcessLookupError):
            os.kill(int(mark.name.removeprefix("pid-")), 0)


def test_workers_of_a_killed_parent_end_themselves(tmp_path):
    script = tmp_path / "orphans.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import os, pathlib, time
            from crossdock.platform.engine import LocalEngine

            def sleep(folder):
                (pathlib.Path(folder) / f"pid-{{os.getpid()}}").touch()
                time.sleep(60)

            if __name__ == "__main__":
                with LocalEngine(2) as engine:
                    engine.map(sleep, [{str(tmp_path)!r}] * 2, label="sleeping")
            """
        )
    )
    run = subprocess.Popen([sys.executable, str(script)], stderr=subprocess.DEVNULL)
    sleeping = _wait_for_files(tmp_path, "pid-*", 2)
    run.kill()
    run.wait()
    deadline = time.monotonic() + 5
    while any(map(_runs, sleeping)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_runs, sleeping))


def test_an_engine_needs_a_worker():
    with pytest.raises(UsageError, match="at least 1"):
        open_engine("local", 0)


def test_an_unknown_engine_is_refused_with_the_known_ones():
    with pytest.raises(UsageError) as refusal:
        open_engine("slurm", 2)
    assert refusal.value.remedy == "choose one of: local, ray"


def test_without_ray_the_remedy_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError) as refusal:
        open_engine("ray", 2)
    assert "pip install 'crossdock[ray]'" in refusal.value.remedy


@needs_ray
@pytest.mark.slow  # ray takes longer to start than all else here
@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_a_real_local_ray_answers_and_fails_as_local_processes_do(
    two_workers, tmp_path, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    with RayEngine(2) as engine:
        assert engine.map(partial(draw, 7), range(20), label="draw") == two_workers.map(
            partial(draw, 7), range(20), label="draw"
        )
        failures = []
        for either in (engine, two_workers):
            with pytest.raises(WorkerFailedError) as failure:
                either.map(refuse_three, range(5), label="routes")
            failures.append((failure.value.message, failure.value.remedy))
        assert failures[0] == failures[1]
        with pytest.raises(WorkerFailedError, match="pack: pack 2 failed: its worker died"):
            engine.map(partial(die_on, 1), range(3), label="pack")


def test_an_interrupt_in_the_calling_process_is_our_own_error():
    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with LocalEngine(1) as engine, pytest.raises(InterruptedRunError):
        engine.map(stop, [1], label="stop")


def _wait_for_files(folder: Path, pattern: str, count: int) -> list[Path]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = sorted(folder.glob(pattern))
        if len(found) >= count:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{count} x {pattern} did not appear in time")


def _runs(mark: Path) -> bool:
    stat = Path("/proc") / mark.name.removeprefix("pid-") / "stat"
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"
