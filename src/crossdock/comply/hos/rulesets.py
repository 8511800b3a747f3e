"""The rule sets that are known: United States, Alaska, Canada south of 60, Mexico, and pilots.

How far each was compared with the official text is in its ``compared_with``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from crossdock.comply.hos.rules import (
    DailyRest,
    Limit,
    Measure,
    RuleSet,
    Since,
    Split,
    WindowPause,
)
from crossdock.model.errors import InvalidValueError
from crossdock.model.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

_HOUR = SECONDS_PER_HOUR
_HALF_HOUR = 30 * SECONDS_PER_MINUTE
_DAY = 24 * _HOUR
_RULE_OF_2020 = dt.date(2020, 9, 29)  # 85 FR 33396
_QUOTED = "quotations of the 2024 text of 49 CFR 395.1 and 395.3"


def _cycle(hours: int, days: int) -> Limit:
    return Limit(
        f"cycle_{hours}_{days}", Measure.ON_DUTY, hours * _HOUR, Since.DAY, 34 * _HOUR,
        "49 CFR 395.3(b), (c)", days,
    )  # fmt: skip


def _property_carrying(name: str, cycle: Limit) -> RuleSet:
    return RuleSet(
        name=name,
        limits=(
            Limit(
                "driving_11h", Measure.DRIVING, 11 * _HOUR, Since.REST, 10 * _HOUR,
                "49 CFR 395.3(a)(3)(i)",
            ),
            Limit(
                "window_14h", Measure.ELAPSED, 14 * _HOUR, Since.REST, 10 * _HOUR,
                "49 CFR 395.3(a)(2)",
            ),
            Limit(
                "break_30min_8h", Measure.DRIVING, 8 * _HOUR, Since.PAUSE, _HALF_HOUR,
                "49 CFR 395.3(a)(3)(ii)",
            ),
            cycle,
        ),
        split=Split(7 * _HOUR, 2 * _HOUR, 10 * _HOUR, "49 CFR 395.1(g)(1)(ii)"),
        passenger_s=3 * _HOUR,
        passenger_berth_s=7 * _HOUR,
        effective_from=_RULE_OF_2020,
        compared_with=_QUOTED,
    )  # fmt: skip


US_60_7 = _property_carrying("US_60_7", _cycle(60, 7))
"""For carriers that do not operate every day of the week."""
US_70_8 = _property_carrying("US_70_8", _cycle(70, 8))
"""For carriers that operate every day of the week."""


def _short_haul(rules: RuleSet) -> RuleSet:
    """Within 150 air miles: no interruption is due (49 CFR 395.1(e)(1), 395.3(a)(3)(ii))."""
    return replace(rules.without("break_30min_8h"), name=f"{rules.name}_SHORT_HAUL")


US_60_7_SHORT_HAUL = _short_haul(US_60_7)
US_70_8_SHORT_HAUL = _short_haul(US_70_8)


def _alaska(hours: int, days: int) -> RuleSet:
    return RuleSet(
        name=f"US_ALASKA_{hours}_{days}",
        limits=(
            Limit(
                "driving_15h", Measure.DRIVING, 15 * _HOUR, Since.REST, 10 * _HOUR,
                "49 CFR 395.1(h)(1)(i)(A)",
            ),
            Limit(
                "on_duty_20h", Measure.ON_DUTY, 20 * _HOUR, Since.REST, 10 * _HOUR,
                "49 CFR 395.1(h)(1)(i)(B)",
            ),
            replace(_cycle(hours, days), citation="49 CFR 395.1(h)(1)(i)(C)-(D)"),
        ),
        split=US_70_8.split,
        passenger_s=3 * _HOUR,
        passenger_berth_s=7 * _HOUR,
        effective_from=_RULE_OF_2020,
    )  # fmt: skip


US_ALASKA_70_7 = _alaska(70, 7)
US_ALASKA_80_8 = _alaska(80, 8)

US_70_8_PILOT_SPLIT = replace(
    US_70_8,
    name="US_70_8_PILOT_SPLIT",
    split=Split(5 * _HOUR, 2 * _HOUR, 10 * _HOUR, "90 FR 44790"),
    effective_from=dt.date(2025, 9, 17),
    compared_with="",
)
"""6/4 and 5/5 splits, for drivers who are enrolled in the pilot alone."""
US_70_8_PILOT_PAUSE = replace(
    US_70_8,
    name="US_70_8_PILOT_PAUSE",
    window_pause=WindowPause(_HALF_HOUR, 3 * _HOUR, "90 FR 44872"),
    effective_from=dt.date(2025, 9, 17),
    compared_with="",
)
"""One pause of 30 minutes to 3 hours outside of the window, for enrolled drivers alone."""


def _canada(name: str, cycle: tuple[Limit, ...]) -> RuleSet:
    eight_off = (
        ("driving_13h", Measure.DRIVING, 13),
        ("on_duty_14h", Measure.ON_DUTY, 14),
        ("elapsed_16h", Measure.ELAPSED, 16),
    )
    return RuleSet(
        name=name,
        limits=(
            Limit("driving_13h_day", Measure.DRIVING, 13 * _HOUR, Since.DAY, 0,
                  "SOR/2005-313 s. 12(1)"),
            Limit("on_duty_14h_day", Measure.ON_DUTY, 14 * _HOUR, Since.DAY, 0,
                  "SOR/2005-313 s. 12(2)"),
            *(
                Limit(rule, measure, hours * _HOUR, Since.REST, 8 * _HOUR,
                      f"SOR/2005-313 s. 13({number})")
                for number, (rule, measure, hours) in enumerate(eight_off, start=1)
            ),
            # 24 hours off within the last 14 days: at most 13 days since the end of the last.
            Limit("day_off_14_days", Measure.ELAPSED, 13 * _DAY, Since.REST, _DAY,
                  "SOR/2005-313 s. 25"),
            *cycle,
        ),
        daily_rest=DailyRest(
            "off_duty_10h_day", 10 * _HOUR, 2 * _HOUR, _HALF_HOUR, "SOR/2005-313 s. 14"
        ),
        effective_from=dt.date(2007, 1, 1),
        compared_with="quotations of SOR/2005-313 ss. 12-29 (Justice Laws, 2026)",
    )  # fmt: skip


CA_SOUTH_CYCLE_1 = _canada(
    "CA_SOUTH_CYCLE_1",
    (
        Limit("cycle_70_7", Measure.ON_DUTY, 70 * _HOUR, Since.DAY, 36 * _HOUR,
              "SOR/2005-313 s. 26, 28", 7),
    ),
)  # fmt: skip
CA_SOUTH_CYCLE_2 = _canada(
    "CA_SOUTH_CYCLE_2",
    (
        Limit("on_duty_70h_without_day_off", Measure.ON_DUTY, 70 * _HOUR, Since.REST, _DAY,
              "SOR/2005-313 s. 27(b)"),
        Limit("cycle_120_14", Measure.ON_DUTY, 120 * _HOUR, Since.DAY, 72 * _HOUR,
              "SOR/2005-313 s. 27(a), 28", 14),
    ),
)  # fmt: skip

MX_FREIGHT = RuleSet(
    name="MX_FREIGHT",
    limits=(
        Limit("driving_14h", Measure.DRIVING, 14 * _HOUR, Since.REST, 8 * _HOUR,
              "NOM-087-SCT-2-2017"),
        Limit("pause_30min_5h", Measure.DRIVING, 5 * _HOUR, Since.PAUSE, _HALF_HOUR,
              "NOM-087-SCT-2-2017"),
    ),
    effective_from=dt.date(2018, 8, 1),
)  # fmt: skip
"""Federal roads of Mexico, after summaries of the trade press."""

RULE_SETS = {
    each.name: each
    for each in (
        US_60_7,
        US_70_8,
        US_60_7_SHORT_HAUL,
        US_70_8_SHORT_HAUL,
        US_ALASKA_70_7,
        US_ALASKA_80_8,
        US_70_8_PILOT_SPLIT,
        US_70_8_PILOT_PAUSE,
        CA_SOUTH_CYCLE_1,
        CA_SOUTH_CYCLE_2,
        MX_FREIGHT,
    )
}
_ALIASES = {"property_60_7": US_60_7, "property_70_8": US_70_8}


def ruleset(name: str | None) -> RuleSet:
    """Rule set of a name such as ``US_70_8`` or ``property_60_7``; None: 70/8.

    Parcel networks run every day of the week, so 70/8 may be chosen.

    Raises
    ------
    InvalidValueError
        There is no such rule set.
    """
    if name is None:
        return US_70_8
    found = RULE_SETS.get(name) or _ALIASES.get(name)
    if found is None:
        raise InvalidValueError(
            f"there is no hours-of-service rule set {name!r}",
            remedy=f"known are {', '.join([*RULE_SETS, *_ALIASES])}",
        )
    return found


def planning_ruleset(name: str | None) -> RuleSet:
    """By which a plan judges a driver: 70/8 or 60/7.

    None named: 70/8. A name with neither cycle: the stricter.
    """
    return US_70_8 if name is None or name.endswith("70_8") else US_60_7
