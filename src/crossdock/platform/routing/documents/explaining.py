"""Why a plan is as it is, and where two plans differ, as documents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from crossdock.plan.routing import (
    CostSplit,
    Insertion,
    PlanChange,
    PlanSide,
    RouteChange,
    RouteSide,
    Sequences,
    compare_plans,
    explain_stop,
    route_detail,
    schedule,
)
from crossdock.platform.routing.documents.building import RouteQuestion
from crossdock.platform.routing.documents.plan_reading import sequences_of
from crossdock.platform.routing.documents.plan_shape import CostsByKind, PlanRoute, RoutePlan
from crossdock.platform.routing.documents.units import Units, tidy
from crossdock.platform.routing.documents.writing import costs_record, instant_text


def explain_plan(
    question: RouteQuestion, plan: RoutePlan, what: str = "the plan"
) -> dict[str, Any]:
    """Cost, slack and limits of every route, timed anew, and why stops are left out.

    Raises
    ------
    FaultyDocumentError
        The plan is of another problem.
    """
    problem, units = question.problem, _units(question)
    routes: list[dict[str, Any]] = []
    for route, (vehicle, nodes) in zip(plan.routes, _all(question, plan, what), strict=True):
        timed = schedule(problem, vehicle, nodes)
        detail = route_detail(problem, vehicle, nodes, timed.route)
        routes.append(
            {
                "vehicle": route.vehicle,
                "vehicle_type": route.vehicle_type,
                "stops": sum(node >= 0 for node in nodes),
                "distance_m": tidy(timed.route.distance),
                "duration_s": tidy(timed.route.ends - timed.route.starts),
                "cost_usd": tidy(timed.route.cost),
                "costs": costs_record(detail.costs),
                "slack_s": None if detail.slack == float("inf") else tidy(detail.slack),
                "binding": None if detail.binding is None else units.room(detail.binding),
                "limits": [units.room(each) for each in detail.rooms],
                "faults": [units.said(each) for each in timed.faults],
            }
        )
    return {"routes": routes, "unassigned": [each.model_dump() for each in plan.unassigned]}


def explain_stop_of(
    question: RouteQuestion, plan: RoutePlan, stop: str, what: str = "the plan"
) -> dict[str, Any]:
    """Why a stop is where it is: what it costs there, and what its best place elsewhere would.

    Raises
    ------
    NotFoundError
        The problem has no such stop.
    FaultyDocumentError
        The plan is of another problem.
    """
    for each in plan.unassigned:
        if each.id == stop:
            return {"stop": stop, "vehicle": None, **each.model_dump(exclude={"id"})}
    sequences = _all(question, plan, what)
    found = explain_stop(question.problem, sequences, _free(question, sequences), stop)
    names = [route.vehicle for route in plan.routes]
    return {
        "stop": stop,
        "vehicle": names[found.route],
        "saves_usd": tidy(found.saves),
        "elsewhere": [_elsewhere(question, names, each, found.saves) for each in found.elsewhere],
    }


def diff_plans(was: RoutePlan, now: RoutePlan, tolerance_s: float = 0.0) -> dict[str, Any]:
    """Where one plan differs from another; what a re-plan found done is not missed in it."""
    done = frozenset(stop for each in now.done for stop in each.stops)
    found = compare_plans(_side(was, done), _side(now), tolerance_s)
    return _difference(found)


def _all(question: RouteQuestion, plan: RoutePlan, what: str) -> Sequences:
    return sequences_of(question, plan, what, keep_empty=True)


def _free(question: RouteQuestion, sequences: Sequences) -> dict[int, int]:
    used = [vehicle for vehicle, _ in sequences]
    return {
        at: len(question.problem.nodes) if kind.count is None else kind.count - used.count(at)
        for at, kind in enumerate(question.problem.vehicles)
    }


def _elsewhere(
    question: RouteQuestion, names: Sequence[str], found: Insertion, saves: float
) -> dict[str, Any]:
    units, problem = _units(question), question.problem
    return {
        "vehicle": None if found.route is None else names[found.route],
        "vehicle_type": problem.vehicles[found.vehicle].id,
        "after": _before(question, found),
        "reload": None if found.reload is None else problem.depots[found.reload].id,
        "cost_usd": tidy(found.cost),
        "extra_usd": tidy(found.cost - saves),
        "feasible": not found.faults,
        "faults": [units.said(each) for each in found.faults],
    }


def _before(question: RouteQuestion, found: Insertion) -> str | None:
    """The stop before the place that was found."""
    at = found.moved_at
    if at == 0:
        return None
    node, problem = found.nodes[at - 1], question.problem
    return problem.nodes.ids[node] if node >= 0 else problem.depots[-1 - node].id


def _side(plan: RoutePlan, done: frozenset[str] = frozenset()) -> PlanSide:
    return PlanSide(
        routes=[_route_side(route, done) for route in plan.routes],
        unassigned=frozenset(each.id for each in plan.unassigned),
        cost=plan.totals.cost_usd,
    )


def _route_side(route: PlanRoute, done: frozenset[str]) -> RouteSide:
    return RouteSide(
        vehicle=route.vehicle,
        begins={
            stop.id: stop.begins_at.timestamp()
            for stop in route.stops
            if stop.kind != "reload" and stop.id not in done
        },
        distance=route.distance_m,
        duration=route.duration_s,
        costs=_split(route.costs),
    )


def _split(costs: CostsByKind) -> CostSplit:
    return CostSplit(
        costs.fixed_usd, costs.distance_usd, costs.duration_usd, costs.overtime_usd,
        costs.territory_usd,
    )  # fmt: skip


def _difference(found: PlanChange) -> dict[str, Any]:
    return {
        "cost_usd": tidy(found.cost),
        "costs": {**costs_record(found.costs), "other_usd": tidy(found.other)},
        "distance_m": tidy(found.distance),
        "duration_s": tidy(found.duration),
        "routes": [_route_difference(each) for each in found.routes],
        "moved": [{"stop": each.stop, "was": each.was, "now": each.now} for each in found.moved],
        "etas": [
            {
                "stop": each.stop,
                "was_at": _text(each.was),
                "now_at": _text(each.now),
                "by_s": tidy(each.now - each.was),
            }
            for each in found.etas
        ],
        "unassigned": list(found.unassigned),
        "assigned": list(found.assigned),
    }


def _route_difference(change: RouteChange) -> dict[str, Any]:
    return {
        "was": change.was,
        "now": change.now,
        "joined": list(change.joined),
        "left": list(change.left),
        "reordered": change.reordered,
        "distance_m": tidy(change.distance),
        "duration_s": tidy(change.duration),
        "cost_usd": tidy(change.costs.total),
        "costs": costs_record(change.costs),
    }


def _text(timestamp: float) -> str:
    return instant_text(dt.datetime.fromtimestamp(timestamp, dt.UTC))


def _units(question: RouteQuestion) -> Units:
    return Units(dict(zip(question.problem.dimensions, question.scale, strict=True)))
