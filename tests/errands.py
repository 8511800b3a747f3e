"""Job functions for tests of the runner: each does one thing that a job may do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Connection, insert

from crossdock.model import InvalidValueError, StoreUnavailableError
from crossdock.platform.server.jobs import JobDone, JobWork
from crossdock.platform.store.database.tables import TENANTS


def add(work: JobWork) -> JobDone:
    """Answer a sum; note it in a table in the transaction that ends the job."""
    work.report("adding", 0.5)
    print("what a library prints")

    def note(connection: Connection) -> None:
        connection.execute(insert(TENANTS).values(tenant=work.job_id, created_at=work.request["b"]))

    return JobDone({"sum": work.request["a"] + work.request["b"]}, note)


def wait_with_a_child(work: JobWork) -> JobDone:
    """Start a process, leave both ids in the file that the request names, and wait for long."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (work.workspace / "half-done").write_text("of no use to anybody")
    ids = {"worker": os.getpid(), "child": child.pid, "workspace": str(work.workspace)}
    draft = Path(work.request["file"] + ".draft")
    draft.write_text(json.dumps(ids))
    draft.rename(work.request["file"])
    work.report("waiting", 0.25)
    time.sleep(60)
    return JobDone({})


def refuse(work: JobWork) -> JobDone:
    """Find the request wrong: it stays wrong."""
    raise InvalidValueError("the weight is negative", remedy="correct the sign")


def be_unlucky(work: JobWork) -> JobDone:
    """Meet a fault that passes."""
    raise StoreUnavailableError("the disk is full")


def stumble(work: JobWork) -> JobDone:
    """Have a bug, with a secret in its words."""
    raise ValueError("password=hunter2")


def die(work: JobWork) -> JobDone:
    """End as a process that runs out of memory does."""
    os.kill(os.getpid(), signal.SIGKILL)
    return JobDone({})
