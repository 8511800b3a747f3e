"""What the law says of a driver's day, in plain Python from the texts of the rules.

49 CFR 395.3: 11 hours of driving and a window of 14 hours, both of driving alone, after 10 hours of
rest; half an hour without driving after 8 hours of it. 395.1(e): no such pause for short haul.
395.1(h): 15 and 20 hours in Alaska. NOM-087: half an hour in 5, 14 hours of driving.

Meals and rests (Labor Code 512, IWC order 9), for every driver who has rules at all: half an hour
that begins in the first 5 hours of a duty over 6; ten minutes for 4 hours of paid time or a major
part of them. Only drivers under federal rules work more than 10 hours, and to them the states' do
not apply (83 FR 67470): what is due beyond, a third rest and a second meal, is not asked for.

Shares no code with the planner or with `crossdock.comply`, not a constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

INF = float("inf")
MINUTE, HOUR = 60.0, 3600.0
HAIR = 2e-3
"""Documents tell times to the millisecond."""


class Limits(NamedTuple):
    """Seconds."""

    driving: float
    window: float
    unbroken: float
    duty: float = INF


US = Limits(11 * HOUR, 14 * HOUR, 8 * HOUR)
ALASKA = Limits(15 * HOUR, 20 * HOUR, 8 * HOUR)
LAWS = {
    "US_60_7": US, "US_70_8": US,
    "US_60_7_SHORT_HAUL": US._replace(unbroken=INF),
    "US_70_8_SHORT_HAUL": US._replace(unbroken=INF),
    "US_ALASKA_70_7": ALASKA, "US_ALASKA_80_8": ALASKA,
    "MX_FREIGHT": Limits(14 * HOUR, INF, 5 * HOUR),
    "MEALS_AND_RESTS": Limits(INF, INF, INF, 10 * HOUR),
}  # fmt: skip
"""By the names that vehicles have them under."""


class Span(NamedTuple):
    """``what``: driving, work, meal, rest or pause."""

    what: str
    starts: float
    ends: float


@dataclass(frozen=True)
class Before:
    """What a driver under way has done of the day."""

    on_duty_since: float
    driven: float = 0.0
    since_pause: float = 0.0
    meals: int = 0
    rests: int = 0


def faults_of_day(
    rules: str, day: Sequence[Span], before: Before | None = None, *, work_rules: bool = True
) -> list[str]:
    """What is against the law in a day that is told without a gap.

    Parameters
    ----------
    work_rules
        Meals and rests are judged too.
    """
    law = LAWS[rules]
    begun = before or Before(day[0].starts)
    faults = [
        f"from {one.ends:.0f} to {other.starts:.0f} nothing is told"
        for one, other in pairwise(day)
        if abs(one.ends - other.starts) > HAIR
    ]
    faults += _driving(law, day, begun)
    if work_rules:
        faults += _meals_and_rests(day, begun)
    duty = day[-1].ends - begun.on_duty_since
    if duty > law.duty + HAIR:
        faults.append(f"on duty for {duty / HOUR:.2f} h")
    return faults


def _driving(law: Limits, day: Sequence[Span], begun: Before) -> list[str]:
    faults: list[str] = []
    driven, unbroken, still = begun.driven, begun.since_pause, 0.0
    for span in day:
        length = span.ends - span.starts
        if span.what != "driving":
            still += length
            continue
        if length <= 0:
            continue
        if still >= 30 * MINUTE - HAIR:
            unbroken = 0.0
        still = 0.0
        driven, unbroken = driven + length, unbroken + length
        if driven > law.driving + HAIR:
            faults.append(f"drives {driven / HOUR:.2f} h by {span.ends:.0f}")
        if unbroken > law.unbroken + HAIR:
            faults.append(f"drives {unbroken / HOUR:.2f} h without a pause by {span.ends:.0f}")
        if span.ends > begun.on_duty_since + law.window + HAIR:
            faults.append(f"drives until {span.ends:.0f}, after the window")
    return faults


def _meals_and_rests(day: Sequence[Span], begun: Before) -> list[str]:
    faults: list[str] = []
    meals = [span for span in day if span.what == "meal"]
    rests = [span for span in day if span.what == "rest"]
    faults += [
        f"a {span.what} of {span.ends - span.starts:.0f} s"
        for span in (*meals, *rests)
        if span.ends - span.starts < (30 if span.what == "meal" else 10) * MINUTE - HAIR
    ]
    duty = day[-1].ends - begun.on_duty_since
    in_time = [span for span in meals if span.starts <= begun.on_duty_since + 5 * HOUR + HAIR]
    if duty > 6 * HOUR + HAIR and not in_time and not begun.meals:
        faults.append(f"no meal in the first 5 of {duty / HOUR:.2f} h")
    paid = duty - sum(span.ends - span.starts for span in meals) - begun.meals * 30 * MINUTE
    # Four hours "or major fraction thereof"; none where it is under three and a half in all.
    due = 0 if paid < 3.5 * HOUR - HAIR else 1 + (paid > 6 * HOUR + HAIR)
    if len(rests) + begun.rests < due:
        faults.append(f"{len(rests) + begun.rests} rests, {due} due, in {paid / HOUR:.3f} paid h")
    return faults
