"""What each stage of a run costs: seconds and memory, worker processes included."""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SAMPLE_EVERY_S = 0.05
_BYTES_PER_MB = 1_000_000
_PROC = Path("/proc")


@dataclass(frozen=True)
class StageCost:
    """Cost of one stage.

    Attributes
    ----------
    stage
        Its name.
    seconds
        Wall-clock time.
    peak_mb
        Largest resident memory of this process and its workers together, in 10^6 bytes, as sampled
        20 times a second. Pages that processes share are counted in each.
    """

    stage: str
    seconds: float
    peak_mb: float


class StageMeter:
    """Measures stages one after another.

    Parameters
    ----------
    on_stage
        Is told the name of each stage that begins.

    Examples
    --------
    >>> meter = StageMeter()
    >>> with meter.stage("locate"):
    ...     pass
    >>> meter.costs[0].stage
    'locate'
    """

    def __init__(self, on_stage: Callable[[str], None] | None = None) -> None:
        self._on_stage = on_stage
        self._costs: list[StageCost] = []

    @property
    def costs(self) -> tuple[StageCost, ...]:
        """Finished stages in the order in which they ended; failed ones too."""
        return tuple(self._costs)

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        """Measure the block as stage ``name``."""
        if self._on_stage is not None:
            self._on_stage(name)
        peak = _PeakSampler()
        started_s = time.monotonic()
        peak.start()
        try:
            yield
        finally:
            seconds = time.monotonic() - started_s
            self._costs.append(StageCost(name, round(seconds, 3), round(peak.stop_mb(), 1)))

    def as_records(self) -> list[dict[str, str | float]]:
        """The stages as plain records for a manifest."""
        return [
            {"stage": cost.stage, "seconds": cost.seconds, "peak_mb": cost.peak_mb}
            for cost in self._costs
        ]


class _PeakSampler:
    def __init__(self) -> None:
        self._peak_bytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True, name="stage-meter")

    def start(self) -> None:
        self._thread.start()

    def stop_mb(self) -> float:
        self._ended.set()
        self._thread.join()
        return self._peak_bytes / _BYTES_PER_MB

    def _sample(self) -> None:
        while True:
            self._peak_bytes = max(self._peak_bytes, resident_bytes())
            if self._ended.wait(SAMPLE_EVERY_S):
                self._peak_bytes = max(self._peak_bytes, resident_bytes())
                return


def resident_bytes() -> int:
    """Resident memory of this process and all it started, now.

    Where the system has no ``/proc`` (macOS), the largest this process has had so far.
    """
    if not (_PROC / "self" / "statm").exists():
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    return sum(_resident_of(pid) for pid in _family(os.getpid()))


def _family(pid: int) -> list[int]:
    """``pid`` and its descendants."""
    found = [pid]
    for member in found:
        for thread in _threads_of(member):
            found.extend(map(int, _read(thread / "children").split()))
    return found


def _threads_of(pid: int) -> list[Path]:
    try:
        return list((_PROC / str(pid) / "task").iterdir())
    except OSError:  # the process has ended
        return []


def _resident_of(pid: int) -> int:
    fields = _read(_PROC / str(pid) / "statm").split()
    return int(fields[1]) * resource.getpagesize() if fields else 0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # the process or thread has ended
        return ""
