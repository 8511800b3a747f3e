"""May this person drive a lift truck, and may this truck be used (29 CFR 1910.178)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crossdock.comply.period import Period, months_later, utc_instant
from crossdock.comply.rule_value import RuleValue
from crossdock.comply.verdict import Verdict, about, failed, not_checked, passed

EVALUATION_MONTHS = RuleValue(
    36,
    "months",
    "29 CFR 1910.178(l)(4)(iii)",
    dt.date(1999, 3, 1),
    compared_with="1910.178(l)(4)(iii) as a vendor quotes it (stored copy)",
)
"""Between two evaluations of an operator."""

REFRESHER_CAUSES = (
    "unsafe operation",
    "accident",
    "near miss",
    "poor evaluation",
    "another type of truck",
    "changed conditions",
)
"""What makes refresher training due (178(l)(4)(ii)); compared with a vendor's list."""


@dataclass(frozen=True)
class LiftTruckOperator:
    """Who drives a lift truck; None is not known.

    Attributes
    ----------
    trained, evaluated
        Days of the training and of the last evaluation.
    refresher_causes
        What has happened since, of `REFRESHER_CAUSES`.
    """

    person_id: str
    trained: dt.date | None = None
    evaluated: dt.date | None = None
    refresher_causes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LiftTruck:
    """A lift truck and its last examination.

    Attributes
    ----------
    round_the_clock
        Used in every shift: then it is examined after each shift, else each day.
    examined_at
        Instant of the last examination; None: not known.
    """

    truck_id: str
    examined_at: dt.datetime | None = None
    safe: bool | None = None
    round_the_clock: bool = False
    shift_started_at: dt.datetime | None = None

    def __post_init__(self) -> None:
        for name in ("examined_at", "shift_started_at"):
            instant = getattr(self, name)
            if instant is not None:
                utc_instant(name, instant)


def operator_verdict(operator: LiftTruckOperator, period: Period) -> Verdict:
    """Training, evaluation within three years, no refresher that is due."""
    return about(operator.person_id, [_operator(operator, period)])[0]


def truck_verdict(truck: LiftTruck, period: Period) -> Verdict:
    """Examined on the day of use, or in the shift where it is used round the clock."""
    return about(truck.truck_id, [_truck(truck, period)])[0]


def _operator(operator: LiftTruckOperator, period: Period) -> Verdict:
    rule, citation = "workplace.forklift_operator", "29 CFR 1910.178(l)"
    name = operator.person_id
    if operator.refresher_causes:
        causes = ", ".join(operator.refresher_causes)
        return failed(rule, citation, f"{name} needs refresher training: {causes}")
    if operator.trained is None or operator.evaluated is None:
        return not_checked(rule, citation, f"training or evaluation of {name} is not told")
    if max(operator.trained, operator.evaluated) > period.first_day:
        return failed(rule, citation, f"{name} is trained and evaluated only after the start")
    last = months_later(operator.evaluated, int(EVALUATION_MONTHS.value))
    if last < period.last_day:
        return failed(rule, citation, f"the evaluation of {name} ends {last}")
    return passed(
        rule,
        citation,
        f"{name} is trained, and evaluated through {last}",
        holds_until=period.end_of(last),
    )


def _truck(truck: LiftTruck, period: Period) -> Verdict:
    rule, citation = "workplace.lift_truck", "29 CFR 1910.178(q)(7)"
    if truck.safe is False:
        return failed(rule, citation, f"{truck.truck_id} was found unsafe")
    if truck.safe is None or truck.examined_at is None:
        return not_checked(rule, citation, f"no examination of {truck.truck_id} is told")
    if truck.round_the_clock and truck.shift_started_at is not None:
        due_since = truck.shift_started_at
    else:
        due_since = period.end_of(period.first_day - dt.timedelta(days=1))
    if truck.examined_at < due_since:
        since = "this shift" if truck.round_the_clock else "today"
        return failed(rule, citation, f"{truck.truck_id} is not examined {since}")
    return passed(rule, citation, f"{truck.truck_id} is examined and safe")
