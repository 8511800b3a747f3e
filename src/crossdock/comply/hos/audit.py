"""Which driving of a log breaks 49 CFR 395.3, to the second.

Rules judged: 11 h driving, 14 h window, 30 minutes after 8 h, 60/7 or 70/8, with the 10 h reset
and the 34 h restart. Split sleeper berth and exceptions are not used by the planner and not
judged: a split rest counts as no reset here, the strict reading.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crossdock.comply.hos.log import DutyLog
from crossdock.comply.hos.rules import RuleSet
from crossdock.comply.hos.rulesets import US_70_8
from crossdock.comply.hos.timeline import DRIVING, RESTING, Segment
from crossdock.model.errors import InvalidValueError


class Violation(NamedTuple):
    """Driving over ``[start_s, end_s)`` (UTC seconds) that a rule forbids."""

    rule: str
    start_s: int
    end_s: int
    citation: str


_CITATIONS = {
    "driving_11h": "49 CFR 395.3(a)(3)(i)",
    "window_14h": "49 CFR 395.3(a)(2)",
    "break_30min_8h": "49 CFR 395.3(a)(3)(ii)",
    "cycle": "49 CFR 395.3(b)",
}


def legal(
    segments: Sequence[Segment], *, rules: RuleSet = US_70_8, timezone: str = "UTC"
) -> list[Violation]:
    """Violations of a log, merged to maximal intervals; an empty list is a legal log.

    Parameters
    ----------
    segments
        In time order; a gap counts as off duty; before the first the driver is rested.
    timezone
        Of the home terminal, whose midnights bound the days of the cycle (395.8(d)).

    Raises
    ------
    InvalidValueError
        Segments overlap or end before they start.
    """
    whole = _without_gaps(segments)
    found = _shift_violations(whole, rules) + _cycle_violations(whole, rules, ZoneInfo(timezone))
    return _merged(found)


def _without_gaps(segments: Sequence[Segment]) -> list[Segment]:
    whole: list[Segment] = []
    for segment in segments:
        if segment.end_s < segment.start_s or (whole and segment.start_s < whole[-1].end_s):
            raise InvalidValueError(
                f"duty segment {segment} overlaps the one before it or ends before it starts",
                remedy="sort the log by time and correct the overlap",
            )
        if whole and segment.start_s > whole[-1].end_s:
            whole.append(Segment("OFF", whole[-1].end_s, segment.start_s))
        whole.append(segment)
    return whole


def _shift_violations(segments: Sequence[Segment], rules: RuleSet) -> list[Violation]:
    if not segments:
        return []
    log = DutyLog(segments[0].start_s, rules)
    found: list[Violation] = []
    for activity, start_s, end_s in segments:
        if activity == DRIVING:
            opened_s = start_s if log.window_opened_s is None else log.window_opened_s
            limits = {
                "driving_11h": start_s + rules.driving_s - log.driven_s,
                "window_14h": opened_s + rules.window_s,
                "break_30min_8h": start_s
                + rules.drive_before_interruption_s
                - log.driven_since_interruption_s,
            }
            found += [
                Violation(rule, max(start_s, limit_s), end_s, _CITATIONS[rule])
                for rule, limit_s in limits.items()
                if limit_s < end_s
            ]
        log.add(activity, end_s - start_s)
    return found


def _cycle_violations(
    segments: Sequence[Segment], rules: RuleSet, zone: ZoneInfo
) -> list[Violation]:
    rule = f"cycle_{rules.cycle_s // 3600}_{rules.cycle_days}"
    on_duty_s: dict[dt.date, int] = {}
    resting_s = 0
    found: list[Violation] = []
    for activity, start_s, end_s in segments:
        if activity in RESTING:
            resting_s += end_s - start_s
            if resting_s >= rules.restart_s:
                on_duty_s.clear()
            continue
        resting_s = 0
        for day, from_s, to_s in _local_days(start_s, end_s, zone):
            oldest = day - dt.timedelta(days=rules.cycle_days - 1)
            used_s = sum(worked for date, worked in on_duty_s.items() if oldest <= date <= day)
            limit_s = from_s + max(0, rules.cycle_s - used_s)
            if activity == DRIVING and limit_s < to_s:
                found.append(Violation(rule, limit_s, to_s, _CITATIONS["cycle"]))
            on_duty_s[day] = on_duty_s.get(day, 0) + to_s - from_s
    return found


def _local_days(start_s: int, end_s: int, zone: ZoneInfo) -> Iterable[tuple[dt.date, int, int]]:
    while start_s < end_s:
        day = dt.datetime.fromtimestamp(start_s, zone).date()
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)
        until_s = min(end_s, int(midnight.timestamp()))
        yield day, start_s, until_s
        start_s = until_s


def _merged(violations: Iterable[Violation]) -> list[Violation]:
    merged: list[Violation] = []
    for found in sorted(violations, key=lambda each: (each.rule, each.start_s)):
        if merged and merged[-1].rule == found.rule and merged[-1].end_s == found.start_s:
            merged[-1] = merged[-1]._replace(end_s=found.end_s)
        else:
            merged.append(found)
    return sorted(merged, key=lambda each: (each.start_s, each.rule))
