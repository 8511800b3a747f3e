"""The process of one job: ``python -m``; its errand comes on stdin, its progress goes to stdout.

Its stdin stays open for as long as the server lives: when it ends, so does the process.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO, cast

from crossdock.model import CrossdockError, StoreUnavailableError, WorkerFailedError
from crossdock.platform.clock import SystemClock
from crossdock.platform.server.jobs.work import JobFunction, JobWork
from crossdock.platform.store.database import Store, open_database
from crossdock.platform.store.database.jobs import Jobs, Lease, LeaseLostError

_COURTEOUS = 10  # the server, which answers people, goes first
_MAY_END_BETTER = (StoreUnavailableError, WorkerFailedError)


def main() -> None:
    """Run the job of the errand on stdin."""
    os.nice(_COURTEOUS)
    errand = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_server, args=(errand["workspace"],), daemon=True).start()
    told = _progress_alone_on_stdout()
    try:
        with open_database(errand["store"]) as store:
            _run(errand, store, told)
    except LeaseLostError as error:
        _tell(told, lost=error.message)
    except CrossdockError as error:
        said = f"{error.message}; {error.remedy}" if error.remedy else error.message
        _tell(told, failed=said, again=isinstance(error, _MAY_END_BETTER))
    except Exception as error:
        traceback.print_exc()
        said = f"the job failed unexpectedly ({type(error).__name__}); the log has the reason"
        _tell(told, failed=said, again=True)


def _run(errand: Mapping[str, Any], store: Store, told: TextIO) -> None:
    lease = Lease(**errand["lease"])
    jobs = Jobs(store.backend, SystemClock().now)
    job = jobs.read(errand["tenant"], lease.job_id)

    def report(stage: str, share_done: float) -> None:
        _tell(told, stage=stage, share_done=share_done)

    done = _function(errand["function"])(
        JobWork(
            tenant=job.tenant,
            job_id=job.job_id,
            request=job.request,
            context=errand["context"],
            store=store,
            workspace=Path(errand["workspace"]),
            report=report,
        )
    )
    jobs.finish(lease, done.result, done.effect)


def _function(name: str) -> JobFunction:
    module, _, function = name.partition(":")
    return cast("JobFunction", getattr(importlib.import_module(module), function))


def _progress_alone_on_stdout() -> TextIO:
    """The stdout that the server reads; what a library prints goes to stderr instead."""
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return told


def _end_with_server(workspace: str) -> None:
    """The server is gone when stdin ends: leave nothing behind, least of all this process."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    shutil.rmtree(workspace, ignore_errors=True)
    os.killpg(os.getpgid(0), signal.SIGKILL)


def _tell(told: TextIO, **what: object) -> None:
    print(json.dumps(what), file=told, flush=True)


if __name__ == "__main__":
    main()
