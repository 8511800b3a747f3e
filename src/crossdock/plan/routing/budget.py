"""How long a search may take: seconds for people, iterations for the same answer every time."""

from __future__ import annotations

import time
from dataclasses import dataclass

from crossdock.model.errors import UsageError


@dataclass(frozen=True)
class Budget:
    """What a search may spend; the first limit reached ends it.

    Parameters
    ----------
    seconds
        Of wall clock. With seconds two runs may differ.
    iterations
        Of the search. With iterations alone the same seed gives the same answer.
    """

    seconds: float | None = None
    iterations: int | None = None

    def __post_init__(self) -> None:
        if self.seconds is None and self.iterations is None:
            raise UsageError("a budget without limit", remedy="give seconds or iterations")
        for name, limit in (("seconds", self.seconds), ("iterations", self.iterations)):
            if limit is not None and not limit >= 0:
                raise UsageError(f"{name} is {limit}", remedy="give a number from 0")


class Meter:
    """A budget while it is spent."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._began_s = time.perf_counter()
        self.iterations = 0

    def spent(self) -> float:
        """Share of the budget that is gone; 1 and more when it is all."""
        share = 0.0
        if self._budget.seconds is not None:
            passed = time.perf_counter() - self._began_s
            share = passed / self._budget.seconds if self._budget.seconds else 1.0
        if self._budget.iterations is not None:
            done = self.iterations / self._budget.iterations if self._budget.iterations else 1.0
            share = max(share, done)
        return share

    def left_s(self) -> float | None:
        """Seconds that are left; None without a limit of time."""
        if self._budget.seconds is None:
            return None
        return max(0.0, self._budget.seconds - (time.perf_counter() - self._began_s))

    def left_iterations(self) -> int | None:
        """Iterations that are left; None without a limit of them."""
        if self._budget.iterations is None:
            return None
        return max(0, self._budget.iterations - self.iterations)
