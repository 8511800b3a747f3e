"""Where two plans differ: stops that moved, routes that changed, times, costs by kind."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crossdock.plan.routing.explain_route import CostSplit


@dataclass(frozen=True)
class RouteSide:
    """A route of one of the plans.

    Attributes
    ----------
    begins
        Of service, by stop in order.
    """

    vehicle: str
    begins: Mapping[str, float]
    distance: float
    duration: float
    costs: CostSplit


@dataclass(frozen=True)
class PlanSide:
    """One of two plans that are compared.

    Attributes
    ----------
    cost
        With what is left out.
    """

    routes: Sequence[RouteSide]
    unassigned: frozenset[str]
    cost: float


@dataclass(frozen=True, slots=True)
class RouteChange:
    """A route of one plan and the one of the other that has most of its stops.

    Attributes
    ----------
    was, now
        Vehicles; None where there is no such route.
    joined, left
        Stops that are new on it, and that are gone from it.
    reordered
        Whether those that stayed are served in another order.
    """

    was: str | None
    now: str | None
    joined: tuple[str, ...]
    left: tuple[str, ...]
    reordered: bool
    distance: float
    duration: float
    costs: CostSplit

    @property
    def same(self) -> bool:
        """Whether nothing of it changed."""
        return self.was is not None and self.now is not None and not (
            self.joined or self.left or self.reordered
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class StopChange:
    """A stop that changed its route; None where no route serves it."""

    stop: str
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class EtaChange:
    """A stop whose service begins at another time."""

    stop: str
    was: float
    now: float


@dataclass(frozen=True)
class PlanChange:
    """Where the plan ``now`` differs from the one before.

    Attributes
    ----------
    routes
        Those that changed.
    unassigned, assigned
        Stops that no route serves any more, and that one now does.
    costs
        Difference by kind; ``other``: of what is left out, and of the longest route.
    """

    routes: tuple[RouteChange, ...]
    moved: tuple[StopChange, ...]
    etas: tuple[EtaChange, ...]
    unassigned: tuple[str, ...]
    assigned: tuple[str, ...]
    cost: float
    costs: CostSplit
    other: float
    distance: float
    duration: float


def compare_plans(was: PlanSide, now: PlanSide, tolerance: float = 0.0) -> PlanChange:
    """Compare two plans.

    Parameters
    ----------
    tolerance
        By how much the begin of service may differ unnoticed.
    """
    pairs = _matched(was.routes, now.routes)
    routes = [
        _route_change(
            None if one is None else was.routes[one], None if other is None else now.routes[other]
        )
        for one, other in pairs
    ]
    same_route = {(one, other) for one, other in pairs if one is not None and other is not None}
    before, after = _where(was.routes), _where(now.routes)
    moved = [
        StopChange(
            stop,
            was.routes[before[stop]].vehicle if stop in before else None,
            now.routes[after[stop]].vehicle if stop in after else None,
        )
        for stop in dict.fromkeys([*before, *after])
        if (before.get(stop), after.get(stop)) not in same_route
    ]
    etas = [
        EtaChange(stop, old, new)
        for stop in before
        if stop in after
        for old, new in [
            (was.routes[before[stop]].begins[stop], now.routes[after[stop]].begins[stop])
        ]
        if abs(new - old) > tolerance
    ]
    costs = minus(_sum(now.routes), _sum(was.routes))
    return PlanChange(
        routes=tuple(each for each in routes if not each.same),
        moved=tuple(moved),
        etas=tuple(etas),
        unassigned=tuple(sorted(now.unassigned - was.unassigned)),
        assigned=tuple(sorted(was.unassigned - now.unassigned)),
        cost=now.cost - was.cost,
        costs=costs,
        other=now.cost - was.cost - costs.total,
        distance=sum(each.distance for each in now.routes)
        - sum(each.distance for each in was.routes),
        duration=sum(each.duration for each in now.routes)
        - sum(each.duration for each in was.routes),
    )


def minus(one: CostSplit, other: CostSplit) -> CostSplit:
    """The difference of two costs by kind."""
    return CostSplit(
        one.fixed - other.fixed,
        one.distance - other.distance,
        one.duration - other.duration,
        one.overtime - other.overtime,
        one.territory - other.territory,
    )


def _matched(
    was: Sequence[RouteSide], now: Sequence[RouteSide]
) -> list[tuple[int | None, int | None]]:
    """Routes of both plans in pairs that have most stops in common; names decide among equals."""
    where = _where(now)
    common = np.zeros((len(was), len(now)))
    for one, route in enumerate(was):
        for stop in route.begins:
            if stop in where:
                common[one, where[stop]] += 2
        common[one] += [each.vehicle == route.vehicle for each in now]
    from scipy.optimize import (  # noqa: PLC0415 takes longer than all other imports here
        linear_sum_assignment,
    )

    rows, columns = linear_sum_assignment(common, maximize=True)
    pairs: list[tuple[int | None, int | None]] = [
        (int(one), int(other))
        for one, other in zip(rows.tolist(), columns.tolist(), strict=True)
        if common[one, other] > 0
    ]
    paired = {one for one, _ in pairs}, {other for _, other in pairs}
    pairs += [(one, None) for one in range(len(was)) if one not in paired[0]]
    return pairs + [(None, other) for other in range(len(now)) if other not in paired[1]]


def _route_change(was: RouteSide | None, now: RouteSide | None) -> RouteChange:
    none = RouteSide("", {}, 0.0, 0.0, CostSplit())
    one, other = was or none, now or none
    old, new = one.begins, other.begins
    kept = [stop for stop in old if stop in new]
    return RouteChange(
        was=None if was is None else was.vehicle,
        now=None if now is None else now.vehicle,
        joined=tuple(stop for stop in new if stop not in old),
        left=tuple(stop for stop in old if stop not in new),
        reordered=kept != [stop for stop in new if stop in old],
        distance=other.distance - one.distance,
        duration=other.duration - one.duration,
        costs=minus(other.costs, one.costs),
    )


def _where(routes: Sequence[RouteSide]) -> dict[str, int]:
    return {stop: at for at, route in enumerate(routes) for stop in route.begins}


def _sum(routes: Sequence[RouteSide]) -> CostSplit:
    total = CostSplit()
    for route in routes:
        total = total.plus(route.costs)
    return total
