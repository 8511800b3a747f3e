"""Answers cases of published formulas: one list a kind in, the same with answers out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from crossdock.comply.cargo import (
    TIEDOWN_KINDS,
    Tiedown,
    aggregate_wll_lb,
    minimum_tiedowns,
    required_wll_lb,
)
from crossdock.comply.weight import (
    BRIDGE_CITATION,
    Axle,
    AxleGroup,
    axle_violations,
    bridge_formula_lb,
)
from crossdock.comply.workplace import (
    LIFTING_CITATION,
    RATES_CITATION,
    Lift,
    incidence_rate,
    lifting_index,
)
from crossdock.model import CrossdockError, InputUnusableError
from crossdock.operate.desk import CITATION as DESK_CITATION
from crossdock.operate.desk import desk_staffing
from crossdock.plan.capacity import RESERVATION_CITATION, reserve_capacity
from crossdock.platform.compliance.fields import FieldError, Fields

SCHEMA = "schema"
"""Key of a case file that describes it; it is handed on."""

MOST_SERVICE = 0.999999
"""Highest service level of a desk: one of 1 is out of reach."""


@dataclass(frozen=True)
class CaseFault:
    """A case without an answer.

    Attributes
    ----------
    number
        Of the case in its list, from 0.
    """

    kind: str
    number: int
    field: str
    reason: str
    remedy: str

    def __str__(self) -> str:
        """The fault in one line."""
        place = f"{self.kind}[{self.number}]" + (f".{self.field}" if self.field else "")
        return f"{place}: {self.reason}; {self.remedy}"


@dataclass(frozen=True)
class Calculated:
    """Cases with their answers.

    Attributes
    ----------
    answers
        The keys of the input in its order; each case repeated, with ``result`` and ``citation``,
        or with ``error`` (``field``, ``reason``, ``remedy``).
    """

    answers: dict[str, Any]
    answered: int
    faults: tuple[CaseFault, ...]


def calculate_cases(cases: Mapping[str, Any]) -> Calculated:
    """Answer every case; one that cannot be used does not stop the others.

    Raises
    ------
    InputUnusableError
        A kind that is not in `CASE_KINDS`, or one that is no list.
    """
    _check_kinds(cases)
    answers: dict[str, Any] = {}
    faults: list[CaseFault] = []
    answered = 0
    for kind, listed in cases.items():
        if kind == SCHEMA:
            answers[kind] = listed
            continue
        answers[kind] = []
        for number, case in enumerate(listed):
            answer = _answer(kind, number, case)
            if isinstance(answer, CaseFault):
                faults.append(answer)
                answer = _with_error(case, answer)
            else:
                answered += 1
            answers[kind].append(answer)
    return Calculated(answers, answered, tuple(faults))


def _check_kinds(cases: Mapping[str, Any]) -> None:
    for kind, listed in cases.items():
        if kind == SCHEMA:
            continue
        if kind not in CASE_KINDS:
            raise InputUnusableError(
                f"no formula is called {kind!r}", remedy=f"use: {', '.join(CASE_KINDS)}"
            )
        if not isinstance(listed, list):
            raise InputUnusableError(
                f"{kind} holds no list of cases", remedy="give a list of objects"
            )


def _answer(kind: str, number: int, case: object) -> dict[str, Any] | CaseFault:
    if not isinstance(case, dict):
        return CaseFault(kind, number, "", "the case is no object", "give an object")
    formula, citation = _FORMULAS[kind]
    told = cast("dict[str, Any]", case)
    try:
        result = formula(Fields(told))
    except FieldError as error:
        return CaseFault(kind, number, error.field, error.reason, error.remedy)
    except CrossdockError as error:
        return CaseFault(kind, number, "", error.message, error.remedy)
    return {**told, "result": result, "citation": citation}


def _with_error(case: object, fault: CaseFault) -> dict[str, Any]:
    told = cast("dict[str, Any]", case) if isinstance(case, dict) else {"input": case}
    error = {"field": fault.field, "reason": fault.reason, "remedy": fault.remedy}
    return {**told, "error": error}


def _bridge(case: Fields) -> dict[str, Any]:
    axles = case.whole("N", at_least=2)
    return {"formula_lb": bridge_formula_lb(case.number("L_ft"), axles)}


def _axles(case: Fields) -> dict[str, Any]:
    axles = [
        Axle(axle.number("pos_ft", at_least=None), axle.number("weight_lb"))
        for axle in case.objects("axles")
    ]
    if not axles:
        raise FieldError("axles", "it is empty", "give every axle, the front one first")
    return {"violations": [_violation(group) for group in axle_violations(axles)]}


def _violation(group: AxleGroup) -> dict[str, Any]:
    return {
        "rule": group.rule,
        "axles": list(range(group.first_axle, group.last_axle + 1)),
        "first_axle": group.first_axle,
        "last_axle": group.last_axle,
        "length_ft": round(group.length_ft, 6),
        "weight_lb": group.weight_lb,
        "limit_lb": group.limit_lb,
        "over_lb": -group.slack_lb,
        "citation": group.citation,
    }


def _tiedown_count(case: Fields) -> dict[str, Any]:
    return {
        "min_tiedowns": minimum_tiedowns(
            case.number("length_ft", above=0),
            case.number("weight_lb"),
            blocked_forward=case.flag("blocked_forward"),
        )
    }


def _aggregate_wll(case: Fields) -> dict[str, Any]:
    tiedowns = [
        Tiedown(_one_of(tiedown, "kind", TIEDOWN_KINDS), tiedown.number("wll_lb"))
        for tiedown in case.objects("tiedowns")
    ]
    held, required = aggregate_wll_lb(tiedowns), required_wll_lb(case.number("cargo_weight_lb"))
    return {"aggregate_wll_lb": held, "required_lb": required, "ok": held >= required}


def _lifting(case: Fields) -> dict[str, Any]:
    metric = "load_kg" in case.values
    mass, length = ("kg", "cm") if metric else ("lb", "in")
    lift = Lift(
        load=case.number(f"load_{mass}"),
        horizontal=case.number(f"H_{length}"),
        vertical=case.number(f"V_{length}"),
        travel=case.number(f"D_{length}"),
        asymmetry_deg=case.number("A_deg", at_most=180),
        lifts_per_min=case.number("F_per_min"),
        duration=_one_of(case, "duration", ("short", "moderate", "long")),
        coupling=_one_of(case, "coupling", ("good", "fair", "poor")),
    )
    answer = lifting_index(lift, metric=metric)
    return {
        "HM": answer.hm,
        "VM": answer.vm,
        "DM": answer.dm,
        "AM": answer.am,
        "FM": answer.fm,
        "CM": answer.cm,
        f"RWL_{mass}": answer.recommended,
        "LI": answer.index,
    }


def _injury_rates(case: Fields) -> dict[str, Any]:
    hours = case.number("hours_worked", above=0)
    return {
        "trir": incidence_rate(case.number("recordable_cases"), hours),
        "dart": incidence_rate(case.number("dart_cases"), hours),
    }


def _desk(case: Fields) -> dict[str, Any]:
    desk = desk_staffing(
        exceptions_per_hour=case.number("exceptions_per_hour"),
        handle_min=case.number("handle_min", above=0),
        target_wait_min=case.number("target_wait_min"),
        target_service_level=case.number("target_service_level", at_most=MOST_SERVICE),
    )
    return {
        "agents": desk.agents,
        "p_wait": desk.p_wait,
        "asa_min": desk.asa_min,
        "service_level": desk.service_level,
    }


def _reservation(case: Fields) -> dict[str, Any]:
    names = ("demand_mean", "demand_sd", "reserve_cost", "exercise_cost", "spot_cost")
    reserved = reserve_capacity(**{name: case.number(name) for name in names})
    return {"critical_ratio": reserved.critical_ratio, "reserve_qty": reserved.reserve_qty}


def _one_of(case: Fields, name: str, options: Sequence[str]) -> Any:
    """A word that the type of its field holds: checked here, trusted inside."""
    return case.choice(name, options)


_FORMULAS: dict[str, tuple[Callable[[Fields], dict[str, Any]], str]] = {
    "bridge_formula_weight": (_bridge, BRIDGE_CITATION),
    "axle_check": (_axles, "23 U.S.C. 127; 23 CFR 658.17"),
    "tiedown_count": (_tiedown_count, "49 CFR 393.110(b)-(c)"),
    "aggregate_wll": (_aggregate_wll, "49 CFR 393.106(d), 393.108"),
    "niosh_lifting": (_lifting, LIFTING_CITATION),
    "osha_rates": (_injury_rates, RATES_CITATION),
    "erlang_c_desk": (_desk, DESK_CITATION),
    "capacity_reservation": (_reservation, RESERVATION_CITATION),
}

CASE_KINDS = tuple(_FORMULAS)
"""Kinds of cases that have a formula."""
