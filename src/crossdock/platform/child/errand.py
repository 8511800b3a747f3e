"""The child's side: its errand comes on stdin, its progress and its last words go to stdout.

Its stdin stays open for as long as the process that started it lives: when it ends, so does the
child.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TextIO

from crossdock.model import CrossdockError, StoreUnavailableError, WorkerFailedError

_COURTEOUS = 10  # the server, which answers people, goes first
_INTERRUPTED = 130
_MAY_END_BETTER = (StoreUnavailableError, WorkerFailedError)


class Report(Protocol):
    """Tells the stage that begins, the share that is done, and facts that were found."""

    def __call__(self, stage: str, share_done: float, **found: object) -> None:
        """Tell; ``found`` is plain JSON data."""
        ...


def run_errand(
    work: Callable[[Mapping[str, Any], Report], None],
    *,
    lost: tuple[type[CrossdockError], ...] = (),
) -> None:
    """Run the errand on stdin.

    Parameters
    ----------
    work
        Does it. An error that it raises becomes the child's last words: ``failed``, with
        ``again`` where a later try may end better.
    lost
        Errors that mean that somebody else does it now: ``lost``.
    """
    os.nice(_COURTEOUS)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is half done is cleared away
    errand = json.loads(sys.stdin.readline())
    folder = errand.get("workspace")
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    told = _progress_alone_on_stdout()

    def report(stage: str, share_done: float, **found: object) -> None:
        _tell(told, stage=stage, share_done=share_done, **found)

    try:
        work(errand, report)
    except CrossdockError as error:
        if isinstance(error, lost):
            _tell(told, lost=error.message)
            return
        _tell(
            told,
            failed=f"{error.message}; {error.remedy}" if error.remedy else error.message,
            again=isinstance(error, _MAY_END_BETTER),
            error=[type(error).__name__, error.message, error.remedy],
        )
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except Exception as error:
        traceback.print_exc()
        said = f"it failed unexpectedly ({type(error).__name__}); the log has the reason"
        _tell(told, failed=said, again=True)


def _progress_alone_on_stdout() -> TextIO:
    """The stdout that is listened to; what a library prints goes to stderr instead."""
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return told


def _end_with_parent(workspace: str | None) -> None:
    """The parent is gone when stdin ends: leave nothing behind, least of all this process."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    if workspace is not None:
        shutil.rmtree(workspace, ignore_errors=True)
    os.killpg(os.getpgid(0), signal.SIGKILL)


def _tell(told: TextIO, **what: object) -> None:
    print(json.dumps(what), file=told, flush=True)
