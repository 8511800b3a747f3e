"""The days of a log as its record has them: four lines, each with its hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.comply.hos import (
    DRIVING,
    OFF_DUTY,
    ON_DUTY,
    PASSENGER,
    PERSONAL,
    SLEEPER,
    YARD_MOVE,
    Timeline,
)
from crossdock.operate.duty_logs import Piece

LINE_OF = {
    OFF_DUTY: OFF_DUTY,
    PERSONAL: OFF_DUTY,
    SLEEPER: SLEEPER,
    PASSENGER: ON_DUTY,
    DRIVING: DRIVING,
    ON_DUTY: ON_DUTY,
    YARD_MOVE: ON_DUTY,
}
"""The line of the grid for each status (49 CFR 395.8(h)); the passenger seat is drawn as work."""


@dataclass(frozen=True)
class LogDay:
    """A day of the home terminal: 23 to 25 hours.

    Attributes
    ----------
    totals_s
        Seconds by line: ``OFF``, ``SB``, ``D``, ``ON``; what is not known is on none.
    """

    date: dt.date
    starts_s: int
    ends_s: int
    totals_s: dict[str, int]


def log_days(pieces: Sequence[Piece], timezone: str, at_s: int, days: int) -> list[LogDay]:
    """The last ``days`` days up to that of ``at_s``, the newest first."""
    # The days of any span, whatever was done in it.
    span = Timeline.of([(OFF_DUTY, at_s - days * 86_400, at_s + 1)], timezone=timezone)
    found = [
        LogDay(date, starts_s, ends_s, _totals(pieces, starts_s, ends_s))
        for date, starts_s, ends_s in span.days()
    ]
    return found[::-1][:days]


def _totals(pieces: Sequence[Piece], starts_s: int, ends_s: int) -> dict[str, int]:
    totals: dict[str, int] = {line: 0 for line in (OFF_DUTY, SLEEPER, DRIVING, ON_DUTY)}  # noqa: C420
    for piece in pieces:
        within_s = min(piece.end_s, ends_s) - max(piece.start_s, starts_s)
        if within_s > 0:
            totals[LINE_OF[piece.activity]] += within_s
    return totals
