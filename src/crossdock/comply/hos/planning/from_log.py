"""The clocks of a plan as a duty log leaves them."""

from __future__ import annotations

import datetime as dt

from crossdock.comply.hos.clocks import clocks
from crossdock.comply.hos.days import DaySums
from crossdock.comply.hos.planning.question import PlanClocks
from crossdock.comply.hos.rules import RuleSet
from crossdock.comply.hos.rulesets import US_70_8
from crossdock.comply.hos.timeline import DRIVING, RESTING, Timeline
from crossdock.comply.hos.tours import resolved


def clocks_of_log(log: Timeline, at_s: int | None = None, rules: RuleSet = US_70_8) -> PlanClocks:
    """What a driver has used at an instant of a log, for a plan that starts there.

    By the strict reading: a rest counts as half of a split only once the other half is taken.

    Parameters
    ----------
    at_s
        None: at the end of the log.

    Raises
    ------
    InvalidValueError
        The log does not reach the instant.
    """
    now_s = log.ends_s if at_s is None else at_s
    left = clocks(log, now_s, rules)
    known = log.cut(now_s)
    segments = resolved(known, rules)
    resting_s = not_driving_s = 0
    for segment in reversed(segments):
        if segment.activity == DRIVING:
            break
        length_s = segment.end_s - segment.start_s
        if segment.activity in RESTING and resting_s == not_driving_s:
            resting_s += length_s
        not_driving_s += length_s
    until_break_s = rules.drive_before_interruption_s
    if left.until_break_s is not None:
        until_break_s = left.until_break_s
    window_s = rules.window_s - left.window_s
    return PlanClocks(
        driving_s=rules.driving_s - left.driving_s,
        window_s=window_s or None,
        since_break_s=rules.drive_before_interruption_s - until_break_s,
        resting_s=resting_s,
        not_driving_s=not_driving_s,
        on_duty_by_day_s=_on_duty_by_day_s(known, now_s, rules),
        at_s=now_s,
        timezone=log.timezone,
    )


def _on_duty_by_day_s(log: Timeline, now_s: int, rules: RuleSet) -> tuple[int, ...]:
    """On-duty seconds of the days of the cycle up to today, since the last restart."""
    sums = DaySums(rules.cycle, log)
    for segment in resolved(log, rules):
        sums.add(segment)
    today = dt.datetime.fromtimestamp(now_s, log.zone).date().toordinal()
    return tuple(
        sums.by_day_s.get(day, 0) for day in range(today - rules.cycle_days + 1, today + 1)
    )
