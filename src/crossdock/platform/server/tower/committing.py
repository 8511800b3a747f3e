"""Group commit: batches that arrive together go into the log in one durable transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crossdock.platform.store.database import AppendedRows, EventLog, EventRow

_ROWS_A_COMMIT = 20_000


@dataclass(frozen=True)
class Taken:
    """What became of a batch: how many were new, how many known, and where the log ends now."""

    accepted: int
    duplicates: int
    last_sequence: int


@dataclass(frozen=True)
class _Offer:
    rows: Sequence[EventRow]
    answer: asyncio.Future[Taken]


class GroupCommit:
    """Commits what is offered; each batch is answered once it is on the disk.

    Parameters
    ----------
    wait_s
        How long a batch waits for company.
    on_commit
        Is given the new rows of each commit, in the order of the log.
    """

    def __init__(
        self, log: EventLog, wait_s: float, on_commit: Callable[[AppendedRows], None]
    ) -> None:
        self._log = log
        self._wait_s = wait_s
        self._on_commit = on_commit
        self._offers: asyncio.Queue[_Offer] = asyncio.Queue()

    async def take(self, rows: Sequence[EventRow]) -> Taken:
        """Commit rows, at least one, for good."""
        answer: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        self._offers.put_nowait(_Offer(rows, answer))
        return await answer

    async def join(self) -> None:
        """Wait until everything that was offered is answered."""
        await self._offers.join()

    async def run(self) -> None:
        """Commit without end."""
        while True:
            offers = await self._company()
            try:
                await self._commit(offers)
            except Exception as error:  # whoever offered is told
                await self._one_by_one(offers, error)
            finally:
                for _ in offers:
                    self._offers.task_done()

    async def _company(self) -> list[_Offer]:
        """What waits, after a moment in which more may come."""
        offers = [await self._offers.get()]
        rows = len(offers[0].rows)
        if self._offers.empty():
            await asyncio.sleep(self._wait_s)
        while rows < _ROWS_A_COMMIT and not self._offers.empty():
            offer = self._offers.get_nowait()
            rows += len(offer.rows)
            offers.append(offer)
        return offers

    async def _commit(self, offers: Sequence[_Offer]) -> None:
        rows = [row for offer in offers for row in offer.rows]
        appended = await asyncio.to_thread(self._log.append_rows, rows)
        _answer(offers, appended)
        if appended.accepted:
            self._on_commit(appended)

    async def _one_by_one(self, offers: Sequence[_Offer], error: Exception) -> None:
        """A commit of several failed: commit each alone, so that one does not fail the others."""
        for offer in offers:
            try:
                if len(offers) == 1:
                    raise error
                await self._commit([offer])
            except Exception as own:
                if not offer.answer.done():
                    offer.answer.set_exception(own)


def _answer(offers: Sequence[_Offer], appended: AppendedRows) -> None:
    """Tell each batch how many of its events were new.

    Events that two batches of one commit share count for the first.
    """
    fresh: set[tuple[str, str]] = set()
    if appended.duplicates:
        fresh.update((row[1], row[2]) for row in appended.rows)
    for offer in offers:
        accepted = len(offer.rows)
        if appended.duplicates:
            mine = fresh.intersection((row[1], row[2]) for row in offer.rows)
            fresh -= mine
            accepted = len(mine)
        if not offer.answer.done():  # else nobody waits for it any more
            repeated = len(offer.rows) - accepted
            offer.answer.set_result(Taken(accepted, repeated, appended.last_sequence))
