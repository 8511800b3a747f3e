"""Hours-of-service limits as dated data, never as literals in the arithmetic."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crossdock.model.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE


@dataclass(frozen=True)
class HosRules:
    """Limits for a driver of a property-carrying commercial vehicle, in seconds.

    Attributes
    ----------
    driving_s
        Driving allowed between two resets (49 CFR 395.3(a)(3)(i)).
    window_s
        Elapsed time from the first work after a reset until driving must stop (395.3(a)(2)).
    drive_before_interruption_s, interruption_s
        Driving allowed before that long an unbroken run without driving (395.3(a)(3)(ii)).
    reset_s
        Consecutive rest that starts everything but the cycle anew (395.3(a)(1)).
    cycle_s, cycle_days
        On-duty time in that many home-terminal days at which driving is barred (395.3(b)).
    restart_s
        Consecutive rest that empties the cycle (395.3(c)).
    effective_from
        Date since which the rules read like this.
    """

    name: str
    driving_s: int
    window_s: int
    drive_before_interruption_s: int
    interruption_s: int
    reset_s: int
    cycle_s: int
    cycle_days: int
    restart_s: int
    effective_from: dt.date


def _property_carrying(name: str, cycle_h: int, cycle_days: int) -> HosRules:
    return HosRules(
        name=name,
        driving_s=11 * SECONDS_PER_HOUR,
        window_s=14 * SECONDS_PER_HOUR,
        drive_before_interruption_s=8 * SECONDS_PER_HOUR,
        interruption_s=30 * SECONDS_PER_MINUTE,
        reset_s=10 * SECONDS_PER_HOUR,
        cycle_s=cycle_h * SECONDS_PER_HOUR,
        cycle_days=cycle_days,
        restart_s=34 * SECONDS_PER_HOUR,
        effective_from=dt.date(2020, 9, 29),
    )


US_60_7 = _property_carrying("US_60_7", 60, 7)
US_70_8 = _property_carrying("US_70_8", 70, 8)
"""For carriers that operate every day of the week."""


def ruleset(name: str | None) -> HosRules:
    """Rule set of a name such as ``US_70_8`` or ``property_60_7``.

    None named: 70/8, as parcel networks run every day; a name with neither cycle: the stricter.
    """
    return US_70_8 if name is None or name.endswith("70_8") else US_60_7
