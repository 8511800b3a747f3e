"""The day that is played: its clock, its speed, how it stands."""

from __future__ import annotations

import asyncio
import datetime as dt
import time

from crossdock.model import InvalidValueError
from crossdock.platform.server.day import DayState, State

_AT_ONCE_S = 2 * 3600
"""Time of the day that is played in one step where it goes as fast as it can."""


class PlayedDay:
    """The clock of a day that a twin plays; it stands until the day begins.

    Parameters
    ----------
    begins_at
        What the clock shows before the day is planned.
    speed
        Seconds of the day in a second; None: as fast as it goes.

    Attributes
    ----------
    changed
        Set when somebody changed the pace.
    """

    def __init__(self, begins_at: dt.datetime, speed: float | None) -> None:
        self._now = begins_at
        self._speed = speed
        self._state: State = "planning"
        self._span: tuple[dt.datetime, dt.datetime] | None = None
        self._stage, self._share = "", 0.0
        self._asked_at_s = time.monotonic()
        self.changed = asyncio.Event()

    def now(self) -> dt.datetime:
        """The day's instant: everything before it has happened."""
        return self._now

    def shown(self) -> DayState:
        """How it stands."""
        starts_at, ends_at = self._span or (None, None)
        return DayState(
            state=self._state,
            now=self._now,
            speed=self._speed,
            starts_at=starts_at,
            ends_at=ends_at,
            stage=self._stage,
            share_done=self._share,
        )

    def go(self, *, speed: float | None, paused: bool | None) -> None:
        """Change the pace; see `Day.go`."""
        if self._state not in ("playing", "paused"):
            raise InvalidValueError(
                f"the day is {self._state}: it is not being played",
                remedy="wait until it is planned, or play another: crossdock demo",
            )
        if speed is not None:
            self._speed = speed
        if paused is not None:
            self._state = "paused" if paused else "playing"
        self.changed.set()

    def works_on(self, state: State, stage: str, share_done: float) -> None:
        """It is being planned or measured."""
        self._state, self._stage, self._share = state, stage, share_done

    def begin(self, now_s: int, starts_s: int, ends_s: int) -> None:
        """It is planned and played from now on."""
        self._state, self._stage, self._share = "playing", "", 0.0
        self._span = (_instant(starts_s), _instant(ends_s))
        self.reached(now_s)
        self._asked_at_s = time.monotonic()

    def next_step(self, now_s: int) -> int | None:
        """Until when to play now; None while it is paused or the time for it has not come."""
        at_s = time.monotonic()
        passed_s, self._asked_at_s = at_s - self._asked_at_s, at_s
        if self._state != "playing":
            return None
        if self._speed is None:
            return now_s + _AT_ONCE_S
        whole = int(self._owed_s(passed_s))
        return now_s + whole if whole else None

    def reached(self, now_s: int) -> None:
        """The twin has come to an instant."""
        self._now = _instant(now_s)

    def end(self) -> None:
        """It is over, and measured."""
        self._state, self._stage, self._share = "finished", "", 1.0

    def _owed_s(self, passed_s: float) -> float:
        """Time of the day that is due, whole seconds of which are played; the rest is kept."""
        assert self._speed is not None
        owed = passed_s * self._speed
        self._asked_at_s -= (owed % 1.0) / self._speed
        return owed


def _instant(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
