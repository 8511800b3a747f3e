"""When a delivery driver may work, and for how long, under the hours of service."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crossdock.comply.hos import RESTING, Cycle, planning_ruleset
from crossdock.plan.lastmile.drivers import Driver


@dataclass(frozen=True, slots=True)
class RegulatedShift:
    """A shift as the hours of service leave it.

    Attributes
    ----------
    ruleset
        Name of the rule set.
    starts_at
        Rested for the hours that start the clocks anew.
    most_duty_s
        What the 60 or 70 hours leave then.
    """

    ruleset: str
    starts_at: dt.datetime
    most_duty_s: int


def regulated_shift(driver: Driver, starts_at: dt.datetime, timezone: str) -> RegulatedShift:
    """The shift after the driver's duty log; one without a log is rested.

    Parameters
    ----------
    starts_at
        Of the shift as it is asked for.
    timezone
        Of the home terminal.
    """
    rules = planning_ruleset(driver.hos_ruleset)
    asked_s = int(starts_at.timestamp())
    done = [each for each in driver.logged if each.start_s < asked_s]
    worked_until_s = max((each.end_s for each in done if each.activity not in RESTING), default=0)
    begins_s = max(asked_s, worked_until_s + rules.reset_s) if worked_until_s else asked_s
    cycle = Cycle.after(done, rules, timezone, begins_s)
    return RegulatedShift(
        rules.name, dt.datetime.fromtimestamp(begins_s, dt.UTC), cycle.left_s(begins_s)
    )
