"""Why: limits, and the answer to "can she still take that", in sentences with their citations."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crossdock.comply.hos import RESTING, Limit, Measure, RuleSet, Since, Violation
from crossdock.operate.fleet.hours import DriverHours, is_cycle_whole
from crossdock.operate.fleet.what_if import WhatIf


class Reason(NamedTuple):
    """A sentence and where it is written; None: in no law."""

    text: str
    citation: str | None = None


_MEASURED = {
    Measure.DRIVING: "of driving",
    Measure.ON_DUTY: "on duty",
    Measure.ELAPSED: "since the first work",
}


def limit_in_words(limit: Limit) -> str:
    """A limit as people say it: ``11 h of driving after 10 h of rest``."""
    amount = f"{_span(limit.limit_s)} {_MEASURED[limit.measure]}"
    if limit.since is Since.DAY:
        return f"{amount} in {limit.days} days"
    if limit.since is Since.PAUSE:
        return f"{amount} without a pause of {_span(limit.reset_s)}"
    return f"{amount} after {_span(limit.reset_s)} of rest"


def reasons(hours: DriverHours, found: WhatIf) -> list[Reason]:
    """The sentences of an answer, what decides first."""
    driver = hours.driver
    if found.before is None:
        told = [Reason(found.coverage.reason, found.coverage.citation)]
        if driver.is_regulated:
            counts = "it counts as on-duty time for what the driver drives in heavier vehicles"
            told.append(Reason(counts, "49 CFR 395.2"))
        return [*told, *_clashes(hours, found)]
    told = _judged(hours, found)
    told += _clashes(hours, found)
    told += _spoiled(hours, found)
    told += _doubts(hours, found.starts_s)
    if found.coverage.regulated is None:
        told.append(Reason(found.coverage.reason, found.coverage.citation))
    if driver.team_with is not None and found.trip.pattern and _rests(found):
        told.append(Reason("in the time of a partner the driver rests, as planned"))
    return told


def _judged(hours: DriverHours, found: WhatIf) -> list[Reason]:
    rules = hours.driver.rules
    zone = hours.driver.timezone
    if found.broken:
        return _broken(found.broken, rules, zone, "the trip")
    if found.binding is None:
        return [Reason("nothing of it is driven: no limit bars it")]
    limit, left = found.binding.limit, _span(found.binding.left_s)
    text = f"the nearest limit is {limit_in_words(limit)}: {left} would be left"
    return [Reason(text, limit.citation)]


def _broken(broken: tuple[Violation, ...], rules: RuleSet, zone: str, what: str) -> list[Reason]:
    """One sentence a rule: when it is used up, and how much is driven beyond it."""
    limits = {limit.rule: limit for limit in rules.limits}
    told: list[Reason] = []
    for rule in dict.fromkeys(each.rule for each in broken):
        own = [each for each in broken if each.rule == rule]
        over_s = sum(each.end_s - each.start_s for each in own)
        said = limit_in_words(limits[rule]) if rule in limits else rule
        when = clock_in_words(own[0].start_s, zone)
        text = f"{said} are used up at {when}; {what} drives {_span(over_s)} beyond"
        told.append(Reason(text, own[0].citation))
    return told


def _clashes(hours: DriverHours, found: WhatIf) -> list[Reason]:
    if not found.clashes:
        return []
    first = found.clashes[0]
    what = f"for {first.load_id}" if first.load_id else "for another duty"
    when = clock_in_words(first.start_s, hours.driver.timezone)
    return [Reason(f"the driver is planned {what} from {when}, before this is over")]


def _spoiled(hours: DriverHours, found: WhatIf) -> list[Reason]:
    driver = hours.driver
    return _broken(found.spoiled, driver.rules, driver.timezone, "a duty planned for later")


def _doubts(hours: DriverHours, at_s: int) -> list[Reason]:
    """What is not known of the log, and what was taken instead."""
    if hours.counted_from_s is None:
        return [Reason("nothing is known of the driver's hours: this is for a rested driver")]
    rules = hours.driver.rules
    if is_cycle_whole(rules, hours.counted_from_s, at_s):
        return []
    since = clock_in_words(hours.counted_from_s, hours.driver.timezone)
    said = limit_in_words(rules.cycle)
    text = f"the log begins {since}: the days before count as rest, so of {said} less may be left"
    return [Reason(text, rules.cycle.citation)]


def _rests(found: WhatIf) -> bool:
    return any(each.activity in RESTING for each in found.segments)


def clock_in_words(at_s: int, timezone: str) -> str:
    """An instant by the clock of a place: ``Mon 21:40 CST``."""
    return dt.datetime.fromtimestamp(at_s, ZoneInfo(timezone)).strftime("%a %H:%M %Z")


def _span(seconds: int) -> str:
    """``11 h``, ``1 h 35 min``, ``30 min``."""
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    if hours == 0:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
