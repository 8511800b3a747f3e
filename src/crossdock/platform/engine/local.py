"""`Engine` on the processes of this machine."""

from __future__ import annotations

import pickle
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, TypeVar

from crossdock.model import (
    CrossdockError,
    Progress,
    SilentProgress,
    UsageError,
    WorkerFailedError,
)
from crossdock.model.protocols import Task
from crossdock.platform.engine.naming import (
    ATTEMPTS,
    checked_workers,
    interrupted,
    item_failed,
    item_lost,
    item_names,
    one_line,
)
from crossdock.platform.engine.pool import Worker, hire
from crossdock.platform.engine.worker import Reply

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class LocalEngine:
    """Runs items in worker processes; with one worker, in the calling process.

    With ``imports`` all workers but one start with the ``with`` block, the others when a map needs
    them; they stay for the next map and end with the block. A worker that dies is replaced and its
    item is given to another, up to twice.
    Items start in the order given: put long ones first.

    Parameters
    ----------
    workers
        How many items run at once.
    imports
        Modules that every worker imports at its start, while the caller still reads its input.

    Raises
    ------
    UsageError
        ``workers`` is below 1.
    """

    def __init__(self, workers: int, *, imports: Sequence[str] = ()) -> None:
        self.workers = checked_workers(workers)
        self._imports = tuple(imports)
        self._staff: list[Worker] = []

    def __enter__(self) -> LocalEngine:
        if self._imports and self.workers > 1:
            # One core is left to the caller, who reads meanwhile.
            self._staff = [hire(self._imports) for _ in range(self.workers - 1)]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all workers; a later map starts new ones."""
        self._kill()

    def map(
        self,
        function: Callable[[Item], Answer],
        items: Sequence[Item],
        *,
        label: str,
        progress: Progress | None = None,
        names: Sequence[str] | None = None,
    ) -> list[Answer]:
        """Answers in the order of ``items``, whatever order the workers finish in.

        Parameters
        ----------
        function
            Pure; with more than one worker a module-level function or a `functools.partial` of
            one. It is sent to each worker once a map, each item once.
        items
            The work; with more than one worker each can be pickled.
        label
            What the work is called, in progress and in errors.
        names
            One a item, for errors; by default their numbers.

        Raises
        ------
        WorkerFailedError
            An item failed; the message names it and the cause.
        InterruptedRunError
            The user pressed Ctrl-C; nothing of this map runs any more.
        """
        called = item_names(label, len(items), names)
        with (progress or SilentProgress()).task(label, len(items)) as task:
            try:
                if self.workers == 1:
                    return _map_here(function, items, label, called, task)
                return self._map_on_workers(_Job(function, items, label, called), task)
            except KeyboardInterrupt:
                self._kill()
                raise interrupted(label) from None
            except BaseException:
                self._kill()
                raise

    def _map_on_workers(self, job: _Job, task: Task) -> list[Any]:
        staff = self._staff_for(job)
        while job.unfinished:
            for worker in staff:
                if worker.item is None and job.waiting:
                    worker.start(*job.next_item())
            for worker in _readable(staff):
                reply = worker.reply()
                if reply is None:
                    job.give_back(worker)
                    self._replace(worker, job)
                elif worker.item is not None:
                    job.settle(worker.item, reply)
                    worker.item = None
                    task.advance()
        return job.answers

    def _staff_for(self, job: _Job) -> list[Worker]:
        while len(self._staff) < min(self.workers, len(job.items)):
            self._staff.append(hire(self._imports))
        for worker in self._staff:
            worker.learn(job.function_pickle)
        return self._staff

    def _replace(self, dead: Worker, job: _Job) -> None:
        dead.kill()
        successor = hire(self._imports)
        successor.learn(job.function_pickle)
        self._staff[self._staff.index(dead)] = successor

    def _kill(self) -> None:
        staff, self._staff = self._staff, []
        for worker in staff:
            worker.kill()


class _Job:
    """One map on its way: what waits, how often each item was tried, what is answered."""

    def __init__(
        self, function: Callable[[Any], Any], items: Sequence[Any], label: str, names: list[str]
    ) -> None:
        self.function_pickle = _pickled_function(function, label)
        self.items = items
        self.label = label
        self.names = names
        self.waiting = deque(range(len(items)))
        self.attempts = [0] * len(items)
        self.answers: list[Any] = [None] * len(items)
        self.unfinished = len(items)

    def next_item(self) -> tuple[int, bytes]:
        """Take the next item off the queue: its index and its pickle."""
        index = self.waiting.popleft()
        self.attempts[index] += 1
        return index, _pickled_item(self.items[index], self.label, self.names[index])

    def give_back(self, dead: Worker) -> None:
        """Queue the item of a dead worker first; give it up after the last attempt."""
        if dead.item is None:
            return
        if self.attempts[dead.item] >= ATTEMPTS:
            raise item_lost(self.label, self.names[dead.item], dead.how_it_died())
        self.waiting.appendleft(dead.item)

    def settle(self, index: int, reply: Reply) -> None:
        """Keep the answer of item ``index``; raise what it failed with."""
        if reply.failed:
            raise item_failed(
                self.label, self.names[index], reply.cause, remedy=reply.remedy, trace=reply.trace
            )
        self.answers[index] = pickle.loads(reply.answer)
        self.unfinished -= 1


def _map_here(
    function: Callable[[Item], Answer],
    items: Sequence[Item],
    label: str,
    names: list[str],
    task: Task,
) -> list[Answer]:
    answers: list[Answer] = []
    for item, name in zip(items, names, strict=True):
        try:
            answers.append(function(item))
        except Exception as error:
            remedy = error.remedy if isinstance(error, CrossdockError) else ""
            raise item_failed(
                label, name, one_line(error), remedy=remedy, trace=traceback.format_exc()
            ) from error
        task.advance()
    return answers


def _readable(staff: list[Worker]) -> list[Worker]:
    """Workers that have something to say or have died, after waiting until there is one."""
    by_line = {worker.line: worker for worker in staff}
    ready = wait(list(by_line))
    return [worker for line, worker in by_line.items() if line in ready]


def _pickled_function(function: Callable[..., Any], label: str) -> bytes:
    try:
        return pickle.dumps(function, pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise UsageError(
            f"{label}: its function cannot be sent to a worker: {one_line(error)}",
            remedy="define it at the top level of a module, or use 1 worker",
        ) from error


def _pickled_item(item: object, label: str, name: str) -> bytes:
    try:
        return pickle.dumps(item, pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        failure: WorkerFailedError = item_failed(
            label, name, f"it cannot be sent to a worker: {one_line(error)}"
        )
        raise failure from error
