"""A plan read again: as the start of another, to be explained, compared or changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from crossdock.plan.routing import Sequences, reload_at
from crossdock.platform.routing.documents.building import RouteQuestion
from crossdock.platform.routing.documents.events_shape import RouteEvents
from crossdock.platform.routing.documents.faults import (
    Faults,
    FaultyDocumentError,
    nearest,
    shown,
)
from crossdock.platform.routing.documents.plan_shape import PlanRoute, RoutePlan

MOST_ROUTES = 100_000
MOST_STOPS = 1_000_000


def read_plan(told: Mapping[str, Any], what: str) -> RoutePlan:
    """A plan that has the form of one.

    Raises
    ------
    FaultyDocumentError
        It has not.
    """
    faults = Faults()
    try:
        return RoutePlan.model_validate(dict(told))
    except ValidationError as error:
        faults.of_shape(error, RoutePlan, None, None, "")
    remedy = "give a plan as `crossdock route plan` writes it"
    raise FaultyDocumentError(what, faults.found, remedy, more=faults.more)


def read_events(told: Mapping[str, Any], what: str) -> RouteEvents:
    """What has happened to a plan.

    Raises
    ------
    FaultyDocumentError
        It has not the form of events.
    """
    faults = Faults()
    try:
        return RouteEvents.model_validate(dict(told))
    except ValidationError as error:
        faults.of_shape(error, RouteEvents, None, None, "")
    remedy = "correct them; `crossdock route schema events` prints what can be said"
    raise FaultyDocumentError(what, faults.found, remedy, more=faults.more)


def sequences_of(
    question: RouteQuestion,
    plan: RoutePlan,
    what: str,
    *,
    strict: bool = True,
    keep_empty: bool = False,
) -> Sequences:
    """The bare routes of a plan of this problem.

    Parameters
    ----------
    strict
        Refuse stops and vehicles that the problem does not have, rather than to pass them over.
    keep_empty
        Keep routes without stops, so that there is one for each of the plan.

    Raises
    ------
    FaultyDocumentError
        The plan is of another problem.
    """
    faults = Faults()
    rows = question.problem.nodes
    node_of = {name: node for node, name in enumerate(rows.ids)}
    kinds = {kind.id: at for at, kind in enumerate(question.problem.vehicles)}
    found: list[tuple[int, list[int]]] = []
    for number, route in enumerate(plan.routes):
        nodes = _nodes_of(question, route, number, node_of, faults)
        if route.vehicle_type not in kinds:
            name = shown(route.vehicle_type)
            remedy = nearest(route.vehicle_type, kinds)
            who = f"routes[{number}]"
            faults.add("routes", number, who, "vehicle_type", f"is {name}", remedy)
        elif nodes or keep_empty:
            found.append((kinds[route.vehicle_type], nodes))
    if faults.found and strict:
        remedy = "give the problem that the plan is of"
        raise FaultyDocumentError(what, faults.found, remedy, more=faults.more)
    return found


def _nodes_of(
    question: RouteQuestion,
    route: PlanRoute,
    number: int,
    node_of: Mapping[str, int],
    faults: Faults,
) -> list[int]:
    depots = question.problem.depot_index
    nodes: list[int] = []
    for at, stop in enumerate(route.stops):
        known = depots if stop.kind == "reload" else node_of
        if stop.id not in known:
            who = f"routes[{number}] {shown(route.vehicle)}"
            reason = f"is {shown(stop.id)}, which is not in the problem"
            faults.add("routes", number, who, f"stops[{at}].id", reason, nearest(stop.id, known))
            continue
        nodes.append(reload_at(depots[stop.id]) if stop.kind == "reload" else node_of[stop.id])
    return nodes
