"""What the thinking needs from outside, as small protocols that ``platform`` provides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Clock(Protocol):
    """Tells the time: the machine's, a twin's, a test's."""

    def now(self) -> datetime:
        """Current instant, timezone-aware UTC."""
        ...


class Task(Protocol):
    """One counted piece of work whose advance is shown."""

    def advance(self, amount: int = 1) -> None:
        """Report that ``amount`` more items are done."""
        ...


class Progress(Protocol):
    """Shows long work as it goes."""

    def task(self, label: str, total: int | None = None) -> AbstractContextManager[Task]:
        """Open a task of ``total`` items (None: unknown); closing it ends its bar."""
        ...


class Engine(Protocol):
    """Runs a pure function over many items, here or on many machines."""

    def map(
        self,
        function: Callable[[Item], Answer],
        items: Sequence[Item],
        *,
        label: str,
        progress: Progress | None = None,
        names: Sequence[str] | None = None,
    ) -> list[Answer]:
        """Answers in the order of ``items``, whatever order the workers finish in.

        Raises
        ------
        WorkerFailedError
            An item failed; the message names it.
        """
        ...


class _SilentTask:
    def advance(self, amount: int = 1) -> None:
        """Say nothing."""


class Stages(Protocol):
    """Marks the stages of a long job, so that each can be timed and shown."""

    def __call__(self, name: str) -> AbstractContextManager[None]:
        """Open the stage ``name``; closing it ends it."""
        ...


class SilentProgress:
    """A `Progress` that shows nothing: for libraries and tests."""

    def task(self, label: str, total: int | None = None) -> AbstractContextManager[Task]:
        """Open a task that is not shown."""
        return nullcontext(_SilentTask())


class SerialEngine:
    """An `Engine` that runs in the calling process: for libraries and tests."""

    def map(
        self,
        function: Callable[[Item], Answer],
        items: Sequence[Item],
        *,
        label: str,
        progress: Progress | None = None,
        names: Sequence[str] | None = None,
    ) -> list[Answer]:
        """Apply ``function`` to each item in turn."""
        with (progress or SilentProgress()).task(label, len(items)) as task:
            answers: list[Answer] = []
            for item in items:
                answers.append(function(item))
                task.advance()
            return answers


class FixedClock:
    """A `Clock` that stands still: for tests and for replaying a decision."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant

    def now(self) -> datetime:
        """Return the fixed instant."""
        return self._instant


class UntimedStages:
    """`Stages` that nobody watches: for libraries and tests."""

    def __call__(self, name: str) -> AbstractContextManager[None]:
        """Open a stage that is not recorded."""
        return nullcontext()
