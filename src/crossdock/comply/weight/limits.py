"""Weight limits of the Interstate System as dated data, in the pounds and feet of the statute."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crossdock.comply.rule_value import RuleValue

_SINCE = dt.date(1975, 1, 4)
"""Public Law 93-643 was signed."""
_FHWA = "FHWA's questions and answers on 23 CFR 658.17 (stored copy)"
_FHWA_BRIDGE = "FHWA's bridge formula text, quoted in a stored copy"


@dataclass(frozen=True)
class WeightLimits:
    """The limits of one road system; a state's grandfathered weights are another one of these.

    Attributes
    ----------
    single_lb, tandem_lb, gross_lb
        Of one axle, of axles within `tandem_ft`, of the vehicle.
    single_ft, tandem_ft
        Outer distance up to which axles count as one, and as a tandem.
    two_tandems_ft
        Outer distance from which two consecutive tandems may carry their full limits.
    wide_tandem_ft
        Outer distance below which `wide_two_lb` and `wide_three_lb` hold for 2 and 3 axles that
        are no tandem any more.
    """

    name: str
    single_lb: RuleValue
    tandem_lb: RuleValue
    gross_lb: RuleValue
    single_ft: RuleValue
    tandem_ft: RuleValue
    two_tandems_ft: RuleValue
    wide_tandem_ft: RuleValue
    wide_two_lb: RuleValue
    wide_three_lb: RuleValue


INTERSTATE = WeightLimits(
    name="interstate",
    single_lb=RuleValue(20_000, "lb", "23 CFR 658.17(c)", _SINCE, compared_with=_FHWA),
    tandem_lb=RuleValue(34_000, "lb", "23 CFR 658.17(d)", _SINCE, compared_with=_FHWA),
    gross_lb=RuleValue(80_000, "lb", "23 CFR 658.17(b)", _SINCE, compared_with=_FHWA),
    single_ft=RuleValue(40 / 12, "ft", "23 CFR 658.5", _SINCE, compared_with=_FHWA),
    tandem_ft=RuleValue(8, "ft", "23 CFR 658.5", _SINCE, compared_with=_FHWA),
    two_tandems_ft=RuleValue(36, "ft", "23 U.S.C. 127(a)(2)", _SINCE, compared_with=_FHWA_BRIDGE),
    wide_tandem_ft=RuleValue(9, "ft", "23 CFR 658.17(e)", _SINCE),
    wide_two_lb=RuleValue(38_000, "lb", "23 CFR 658.17(e)", _SINCE),
    wide_three_lb=RuleValue(42_000, "lb", "23 CFR 658.17(e)", _SINCE),
)
"""Federal limits, without a permit or a state's grandfathered weights.

The weights of groups between 8 and 9 ft are not compared with the official text.
"""

BRIDGE_CITATION = "23 U.S.C. 127(a)(2); 23 CFR 658.17(e)"

ALTERNATIVE_FUEL_LB = RuleValue(2_000, "lb", "23 U.S.C. 127(s)", dt.date(2015, 12, 4))
"""More gross weight of a natural gas or electric truck, where the state allows it.

One of the least certain values; not compared with the official text.
"""

AUXILIARY_POWER_LB = RuleValue(550, "lb", "23 U.S.C. 127(a)(12)", dt.date(2012, 10, 1))
"""More gross weight with idle reduction equipment, where the state allows it.

One of the least certain values; not compared with the official text.
"""
