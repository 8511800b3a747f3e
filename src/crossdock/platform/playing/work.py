"""Planning and measuring beside an open tower, each in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from crossdock import model
from crossdock.model import CrossdockError, InterruptedRunError, WorkerFailedError
from crossdock.platform.child import ChildProcess
from crossdock.platform.playing.day import PlayedDay
from crossdock.platform.server.day import State

_PROGRAM = f"{__package__}.errand"
_LOOKS_EVERY_S = 0.5


async def work_beside(
    errand: Mapping[str, Any],
    day: PlayedDay,
    state: State,
    stop: asyncio.Event,
    *,
    on_found: Callable[[Mapping[str, Any]], None] | None = None,
) -> None:
    """Have a process do an errand, and the day show how far it is.

    Parameters
    ----------
    on_found
        Is given the facts that the process reported, when there are new ones.

    Raises
    ------
    InterruptedRunError
        ``stop`` was set before it was done; the process is ended.
    CrossdockError
        What the process came to.
    """
    loop, heard = asyncio.get_running_loop(), asyncio.Event()

    def hear() -> None:
        loop.call_soon_threadsafe(heard.set)

    process = await asyncio.to_thread(ChildProcess, _PROGRAM, errand, hear)
    known = 0
    try:
        while (code := process.exit_code()) is None:
            day.works_on(state, process.stage, process.share_done)
            if on_found is not None and len(process.found) > known:
                known = len(process.found)
                on_found(process.found)
            if stop.is_set():
                raise InterruptedRunError("stopped")
            await _either(heard, stop)
            heard.clear()
    finally:
        await asyncio.to_thread(process.end)
    if "failed" in process.last_words:
        raise _error(process.last_words)
    if code != 0:
        raise WorkerFailedError(f"the process that was {state} ended with code {code}")


async def _either(heard: asyncio.Event, stop: asyncio.Event) -> None:
    waits = [asyncio.create_task(event.wait()) for event in (heard, stop)]
    await asyncio.wait(waits, timeout=_LOOKS_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()


def _error(last_words: Mapping[str, Any]) -> CrossdockError:
    """The error of the other process, so that it ends in the same exit code."""
    if "error" not in last_words:
        return WorkerFailedError(last_words["failed"])
    name, message, remedy = last_words["error"]
    return getattr(model, name, CrossdockError)(message, remedy=remedy)
