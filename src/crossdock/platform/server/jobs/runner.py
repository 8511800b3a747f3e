"""The thread that takes due jobs one after another and sees each through."""

from __future__ import annotations

import logging
import os
import socket
import tempfile
import threading
import uuid
from collections.abc import Mapping
from typing import Any

from crossdock.model import StoreUnavailableError
from crossdock.platform.child import ChildProcess
from crossdock.platform.store.database import Store
from crossdock.platform.store.database.jobs import Job, Jobs, LeaseLostError

_LOOKS_EVERY_S = 1.0
_PROGRAM = f"{__package__}.process"
_LOG = logging.getLogger(__name__)


class JobRunner:
    """Runs the jobs of a store, one at a time, each in a process of its own.

    A process of its own keeps the server responsive, gives memory back, and is ended at once when
    a user cancels the job. Of several runners on one store each job is run by one; the jobs of
    one that dies are taken up by the others when their leases run out.

    Parameters
    ----------
    store
        The processes open it for themselves.
    jobs
        Of this store.
    functions
        ``module:function`` of each kind of job; the function takes a `JobWork` and gives a
        `JobDone`.
    context
        Plain JSON data that every job is handed.
    """

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        functions: Mapping[str, str],
        *,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        self._jobs = jobs
        self._store_url = store.backend.engine.url
        self._functions = dict(functions)
        self._context = dict(context or {})
        self._worker = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._stir = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, daemon=True, name="job-runner")

    def start(self) -> None:
        """Begin to take jobs."""
        self._thread.start()

    def wake(self) -> None:
        """Look at once: a job was put in, or cancelled."""
        self._stir.set()

    def stop(self) -> None:
        """End the job that runs, give it back for the next runner, and take no more."""
        self._stopping = True
        self._stir.set()
        self._thread.join()

    def _serve(self) -> None:
        while not self._stopping:
            try:
                job = self._jobs.claim(self._worker, list(self._functions))
                if job is not None:
                    self._see_through(job)
                    continue
            except LeaseLostError as error:
                _LOG.warning("%s", error.message)
            except StoreUnavailableError as error:
                _LOG.error("jobs wait for the store: %s", error.message)
            except Exception:  # whatever became of one job, the next ones are taken
                _LOG.exception("a job could not be seen through")
            self._pause()

    def _see_through(self, job: Job) -> None:
        """Run an attempt; the job's state afterwards is what came of it."""
        with tempfile.TemporaryDirectory(
            prefix="crossdock-job-", ignore_cleanup_errors=True
        ) as folder:
            process = ChildProcess(_PROGRAM, self._errand(job, folder), self._stir.set)
            try:
                self._watch(job, process)
            finally:
                process.end()

    def _watch(self, job: Job, process: ChildProcess) -> None:
        """Keep the lease while the process runs, and settle the job when it has ended."""
        while (code := process.exit_code()) is None:
            if self._stopping:
                process.end()
                return self._settle_stopped(job, process)
            if self._wants_cancel(job, process):
                process.end()
                return self._jobs.end_cancelled(job.lease)
            self._pause()
        return self._settle(job, process, code)

    def _wants_cancel(self, job: Job, process: ChildProcess) -> bool:
        try:
            return self._jobs.heartbeat(
                job.lease, process.stage, process.share_done, process.found.get("search")
            )
        except LeaseLostError:
            if process.exit_code() is None and not self._is_done(job):
                raise
            return False
        except StoreUnavailableError as error:  # the lease outlasts a short outage
            _LOG.error("the job %s is not heard of: %s", job.job_id, error.message)
            return False

    def _settle_stopped(self, job: Job, process: ChildProcess) -> None:
        if not self._is_done(job):
            self._jobs.give_back(job.lease)

    def _settle(self, job: Job, process: ChildProcess, code: int) -> None:
        if "lost" in process.last_words:
            if self._jobs.read(job.tenant, job.job_id).wants_cancel:
                self._jobs.end_cancelled(job.lease)
        elif "failed" in process.last_words:
            said = process.last_words
            self._jobs.fail(job.lease, said["failed"], again=said["again"])
        elif code != 0:
            self._jobs.fail(job.lease, f"its process ended with code {code}")

    def _is_done(self, job: Job) -> bool:
        """The process ends the job itself, in one transaction with what it changes."""
        return self._jobs.read(job.tenant, job.job_id).state == "done"

    def _errand(self, job: Job, workspace: str) -> dict[str, Any]:
        lease = job.lease
        return {
            "store": self._store_url.render_as_string(hide_password=False),
            "tenant": job.tenant,
            "lease": {
                "job_id": lease.job_id,
                "worker": lease.worker,
                "attempt": lease.attempt,
            },
            "function": self._functions[job.kind],
            "context": self._context,
            "workspace": workspace,
        }

    def _pause(self) -> None:
        self._stir.wait(min(_LOOKS_EVERY_S, self._jobs.lease_s / 3))
        self._stir.clear()
