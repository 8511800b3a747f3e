"""Whose time it is, and how fast it passes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from crossdock.model import InvalidValueError

State = Literal["live", "planning", "playing", "paused", "measuring", "finished"]


@dataclass(frozen=True)
class DayState:
    """How a day stands.

    Attributes
    ----------
    state
        live: the world's; the others are of a day that a twin plays.
    now
        The day's instant.
    speed
        Seconds of the day in a second; None: as fast as it goes.
    starts_at, ends_at
        Of a played day, once it is planned.
    stage, share_done
        Of the planning or measuring that is under way.
    """

    state: State
    now: dt.datetime
    speed: float | None = 1.0
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    stage: str = ""
    share_done: float = 0.0


class Day(Protocol):
    """What a server asks of the day that it shows."""

    def now(self) -> dt.datetime:
        """The day's instant."""
        ...

    def shown(self) -> DayState:
        """How it stands."""
        ...

    def go(self, *, speed: float | None, paused: bool | None) -> None:
        """Change how fast it passes; None leaves a thing as it is.

        Raises
        ------
        InvalidValueError
            Nobody can: the day is the world's, or is not being played.
        """
        ...


class WorldDay:
    """The world's own day: nobody can hurry it.

    Parameters
    ----------
    clock
        Tells the time.
    """

    def __init__(self, clock: Callable[[], dt.datetime]) -> None:
        self.now = clock

    def shown(self) -> DayState:
        """Live, always."""
        return DayState("live", self.now())

    def go(self, *, speed: float | None, paused: bool | None) -> None:
        """Refuse."""
        raise InvalidValueError(
            "the day is the world's: its speed cannot be changed",
            remedy="play one: crossdock demo",
        )
