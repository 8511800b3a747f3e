"""What every engine says about the items it runs, in the same words."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.model import CrossdockError, InterruptedRunError, UsageError, WorkerFailedError

ATTEMPTS = 3
"""Times an item is given to a worker before its workers' deaths count as its own fault."""


def checked_workers(workers: int) -> int:
    """``workers`` if it is a number of workers one can have.

    Raises
    ------
    UsageError
        It is below 1.
    """
    if workers < 1:
        raise UsageError(f"workers must be at least 1, not {workers}", remedy="leave it out")
    return workers


def item_names(label: str, count: int, names: Sequence[str] | None) -> list[str]:
    """One name an item: the caller's, or ``<label> 1`` and so on.

    Raises
    ------
    UsageError
        The caller gave another number of names.
    """
    if names is None:
        return [f"{label} {number}" for number in range(1, count + 1)]
    if len(names) != count:
        raise UsageError(f"{label}: {len(names)} names for {count} items", remedy="name each item")
    return list(names)


def one_line(error: BaseException) -> str:
    """``error`` as one line: our own message, or the kind of error and what it says."""
    if isinstance(error, CrossdockError):
        return " ".join(error.message.split())
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def item_failed(
    label: str, name: str, cause: str, *, remedy: str = "", trace: str = ""
) -> WorkerFailedError:
    """The error of an item that failed; ``trace`` shows where, for those who debug."""
    failure = WorkerFailedError(f"{label}: {name} failed: {cause}", remedy=remedy)
    if trace:
        failure.add_note(trace)
    return failure


def item_lost(label: str, name: str, how: str) -> WorkerFailedError:
    """The error of an item whose workers died each time it ran."""
    return WorkerFailedError(
        f"{label}: {name} failed: its worker died {ATTEMPTS} times ({how})",
        remedy="often memory ran out: use fewer --workers or a smaller input",
    )


def interrupted(label: str) -> InterruptedRunError:
    """The error of a map that the user stopped."""
    return InterruptedRunError(f"interrupted during {label}")
