"""Progress on stderr: bars for people, a line a stage for logs, nothing when asked."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress

from crossdock.model import Progress, SilentProgress, Task

SHOWN_AFTER_S = 1.0
"""Work that is done sooner needs no bar."""


def open_progress(*, quiet: bool = False) -> AbstractContextManager[Progress]:
    """How this run shows its progress, as a context that ends the display.

    Silent when ``quiet``; bars where stderr is a terminal; else one plain line a finished stage.
    """
    if quiet:
        return nullcontext(SilentProgress())
    if sys.stderr.isatty():
        return terminal_progress(Console(stderr=True))
    return nullcontext(PlainProgress())


class PlainProgress:
    """A `Progress` for logs: ``<label>: <count> done in <seconds> s`` when a stage is finished.

    Tasks within a stage are the stage's own business and print nothing, nor do those of less than
    a second.
    """

    def __init__(self) -> None:
        self._depth = 0

    @contextmanager
    def task(self, label: str, total: int | None = None) -> Generator[Task]:
        """Open a stage; its line is printed if it ends well."""
        count = _Count()
        started_s = time.monotonic()
        self._depth += 1
        try:
            yield count
        finally:
            self._depth -= 1
        took_s = time.monotonic() - started_s
        if self._depth == 0 and took_s >= SHOWN_AFTER_S:
            counted = f"{count.done:,} " if count.done else ""
            print(f"{label}: {counted}done in {took_s:.1f} s", file=sys.stderr)


@dataclass
class _Count:
    done: int = 0

    def advance(self, amount: int = 1) -> None:
        self.done += amount


@contextmanager
def terminal_progress(console: Console) -> Generator[Progress]:
    """A `Progress` of bars with counts and time left on ``console``."""
    bars = RichProgress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    try:
        yield _TerminalProgress(bars)
    finally:
        bars.stop()


class _TerminalProgress:
    def __init__(self, bars: RichProgress) -> None:
        self._bars = bars

    @contextmanager
    def task(self, label: str, total: int | None = None) -> Generator[Task]:
        """Open a bar that appears once the work has taken a second."""
        bar = _Bar(self._bars, self._bars.add_task(label, total=total, visible=False))
        appears = threading.Timer(SHOWN_AFTER_S, bar.show)
        appears.daemon = True
        appears.start()
        try:
            yield bar
        finally:
            appears.cancel()
            bar.end()


@dataclass
class _Bar:
    bars: RichProgress
    task_id: TaskID
    shown: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def advance(self, amount: int = 1) -> None:
        self.bars.advance(self.task_id, amount)

    def show(self) -> None:
        with self.lock:
            self.shown = True
            self.bars.start()
            self.bars.update(self.task_id, visible=True)

    def end(self) -> None:
        """Leave the bar as it ended; work that never showed leaves nothing."""
        with self.lock:
            if not self.shown:
                self.bars.remove_task(self.task_id)
                return
            bar = next(task for task in self.bars.tasks if task.id == self.task_id)
            self.bars.update(self.task_id, total=bar.total or max(bar.completed, 1))
            self.bars.stop_task(self.task_id)
