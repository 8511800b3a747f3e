"""Server-sent events: what was missed, then what happens, with signs of life between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from crossdock.platform.server.tower.desk import Desk
from crossdock.platform.store.database import Message

_ALIVE = b": alive\n\n"
_RETRY = b"retry: 2000\n\n"


async def told(
    desk: Desk, actor: str, last_id: str | None, heartbeat_s: float
) -> AsyncIterator[bytes]:
    """The stream of one subscriber.

    Parameters
    ----------
    actor
        Whose stream it is.
    last_id
        Id of the last message that the subscriber has; None: it wants what is new.

    Notes
    -----
    ``resync`` stands for messages that cannot be given any more: load the state anew.
    """
    subscriber = desk.hub.join(actor)
    try:
        sent = desk.teller.number
        yield _RETRY
        if last_id is not None:
            missed = await asyncio.to_thread(desk.teller.replay, _number(last_id))
            if missed is None:
                yield _resync(sent)
            elif missed:
                sent = missed[-1].number
                yield b"".join(map(_framed, missed))
        while not subscriber.closed:
            messages, overrun = await subscriber.next(heartbeat_s)
            if overrun:
                sent = desk.teller.number
                yield _resync(sent)
            fresh = [message for message in messages if message.number > sent]
            if fresh:
                sent = fresh[-1].number
                yield b"".join(map(_framed, fresh))
            elif not overrun:
                yield _ALIVE
    finally:
        desk.hub.leave(subscriber)


def _number(last_id: str) -> int:
    """A foreign id is one of the far future, which is answered by ``resync``."""
    return int(last_id) if last_id.isdecimal() and len(last_id) < 19 else 1 << 62


def _resync(number: int) -> bytes:
    return b"id: %d\nevent: resync\ndata: {}\n\n" % number


def _framed(message: Message) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (
        message.number,
        message.event.encode(),
        message.data,
    )
