"""Door-to-door driving times within the hours of service, for whole columns of lanes at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from crossdock.comply.hos.planning import FAR_S, RouteArrays, check_routes, limits_of
from crossdock.comply.hos.rules import RuleSet
from crossdock.comply.hos.rulesets import US_70_8

Seconds = npt.NDArray[np.int64]


def solo_transit_s(drive_s: Seconds, rules: RuleSet = US_70_8) -> Seconds:
    """Elapsed seconds of one rested driver, with the rests and interruptions that cost least."""
    each = np.arange(drive_s.size + 1, dtype=np.int64)
    at_once = np.zeros(drive_s.size, np.int64)
    legs = RouteArrays(
        stop_from=each,
        drive_s=drive_s.astype(np.int64),
        service_s=at_once,
        window_from=each,
        opens_s=at_once,
        closes_s=np.full(drive_s.size, FAR_S),
    )
    return check_routes(legs, limits_of(rules))


def team_transit_s(drive_s: Seconds, rules: RuleSet = US_70_8) -> Seconds:
    """Elapsed seconds of a rested team that changes over at 8 h, then every 11 h of driving.

    Each later 11 h holds one 30-minute stop; meanwhile the partner has its 10 h of rest.
    """
    after_first_s = np.maximum(drive_s - rules.drive_before_interruption_s, 0)
    blocks = np.maximum(-(-after_first_s // rules.driving_s), 1)
    last_s = after_first_s - (blocks - 1) * rules.driving_s
    stops = blocks - 1 + (last_s > rules.drive_before_interruption_s)
    return drive_s + stops * rules.interruption_s
