"""What is wrong with an ELD output file, in words a person can act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class WrongCheck:
    """A check value that is not the one of its content.

    Attributes
    ----------
    line
        Of the file, from 1.
    said, computed
        As the file has it (empty: it has none), and as it should be.
    """

    kind: Literal["line", "event", "file"]
    line: int
    said: str
    computed: str

    def __str__(self) -> str:
        """The fault in one line."""
        said = self.said or "none"
        return f"line {self.line}: {self.kind} check value is {said}, computed {self.computed}"


@dataclass(frozen=True)
class BadRow:
    """A row, or one value of it, that cannot be used.

    Attributes
    ----------
    kept
        Whether the row went through without the value.
    """

    line: int
    segment: str
    field: str
    reason: str
    remedy: str
    kept: bool = False

    def __str__(self) -> str:
        """The fault in one line."""
        outcome = "kept without it" if self.kept else "left out"
        return (
            f"line {self.line} ({self.segment}), {self.field}: {self.reason}; {self.remedy} "
            f"[{outcome}]"
        )
