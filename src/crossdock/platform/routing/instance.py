"""A benchmark instance as read: the problem, and how its file names things."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from crossdock.model import InputUnusableError
from crossdock.plan.routing import Problem

MOST_BYTES = 256 * 1024 * 1024
MOST_PLACES = 100_000
MOST_MATRIX_PLACES = 6_000


@dataclass(frozen=True)
class Instance:
    """One file.

    Attributes
    ----------
    kind
        ``CVRP``, ``VRPTW``, ...; as the file says, or by its format.
    numbered
        Whether the ids of the problem are the node numbers of the file.
    """

    name: str
    kind: str
    problem: Problem
    numbered: bool = True


def refuse(path: Path, line: int | None, message: str, remedy: str) -> NoReturn:
    """Raise `InputUnusableError` at a line of a file."""
    at = f"{path.name}, line {line}" if line is not None else path.name
    raise InputUnusableError(f"{at}: {message}", remedy=remedy)


def number_at(path: Path, line: int, word: str) -> float:
    """A finite number, or the error that says where it is none."""
    try:
        value = float(word)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        refuse(path, line, f"{word!r} is no number", "give a number")
    return value


def whole_at(path: Path, line: int, word: str) -> int:
    """A whole number, or the error that says where it is none."""
    value = number_at(path, line, word)
    if value != int(value):
        refuse(path, line, f"{word} is no whole number", "scale the amounts to whole numbers")
    return int(value)
