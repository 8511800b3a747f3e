"""A twin plays into a tower: the same door as for what carriers tell, and commands on the way."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import time
from collections.abc import Callable

from crossdock.platform.playing.day import PlayedDay
from crossdock.platform.running import TWIN, Player
from crossdock.platform.server.tower import Desk, Taken
from crossdock.platform.store.database import EventRow, rows_of

_TICK_S = 0.2
_SAVE_EVERY_S = 5.0
_KIND, _PAYLOAD = 3, 10  # of an `EventRow`


class TwinPlay:
    """Plays a day into a desk, at the pace of its clock.

    A step and a command never overlap: what a command changes is in the events of the next step.

    Parameters
    ----------
    stop
        Ends the play where it is.
    """

    def __init__(self, player: Player, day: PlayedDay, desk: Desk, stop: asyncio.Event) -> None:
        self._player, self._day, self._desk, self._stop = player, day, desk, stop
        self._one = asyncio.Lock()
        self._sequence = 0
        self._saved_s = time.monotonic()

    async def run(self) -> bool:
        """Play; true where the day came to its end."""
        player, day = self._player, self._day
        day.begin(player.now, player.starts_at, player.ends_at)
        self._desk.obeyed_by = self.obey
        try:
            while not self._stop.is_set() and not await asyncio.to_thread(lambda: player.finished):
                async with self._one:
                    stepped = await self._step()
                # Who watches is not left behind.
                await self._desk.heard(self._sequence)
                if not stepped or day.shown().speed is not None:
                    await self._tick()
        finally:
            self._desk.obeyed_by = None
            async with self._one:  # a command that is being obeyed is in the log before
                await self._save()
        return player.finished

    async def obey(self, made: Callable[[dt.datetime], EventRow]) -> Taken:
        """Do a command at the instant of the day, and keep its event.

        Parameters
        ----------
        made
            The event of the command at an instant.

        Raises
        ------
        InvalidValueError
            What it names does not exist, or it can no longer be done.
        """
        async with self._one:
            row = made(dt.datetime.fromtimestamp(self._player.now, dt.UTC))
            told = json.loads(row[_PAYLOAD] or "{}")
            await asyncio.to_thread(self._player.obey, row[_KIND], told)
            taken = await self._desk.take([row])
            self._sequence = taken.last_sequence
            return taken

    async def _step(self) -> bool:
        player = self._player
        until = self._day.next_step(player.now)
        if until is None:
            return False
        events = await asyncio.to_thread(player.advance, until)
        if events.height:
            taken = await self._desk.take(await asyncio.to_thread(rows_of, events))
            self._sequence = taken.last_sequence
        self._day.reached(player.now)
        if time.monotonic() - self._saved_s > _SAVE_EVERY_S:
            await self._save()
        return True

    async def _save(self) -> None:
        """Keep the twin's state with the end of the log that it has told."""
        if not self._sequence:
            return
        state = await asyncio.to_thread(self._player.save)
        await asyncio.to_thread(self._desk.log.keep_checkpoint, TWIN, state, self._sequence)
        self._saved_s = time.monotonic()

    async def _tick(self) -> None:
        self._day.changed.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_TICK_S):
                await self._day.changed.wait()
