"""What binds a driver's day: meals and rests, and the limits of a rule set, by `crossdock.comply`.

`crossdock.comply.breaks` gives every driver a meal and rests, `crossdock.comply.hos` the driving,
the window and the pause of a rule set. The 60 or 70 hours are not counted: they are a matter of the
days before, and bound the shift.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from crossdock.comply.breaks import (
    MEAL_OVER_S,
    MEAL_S,
    MEAL_WITHIN_S,
    REST_FROM_S,
    REST_S,
    rests_needed,
)
from crossdock.comply.hos import ruleset
from crossdock.comply.hos.planning import limits_of
from crossdock.plan.routing.metric import Floats
from crossdock.plan.routing.vehicles import MEALS_AND_RESTS, HoursUsed, VehicleType

MEAL, REST, PAUSE, DRIVING, ON_DUTY = "meal", "rest", "pause", "driving", "on_duty"
LENGTH_S = {MEAL: MEAL_S, REST: REST_S}
MOST_RESTS = rests_needed(1 << 30)

_LONGEST_DUTY_S = 10 * 3600
"""What `crossdock.comply.breaks` has rules for."""
_FREE_S = float(1 << 40)
_HAIR = 1e-6


class Stretch(NamedTuple):
    """What a driver does from one instant to another."""

    kind: str
    starts: float
    ends: float


@dataclass(frozen=True)
class Hours:
    """The limits of one driver's duty, in seconds.

    Attributes
    ----------
    driving_s, window_s
        Most driving; most time from the start of the duty to the end of the last drive.
    until_pause_s, pause_s
        Most driving before a pause without driving, and how long that is.
    duty_s
        Longest duty.
    """

    driving_s: float = _FREE_S
    window_s: float = _FREE_S
    until_pause_s: float = _FREE_S
    pause_s: float = 0.0
    duty_s: float = _FREE_S


@cache
def hours_of(name: str) -> Hours:
    """Limits of a rule set by its name.

    Raises
    ------
    InvalidValueError
        There is no such rule set, or it has limits of another form.
    """
    if name == MEALS_AND_RESTS:
        return Hours(duty_s=_LONGEST_DUTY_S)
    limits = limits_of(ruleset(name))
    return Hours(
        driving_s=limits.driving_s,
        window_s=limits.window_s,
        until_pause_s=limits.drive_before_pause_s,
        pause_s=limits.pause_s,
    )


def breaks_lacking(duty_s: float, meals: int, rests: int) -> bool:
    """Whether a duty of this length, breaks included, asks for more of them.

    The meal is not part of the duty that earns rests, as in `crossdock.comply.breaks.is_legal`.
    """
    paid_s = math.ceil(duty_s - meals * MEAL_S - _HAIR)
    return (duty_s > MEAL_OVER_S + _HAIR and meals == 0) or rests < rests_needed(paid_s)


def row_of(kind: VehicleType) -> Floats:
    """The hours of a vehicle as a row for `crossdock.plan.routing.breaks`."""
    if not kind.hos_rules:
        return np.zeros(18)
    hours, used = hours_of(kind.hos_rules), kind.hours_used
    done = HoursUsed(0.0) if used is None else used
    return np.array(
        [
            1.0, hours.driving_s, hours.window_s, hours.until_pause_s, hours.pause_s, hours.duty_s,
            done.on_duty_since, done.driven, done.driven_since_pause,
            min(done.meals, 1), min(done.rests, MOST_RESTS), float(used is not None),
            MEAL_S, MEAL_WITHIN_S, MEAL_OVER_S, REST_S, *REST_FROM_S,
        ]
    )  # fmt: skip


def breach(kind: VehicleType, log: Sequence[Stretch]) -> str:
    """What of the hours a route breaks; empty if nothing.

    Judged for itself, stretch by stretch, not by the way in which the breaks were placed.
    """
    hours, used = hours_of(kind.hos_rules), kind.hours_used
    done = HoursUsed(log[0].starts) if used is None else used
    driven, since, still = done.driven, done.driven_since_pause, 0.0
    meals, rests = done.meals, done.rests
    for each in log:
        lasts = each.ends - each.starts
        if each.kind != DRIVING:
            still += lasts
            meals += each.kind == MEAL
            rests += each.kind == REST
            if each.kind == MEAL and each.starts > done.on_duty_since + MEAL_WITHIN_S + _HAIR:
                return "meal"
            continue
        if lasts <= 0:
            continue
        since = lasts + (0.0 if 0 < hours.pause_s <= still + _HAIR else since)
        driven, still = driven + lasts, 0.0
        if since > hours.until_pause_s + _HAIR:
            return "pause"
        if driven > hours.driving_s + _HAIR:
            return "driving"
        if each.ends > done.on_duty_since + hours.window_s + _HAIR:
            return "window"
    duty_s = log[-1].ends - done.on_duty_since
    if duty_s > hours.duty_s + _HAIR:
        return "duty"
    return "breaks" if breaks_lacking(duty_s, meals, rests) else ""
