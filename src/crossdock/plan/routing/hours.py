"""What binds a driver's day: meals and rests, and the limits of a rule set, by `crossdock.comply`.

`crossdock.comply.breaks` gives every driver a meal and rests, `crossdock.comply.hos` the driving,
the window and the pause of a rule set. The 60 or 70 hours are not counted: they are a matter of the
days before, and bound the shift.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from crossdock.comply.breaks import MEAL_OVER_S, MEAL_S, MEAL_WITHIN_S, REST_S, rests_needed
from crossdock.comply.hos import ruleset
from crossdock.comply.hos.planning import limits_of

MEALS_AND_RESTS = "MEALS_AND_RESTS"
"""Of drivers outside of the hours of service."""
MEAL, REST, PAUSE = "meal", "rest", "pause"
LENGTH_S = {MEAL: MEAL_S, REST: REST_S}
MOST_RESTS = rests_needed(1 << 30)

_LONGEST_DUTY_S = 10 * 3600
"""What `crossdock.comply.breaks` has rules for."""
_FREE_S = float(1 << 40)


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
    paid_s = duty_s - meals * MEAL_S
    return (duty_s > MEAL_OVER_S and meals == 0) or rests < rests_needed(int(paid_s))


def meal_by(duty_starts: float) -> float:
    """The latest instant at which the meal begins."""
    return duty_starts + MEAL_WITHIN_S
