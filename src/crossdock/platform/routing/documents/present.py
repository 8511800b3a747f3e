"""The problem as it now is: of a plan under way, and of what has happened to it.

Nothing is planned here. Vehicles under way become vehicles of their own that start where they are;
what they have served is gone, what they have on board only they can bring. An order whose goods
still lie at a depot is a shipment from there for vehicles that may come back to reload.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.plan.routing import PlannedRoute
from crossdock.platform.routing.documents.checks import end_ids
from crossdock.platform.routing.documents.events_shape import RouteEvents
from crossdock.platform.routing.documents.plan_shape import PlanStop, RoutePlan
from crossdock.platform.routing.documents.present_orders import Orders
from crossdock.platform.routing.documents.present_vehicles import goes_on, not_left
from crossdock.platform.routing.documents.problem_shape import (
    RelationRow,
    RouteProblem,
    Spot,
    VehicleRow,
)
from crossdock.platform.routing.documents.standing import Standing, Under


@dataclass(frozen=True)
class DoneRoute:
    """What a vehicle has served, in order."""

    vehicle: str
    stops: tuple[PlanStop, ...]


@dataclass(frozen=True)
class Present:
    """A plan under way as a problem again.

    Attributes
    ----------
    document
        The problem as it now is.
    routes
        What was planned of it, by vehicle of ``document``.
    done
        What is served.
    lost
        Orders whose goods are lost.
    """

    document: RouteProblem
    routes: tuple[PlannedRoute, ...]
    done: tuple[DoneRoute, ...]
    lost: tuple[str, ...]


def present_of(document: RouteProblem, plan: RoutePlan, events: RouteEvents) -> Present:
    """The problem as it is at ``events.now``.

    Vehicles are where the plan has them then; what an event tells goes before. Of goods on board
    of a vehicle that may reload, what is to be delivered after the reload is not told from what
    it has on board now where capacity is counted.

    Raises
    ------
    FaultyDocumentError
        An event is of a vehicle or a stop that is not there, or that is served.
    """
    standing = Standing(document, plan, events)
    orders = Orders(standing)
    jobs, shipments = orders.rows()
    stops = {*(row.id for row in jobs), *(stop for row in shipments for stop in end_ids(row))}
    relations, bound = _relations(document, standing, stops)
    vehicles = list(_vehicles(document, standing, stops, keeps=events.next_stop == "kept"))
    distances = standing.places.changed() or document.distances
    change: dict[str, Any] = {
        "places": standing.places.rows,
        "distances": distances.model_copy(update={"speed_factor": standing.speed_factor}),
        "vehicles": vehicles,
        "jobs": [
            row.model_copy(update={"allowed_vehicles": [bound[row.id]]})
            if row.id in bound else row
            for row in jobs
        ],
        "shipments": shipments,
        "relations": relations,
    }  # fmt: skip
    return Present(
        document.model_copy(update=change),
        tuple(_planned(document, standing, orders, stops, {row.id for row in vehicles})),
        tuple(
            DoneRoute(name, under.progress.done)
            for name, under in standing.under.items()
            if under.progress.done
        ),
        tuple(orders.lost),
    )


def _vehicles(
    document: RouteProblem, standing: Standing, stops: set[str], *, keeps: bool
) -> Iterator[VehicleRow]:
    left = Counter(under.route.vehicle_type for under in standing.under.values())
    left.update(standing.gone)
    for row in not_left(document.vehicles, standing.now, left):
        pinned = [stop for stop in row.pinned if stop in stops]
        yield row.model_copy(update={"pinned": pinned}) if pinned != row.pinned else row
    for name, under in standing.under.items():
        if under.out is not None:
            continue
        start = _start(standing, name, under)
        ahead = under.progress.ahead
        to = ahead[0].id if ahead and ahead[0].kind != "reload" else None
        settled = keeps and under.progress.between_stops and to in stops
        yield goes_on(under, start, to if settled and to not in standing.elsewhere else None)


def _start(standing: Standing, name: str, under: Under) -> Spot:
    if under.home and under.route.end is not None:
        return Spot(depot=under.route.end.depot)
    return standing.places.spot(under.progress.where, f"{name} {standing.now:%H:%M:%S}")


def _relations(
    document: RouteProblem, standing: Standing, stops: set[str]
) -> tuple[list[RelationRow], dict[str, str]]:
    """Relations of what is left, and the vehicle of stops whose fellows it has served."""
    found: list[RelationRow] = []
    bound: dict[str, str] = {}
    for row in document.relations:
        left = [stop for stop in row.stops if stop in stops]
        if len(left) > 1:
            found.append(row.model_copy(update={"stops": left}))
        for stop in row.stops:
            by = standing.served.get(stop)
            if by is not None and standing.under[by].out is None:
                bound |= dict.fromkeys(left, by)
    return found, bound


def _planned(
    document: RouteProblem, standing: Standing, orders: Orders, stops: set[str], there: set[str]
) -> Iterator[PlannedRoute]:
    """Routes as they were planned, from now on."""
    for route in standing.waiting.values():
        if route.vehicle_type in there:
            yield _route(document, orders, route.vehicle_type, route.stops, stops)
    for name, under in standing.under.items():
        if name in there or under.out is not None:
            yield _route(document, orders, name, under.progress.ahead, stops)


def _route(
    document: RouteProblem,
    orders: Orders,
    vehicle: str,
    ahead: Sequence[PlanStop],
    stops: set[str],
) -> PlannedRoute:
    """A planned route; goods that it comes back for are taken up where it would have reloaded.

    It reloads, by the depot's name, where its goods are not told from others.
    """
    found: list[str] = []
    tour: list[str] = []
    depot: str | None = None
    for stop in [*ahead, None]:
        if stop is not None and stop.kind != "reload":
            tour.append(stop.id)
            continue
        kept = [each for each in tour if each in stops]
        taken_up = [orders.taken_up[each] for each in kept if each in orders.taken_up]
        if depot is not None and kept and not taken_up:
            found.append(depot)
        found += [*dict.fromkeys(taken_up), *kept]
        tour, depot = [], None if stop is None else stop.id
    starts = document.starts_at
    etas = {
        stop.id: (stop.begins_at - starts).total_seconds() for stop in ahead if stop.id in stops
    }
    return PlannedRoute(vehicle, tuple(found), etas)
