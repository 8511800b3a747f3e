"""Telling: messages are committed to the outbox, then published, in the order of their numbers."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence

from crossdock.platform.server.tower.hub import Hub
from crossdock.platform.server.tower.messages import Told
from crossdock.platform.store.database import Message, Outbox


class Teller:
    """Tells the subscribers of one tenant.

    Attributes
    ----------
    number
        Of the last message.
    sequence
        Of the log: every event up to it was told of.
    """

    def __init__(
        self, outbox: Outbox, hub: Hub, now: Callable[[], dt.datetime], most_replayed: int
    ) -> None:
        self.number, self.sequence = outbox.last()
        self._outbox = outbox
        self._hub = hub
        self._now = now
        self._most_replayed = most_replayed
        self._telling = asyncio.Lock()

    async def tell(self, messages: Sequence[Told], *, sequence: int = 0) -> None:
        """Commit messages, then publish them.

        Parameters
        ----------
        sequence
            Of the last event that they tell of.
        """
        async with self._telling:
            if messages:
                covered = max(self.sequence, sequence)
                told = await asyncio.to_thread(self._keep, messages, covered)
                self._hub.publish(told)
            self.sequence = max(self.sequence, sequence)

    def catch_up(self, messages: Sequence[Told], sequence: int) -> None:
        """Commit what was not told before, when nobody listens yet."""
        if messages:
            self._keep(messages, sequence)
        self.sequence = max(self.sequence, sequence)

    def replay(self, after: int) -> list[Message] | None:
        """The messages after a number; None where they are too many or no longer kept."""
        if after > self.number:
            return None
        if after == self.number:
            return []
        first = self._outbox.first_kept()
        if first == 0 or after + 1 < first or self.number - after > self._most_replayed:
            return None
        return self._outbox.after(after, most=self._most_replayed)

    def _keep(self, messages: Sequence[Told], sequence: int) -> list[Message]:
        told = self._outbox.append(self.number + 1, messages, sequence=sequence, now=self._now())
        self.number = told[-1].number
        return told
