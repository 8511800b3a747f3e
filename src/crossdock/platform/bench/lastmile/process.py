"""Run a program alone and see what it took: wall clock, processor, memory, of all its processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

CORES = 2
_POLL_S = 0.02
_LOOK_S = 1.0
_PEAK = re.compile(r"VmHWM:\s+(\d+)")


@dataclass(frozen=True)
class Ran:
    """A program that ended.

    Attributes
    ----------
    code
        Exit code; negative for a signal; None where it was ended for its time.
    peak_mb
        Largest resident memory, 10^6 bytes, as seen while it ran; of several processes together.
    said
        The last line on stderr.
    """

    code: int | None
    wall_s: float
    cpu_s: float
    peak_mb: float
    said: str


def run_alone(command: Sequence[str], limit_s: float) -> Ran:
    """Run ``command`` to its end, or end it and all it started after ``limit_s``."""
    with tempfile.TemporaryFile() as errors:
        began_s = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        peak, looked_s, is_ended = 0.0, began_s, False
        try:
            while True:
                pid, status, used = os.wait4(process.pid, os.WNOHANG)
                now_s = time.perf_counter()
                if pid:
                    process.returncode = os.waitstatus_to_exitcode(status)
                    break
                if now_s - began_s > limit_s and not is_ended:
                    is_ended = True
                    os.killpg(process.pid, signal.SIGKILL)
                peak = max(peak, _peak_mb(process.pid))
                if now_s - looked_s >= _LOOK_S:
                    looked_s, peak = now_s, max(peak, _together_mb(process.pid))
                time.sleep(_POLL_S)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            if process.returncode is None:
                process.wait()
        errors.seek(0)
        lines = errors.read().decode(errors="replace").strip().splitlines()
    if not peak and sys.platform == "darwin":
        peak = used.ru_maxrss / 1e6
    return Ran(
        code=None if is_ended else process.returncode,
        wall_s=now_s - began_s,
        cpu_s=used.ru_utime + used.ru_stime,
        peak_mb=peak,
        said=lines[-1] if lines else "",
    )


@contextmanager
def same_cores() -> Generator[None]:
    """Keep this process, and with it all that it starts, on the same two cores."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(allowed)[:CORES]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _peak_mb(pid: int) -> float:
    """Most memory of a process so far; 0 if it cannot be told.

    Not its resource usage: on Linux that starts with the memory of the process it was forked from.
    """
    try:
        told = _PEAK.search(Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(told[1]) * 1024 / 1e6 if told else 0.0


def _together_mb(session: int) -> float:
    """Memory of all processes of a session, shared pages once; 0 if it is one or cannot be told."""
    members = [each for each in Path("/proc").glob("[0-9]*") if _session(each) == session]
    if len(members) < 2:
        return 0.0  # of one process the system itself keeps the most
    return sum(map(_own_mb, members))


def _session(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[3])
    except (OSError, IndexError, ValueError):
        return -1


def _own_mb(process: Path) -> float:
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6
