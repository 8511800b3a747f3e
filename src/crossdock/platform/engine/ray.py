"""`Engine` on Ray: the same maps across machines. Ray is imported when an engine is opened."""

# The public `ray` functions carry no usable types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import importlib
import os
import secrets
import sys
import traceback
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, TypeVar

from crossdock.model import CrossdockError, Progress, SilentProgress, UsageError
from crossdock.platform.engine.naming import (
    ATTEMPTS,
    checked_workers,
    interrupted,
    item_failed,
    item_lost,
    item_names,
    one_line,
)
from crossdock.platform.engine.pool import THREAD_LIMITS
from crossdock.platform.engine.worker import Reply

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class RayEngine:
    """Runs items as Ray tasks, with the answers and errors of `LocalEngine`.

    Joins the cluster that ``RAY_ADDRESS`` names, else starts Ray on this machine and ends it with
    the ``with`` block.

    Parameters
    ----------
    workers
        How many items run at once.

    Raises
    ------
    UsageError
        ``workers`` is below 1, or Ray is not installed.
    """

    def __init__(self, workers: int) -> None:
        self.workers = checked_workers(workers)
        self._ray: Any = _import_ray()
        self._started_here = False

    def __enter__(self) -> RayEngine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave Ray; end it if it was started here."""
        if self._started_here:
            self._ray.shutdown()
            self._started_here = False

    def map(
        self,
        function: Callable[[Item], Answer],
        items: Sequence[Item],
        *,
        label: str,
        progress: Progress | None = None,
        names: Sequence[str] | None = None,
    ) -> list[Answer]:
        """Answers in the order of ``items``; see `LocalEngine.map`.

        Raises
        ------
        WorkerFailedError
            An item failed; the message names it and the cause.
        InterruptedRunError
            The user pressed Ctrl-C; what still ran was cancelled.
        """
        called = item_names(label, len(items), names)
        self._connect()
        running: dict[Any, int] = {}
        with (progress or SilentProgress()).task(label, len(items)) as task:
            answer = self._remote_answer()
            shared_function = self._ray.put(function)
            answers: list[Any] = [None] * len(items)
            unstarted = iter(range(len(items)))
            try:
                while True:
                    while len(running) < self.workers:
                        index = next(unstarted, None)
                        if index is None:
                            break
                        running[answer.remote(shared_function, items[index])] = index
                    if not running:
                        return answers
                    finished, _ = self._ray.wait(list(running), num_returns=1)
                    for reference in finished:
                        index = running.pop(reference)
                        answers[index] = self._outcome(reference, label, called[index])
                        task.advance()
            except KeyboardInterrupt:
                raise interrupted(label) from None
            finally:
                for reference in running:
                    self._ray.cancel(reference, force=True)

    def _connect(self) -> None:
        if self._ray.is_initialized():
            return
        variables = dict(THREAD_LIMITS)
        here: dict[str, Any] = {}
        if "RAY_ADDRESS" not in os.environ:
            here = {"num_cpus": self.workers, "include_dashboard": False}
            # A token of this process alone, else Ray keeps one under HOME.
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
            variables["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        self._ray.init(
            **here,
            log_to_driver=False,
            logging_level="ERROR",
            runtime_env={"env_vars": variables},
        )
        self._started_here = True

    def _remote_answer(self) -> Any:
        return self._ray.remote(num_cpus=1, max_retries=ATTEMPTS - 1)(_answer)

    def _outcome(self, reference: Any, label: str, name: str) -> Any:
        try:
            answer, reply = self._ray.get(reference)
        except self._ray.exceptions.WorkerCrashedError as error:
            raise item_lost(label, name, one_line(error)) from error
        except self._ray.exceptions.RayError as error:
            raise item_failed(label, name, one_line(error)) from error
        if reply.failed:
            raise item_failed(label, name, reply.cause, remedy=reply.remedy, trace=reply.trace)
        return answer


def _answer(function: Callable[[Any], Any], item: Any) -> tuple[Any, Reply]:
    """Runs in a Ray worker: the answer, or the words of the error that there is none."""
    try:
        return function(item), Reply()
    except Exception as error:  # whatever an item raises is told under the item's name
        remedy = error.remedy if isinstance(error, CrossdockError) else ""
        cause = one_line(error)
        return None, Reply(cause=cause, remedy=remedy, trace=traceback.format_exc())


def _import_ray() -> Any:
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise UsageError(
            "--engine ray needs Ray, which is not installed",
            remedy="pip install 'crossdock[ray]', or use --engine local",
        ) from error
