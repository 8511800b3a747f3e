"""Who listens: each subscriber with a bounded queue, so that a slow one holds up nobody."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from crossdock.platform.store.database import Message


class Subscriber:
    """One open stream. Lives on the event loop alone."""

    def __init__(self, most: int, actor: str) -> None:
        self.actor = actor
        self._most = most
        self._waiting: deque[Message] = deque()
        self._wake = asyncio.Event()
        self._overrun = False
        self.closed = False

    def offer(self, messages: Sequence[Message]) -> None:
        """Queue messages; one that comes to too many throws the queue away."""
        if len(self._waiting) + len(messages) > self._most:
            self._waiting.clear()
            self._overrun = True
        else:
            self._waiting.extend(messages)
        self._wake.set()

    def close(self) -> None:
        """Let the stream end."""
        self.closed = True
        self._wake.set()

    async def next(self, timeout_s: float) -> tuple[list[Message], bool]:
        """What waits, and whether messages were thrown away; nothing after ``timeout_s``."""
        if not self._waiting and not self._overrun and not self.closed:
            self._wake.clear()
            try:
                async with asyncio.timeout(timeout_s):
                    await self._wake.wait()
            except TimeoutError:
                return [], False
        found, overrun = list(self._waiting), self._overrun
        self._waiting.clear()
        self._overrun = False
        self._wake.clear()
        return found, overrun


class Hub:
    """The subscribers of one tenant."""

    def __init__(self, queue: int) -> None:
        self._queue = queue
        self._subscribers: set[Subscriber] = set()

    def __len__(self) -> int:
        return len(self._subscribers)

    def of_actor(self, actor: str) -> int:
        """How many streams a key or user has open."""
        return sum(subscriber.actor == actor for subscriber in self._subscribers)

    def join(self, actor: str) -> Subscriber:
        """A new subscriber: it gets what is published from now on."""
        subscriber = Subscriber(self._queue, actor)
        self._subscribers.add(subscriber)
        return subscriber

    def leave(self, subscriber: Subscriber) -> None:
        """Forget a subscriber."""
        self._subscribers.discard(subscriber)

    def publish(self, messages: Sequence[Message]) -> None:
        """Offer messages to everybody."""
        for subscriber in self._subscribers:
            subscriber.offer(messages)

    def close(self) -> None:
        """End every stream."""
        for subscriber in self._subscribers:
            subscriber.close()
