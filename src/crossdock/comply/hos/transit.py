"""Door-to-door driving clocks in closed form, for whole columns of lanes at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from crossdock.comply.hos.rules import RuleSet
from crossdock.comply.hos.rulesets import US_70_8

Seconds = npt.NDArray[np.int64]


def solo_transit_s(drive_s: Seconds, rules: RuleSet = US_70_8) -> Seconds:
    """Elapsed seconds of one rested driver: drives 8 h, pauses, drives 3 h, rests, and so on."""
    blocks = np.maximum(-(-drive_s // rules.driving_s), 1)
    last_s = drive_s - (blocks - 1) * rules.driving_s
    pauses = blocks - 1 + (last_s > rules.drive_before_interruption_s)
    return drive_s + (blocks - 1) * rules.reset_s + pauses * rules.interruption_s


def team_transit_s(drive_s: Seconds, rules: RuleSet = US_70_8) -> Seconds:
    """Elapsed seconds of a rested team that changes over at 8 h, then every 11 h of driving.

    Each later 11 h holds one 30-minute stop; meanwhile the partner has its 10 h of rest.
    """
    after_first_s = np.maximum(drive_s - rules.drive_before_interruption_s, 0)
    blocks = np.maximum(-(-after_first_s // rules.driving_s), 1)
    last_s = after_first_s - (blocks - 1) * rules.driving_s
    stops = blocks - 1 + (last_s > rules.drive_before_interruption_s)
    return drive_s + stops * rules.interruption_s
