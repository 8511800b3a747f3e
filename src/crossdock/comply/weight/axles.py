"""Every group of consecutive axles against its limit, with the slack of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from crossdock.comply.verdict import Verdict, failed, passed
from crossdock.comply.weight.bridge import bridge_formula_lb
from crossdock.comply.weight.limits import BRIDGE_CITATION, INTERSTATE, WeightLimits

_ROUNDING = 1e-6


@dataclass(frozen=True)
class Axle:
    """An axle: its distance behind the first one, or behind any fixed point, and its load."""

    position_ft: float
    weight_lb: float


@dataclass(frozen=True)
class AxleGroup:
    """A group of consecutive axles under one rule.

    Attributes
    ----------
    rule
        ``single``, ``tandem``, ``bridge`` or ``gross``.
    first_axle, last_axle
        Numbered from 1 at the front.
    length_ft
        Between the outer axles.
    """

    rule: Literal["single", "tandem", "bridge", "gross"]
    first_axle: int
    last_axle: int
    length_ft: float
    weight_lb: float
    limit_lb: float
    citation: str

    @property
    def slack_lb(self) -> float:
        """What may still be added; negative: what is too much."""
        return self.limit_lb - self.weight_lb

    @property
    def exceeded(self) -> bool:
        """Whether the group is over its limit."""
        return self.slack_lb < -_ROUNDING

    def __str__(self) -> str:
        """The group in words."""
        if self.first_axle == self.last_axle:
            axles = f"axle {self.first_axle}"
        else:
            axles = f"axles {self.first_axle}-{self.last_axle}"
        return f"{self.rule} {axles}: {self.weight_lb:,.0f} lb of {self.limit_lb:,.0f} lb"


def axle_groups(
    axles: Sequence[Axle], *, limits: WeightLimits = INTERSTATE, allowance_lb: float = 0.0
) -> tuple[AxleGroup, ...]:
    """All groups: each axle, each tandem, each longer run of axles, and the whole vehicle.

    A group up to 40 in long counts as one axle, up to 8 ft as a tandem whatever its number of
    axles; every longer one has the limit of the bridge formula.

    Parameters
    ----------
    axles
        In any order; they are numbered from the front.
    allowance_lb
        More gross weight that the state allows this vehicle, such as `ALTERNATIVE_FUEL_LB`.
    """
    if not axles:
        return ()
    ordered = sorted(axles, key=lambda axle: axle.position_ft)
    count = len(ordered)
    groups = [
        _group(ordered, first, last, limits, allowance_lb)
        for first in range(count)
        for last in range(first, count)
    ]
    gross = AxleGroup(
        "gross",
        1,
        count,
        ordered[-1].position_ft - ordered[0].position_ft,
        sum(axle.weight_lb for axle in ordered),
        limits.gross_lb.value + allowance_lb,
        limits.gross_lb.citation,
    )
    return (*groups, gross)


def axle_violations(
    axles: Sequence[Axle], *, limits: WeightLimits = INTERSTATE, allowance_lb: float = 0.0
) -> tuple[AxleGroup, ...]:
    """The groups that are over their limit, from the front, short groups before longer ones."""
    groups = axle_groups(axles, limits=limits, allowance_lb=allowance_lb)
    return tuple(group for group in groups if group.exceeded)


def weight_verdicts(
    axles: Sequence[Axle], *, limits: WeightLimits = INTERSTATE, allowance_lb: float = 0.0
) -> tuple[Verdict, ...]:
    """One verdict a rule, naming the groups over it or the one with the least slack."""
    lifted = [str(number) for number, axle in _numbered(axles) if axle.weight_lb < -_ROUNDING]
    if lifted:
        return (
            failed(
                "weight.balance",
                "49 CFR 393.100(b), 392.9",
                f"the cargo lifts axle {', '.join(lifted)} from the road: move it forward",
            ),
        )
    groups = axle_groups(axles, limits=limits, allowance_lb=allowance_lb)
    verdicts: list[Verdict] = []
    for rule in ("single", "tandem", "bridge", "gross"):
        own = [group for group in groups if group.rule == rule]
        if not own:
            continue
        over = [group for group in own if group.exceeded]
        least = min(own, key=lambda group: group.slack_lb)
        if over:
            told = "; ".join(str(group) for group in over)
            verdicts.append(failed(f"weight.{rule}", over[0].citation, f"over the limit: {told}"))
        else:
            verdicts.append(passed(f"weight.{rule}", least.citation, f"least slack at {least}"))
    return tuple(verdicts)


def _group(
    axles: Sequence[Axle], first: int, last: int, limits: WeightLimits, allowance_lb: float
) -> AxleGroup:
    length_ft = axles[last].position_ft - axles[first].position_ft
    weight_lb = sum(axle.weight_lb for axle in axles[first : last + 1])
    if length_ft <= limits.single_ft.value + _ROUNDING:
        rule, limit_lb, citation = "single", limits.single_lb.value, limits.single_lb.citation
    elif length_ft <= limits.tandem_ft.value + _ROUNDING:
        rule, limit_lb, citation = "tandem", limits.tandem_lb.value, limits.tandem_lb.citation
    else:
        whole = last - first + 1 == len(axles)
        limit_lb = _bridge_limit_lb(axles[first : last + 1], length_ft, limits)
        limit_lb += allowance_lb if whole else 0.0
        rule, citation = "bridge", BRIDGE_CITATION
    return AxleGroup(rule, first + 1, last + 1, length_ft, weight_lb, limit_lb, citation)


def _bridge_limit_lb(group: Sequence[Axle], length_ft: float, limits: WeightLimits) -> float:
    wide = length_ft < limits.wide_tandem_ft.value - _ROUNDING
    if wide and len(group) == 2:
        return limits.wide_two_lb.value
    if wide and len(group) == 3:
        return limits.wide_three_lb.value
    limit_lb = float(bridge_formula_lb(length_ft, len(group)))
    if length_ft >= limits.two_tandems_ft.value - _ROUNDING and _two_tandems(group, limits):
        return max(limit_lb, 2 * limits.tandem_lb.value)
    return limit_lb


def _two_tandems(group: Sequence[Axle], limits: WeightLimits) -> bool:
    """Whether the group is two consecutive tandems and nothing else."""
    return any(
        _is_tandem(group[:cut], limits) and _is_tandem(group[cut:], limits)
        for cut in range(2, len(group) - 1)
    )


def _is_tandem(axles: Sequence[Axle], limits: WeightLimits) -> bool:
    length_ft = axles[-1].position_ft - axles[0].position_ft
    return limits.single_ft.value + _ROUNDING < length_ft <= limits.tandem_ft.value + _ROUNDING


def _numbered(axles: Sequence[Axle]) -> list[tuple[int, Axle]]:
    return list(enumerate(sorted(axles, key=lambda axle: axle.position_ft), start=1))
