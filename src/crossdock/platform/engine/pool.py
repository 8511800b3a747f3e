"""Worker processes that are born single-threaded and deaf to Ctrl-C, and can be replaced.

Workers are spawned, not forked: Polars holds threads and locks that do not survive a fork.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from crossdock.platform.engine.worker import FUNCTION, ITEM, Reply, serve

THREAD_LIMITS: dict[str, str] = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMBA_NUM_THREADS",
        "POLARS_MAX_THREADS",
        "RAYON_NUM_THREADS",
    ),
    "1",
)
"""Read by the libraries when a worker imports them: one worker, one core."""

END_GRACE_S = 2.0
"""How long a worker that was told to end may take before it is killed."""


@dataclass
class Worker:
    """One process and the line to it; ``item`` is the index it works on, None when idle."""

    process: BaseProcess
    line: Connection[Any, Any]
    item: int | None = None

    def learn(self, function_pickle: bytes) -> None:
        """Send the function that the next items are for.

        A dead worker is told nothing: its death shows on the line when an item is awaited.
        """
        with suppress(OSError):
            self.line.send_bytes(FUNCTION + function_pickle)

    def start(self, index: int, item_pickle: bytes) -> None:
        """Give the worker item ``index``."""
        self.item = index
        with suppress(OSError):
            self.line.send_bytes(ITEM + item_pickle)

    def reply(self) -> Reply | None:
        """The worker's reply once its line is readable; None when it died instead."""
        try:
            return self.line.recv()
        except (EOFError, OSError):
            return None

    def how_it_died(self) -> str:
        """In a person's words, after `reply` returned None."""
        self.process.join(END_GRACE_S)
        code = self.process.exitcode
        if code is not None and code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"exit code {code}"

    def kill(self) -> None:
        """End the process now: an idle one holds nothing, and takes long to unload by itself."""
        self.process.kill()
        self.process.join()
        self.line.close()


def hire(imports: Sequence[str] = ()) -> Worker:
    """Start one worker process, which imports the modules ``imports`` at once."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(
        target=serve, args=(there, tuple(imports)), daemon=True, name="crossdock-worker"
    )
    # The tracker unblocks SIGINT when it starts, so it has to run before SIGINT is blocked.
    resource_tracker.ensure_running()
    with _thread_limits(), _without_sigint():
        process.start()
    there.close()
    return Worker(process, here)


@contextmanager
def _thread_limits() -> Generator[None]:
    """A spawned process reads the environment of its birth, before it imports any library."""
    before = {name: os.environ.get(name) for name in THREAD_LIMITS}
    os.environ.update(THREAD_LIMITS)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _without_sigint() -> Generator[None]:
    """A process born while SIGINT is blocked never sees it, not even during its imports."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
