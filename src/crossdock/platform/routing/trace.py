"""What a search found and when, from the moment that its seconds count."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Trace:
    """Every improvement and when it was found.

    Attributes
    ----------
    began_s
        By `time.perf_counter`.
    on_progress
        Told seconds and cost at every improvement.
    found
        The same, kept.
    """

    began_s: float
    on_progress: Callable[[float, float], None] | None = None
    found: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])

    def passed_s(self) -> float:
        """Seconds until now."""
        return time.perf_counter() - self.began_s

    def add(self, cost: float) -> None:
        """Note an improvement."""
        self.found.append((self.passed_s(), cost))
        if self.on_progress is not None:
            self.on_progress(*self.found[-1])
