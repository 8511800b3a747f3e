"""Speeds by the hour of the local week, checked and laid out from the plan's start on."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from crossdock.model.errors import InvalidValueError
from crossdock.model.network import normalised_days, runs_on_weekday
from crossdock.plan.routing import Speeds
from crossdock.platform.routing.documents.faults import Faults, shown
from crossdock.platform.routing.documents.problem_shape import ProblemHead

_QUARTER_S = 900
"""Clocks change on the quarter hour, and in some zones hours begin there."""
_BEFORE, _AFTER = dt.timedelta(days=2), dt.timedelta(days=380)
"""Instants of a document are within a year of its start."""


def check_speeds(head: ProblemHead, faults: Faults) -> None:
    """Add to ``faults`` what cannot be meant of time zone and speeds."""
    if head.timezone is not None and _zone(head.timezone) is None:
        reason = f"is {shown(head.timezone)}"
        faults.add(None, None, "", "timezone", reason, "give an IANA name, as America/Chicago")
    if head.speeds and head.timezone is None:
        reason = "is missing beside speeds"
        faults.add(None, None, "", "timezone", reason, "give an IANA name, as America/Chicago")
    for number, row in enumerate(head.speeds):
        who = f"speeds[{number}]"
        if row.to_hour <= row.from_hour:
            remedy = f"give an hour after {row.from_hour}, up to 24; a night takes two rows"
            faults.add(None, None, who, "to_hour", f"is {row.to_hour}", remedy)
        try:
            normalised_days(row.days)
        except InvalidValueError as error:
            faults.add(None, None, who, "days", f"is {shown(row.days)}", error.remedy or "")


def speeds_of(head: ProblemHead) -> Speeds | None:
    """Speeds in seconds from the plan's start; None where they are the same at all times."""
    if not head.speeds or head.timezone is None:
        return None
    import numpy as np  # noqa: PLC0415 only who has speeds asks

    from crossdock.locate.roads.streets import WeekSpeeds, local_week_s  # noqa: PLC0415 SciPy

    week = np.ones((7, 24))
    for row in head.speeds:
        mask = normalised_days(row.days)
        days = [day for day in range(7) if runs_on_weekday(mask, day)]
        week[days, row.from_hour : row.to_hour] = row.speed_factor
    factor = WeekSpeeds(week.ravel()).factor
    starts_s = head.starts_at.timestamp()
    first = int((starts_s - _BEFORE.total_seconds()) // _QUARTER_S)
    last = int((starts_s + _AFTER.total_seconds()) // _QUARTER_S)
    quarters = np.arange(first, last, dtype=np.float64) * _QUARTER_S
    hour = (local_week_s(quarters, head.timezone) // 3600).astype(np.int64) % len(factor)
    held = factor[hour]
    changes = np.concatenate([[0], np.flatnonzero(held[1:] != held[:-1]) + 1])
    since: list[float] = (quarters[changes] - starts_s).tolist()
    factors: list[float] = held[changes].tolist()
    return Speeds(tuple(since), tuple(factors))


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # what zoneinfo says of names, paths and directories
        return None
