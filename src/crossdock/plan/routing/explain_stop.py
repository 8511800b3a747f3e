"""Why a stop is where it is: what it costs there, and what its best place elsewhere would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from crossdock.model.errors import NotFoundError
from crossdock.plan.routing.insert import Insertion, reload_insertions
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.reloading import detours, with_a_reload
from crossdock.plan.routing.schedule import incompatible, route_legs, schedule, stop_of
from crossdock.plan.routing.solution import Fault

_MOST_TRIES = 400
"""Of places in one route."""
_TRIES_A_ROUTE, _TRIES_IN_ALL = 12, 60
"""For the reason why a shipment is left out."""
_HAIR = 1e-9

Ways = Sequence[tuple[int, Sequence[int]]]


@dataclass(frozen=True)
class StopExplained:
    """A stop on its route, and on every other.

    Attributes
    ----------
    route
        Index of its route.
    saves
        What its route would cost less without it.
    elsewhere
        Its best place on each other route and on a vehicle more, judged by the arbiter: those
        that keep every limit first, the cheapest first. Where ``faults`` is not empty, no place on
        that route keeps every limit, and this is the cheapest that does not.
    """

    stop: str
    route: int
    saves: float
    elsewhere: tuple[Insertion, ...]


def explain_stop(
    problem: Problem, sequences: Ways, free: Mapping[int, int], stop: str
) -> StopExplained:
    """Why ``stop`` is on its route.

    Both ends of a shipment go together.

    Parameters
    ----------
    free
        Vehicles that are not used, by type.

    Raises
    ------
    NotFoundError
        No route serves it.
    """
    moved = _nodes_of(problem, stop)
    at = next((at for at, (_, nodes) in enumerate(sequences) if moved[0] in nodes), None)
    if at is None:
        raise NotFoundError(f"no route serves {stop}", remedy="name a stop of the plan's routes")
    vehicle, nodes = sequences[at]
    without = [node for node in nodes if node not in moved]
    here = schedule(problem, vehicle, nodes).route.cost
    saves = here - schedule(problem, vehicle, without).route.cost
    elsewhere = [
        found
        for other, (kind, others) in enumerate(sequences)
        if other != at
        for found in [best_place(problem, other, kind, others, moved)]
        if found is not None
    ]
    elsewhere += list(_alone(problem, free, moved))
    elsewhere.sort(key=lambda each: (bool(each.faults), each.cost))
    return StopExplained(stop, at, saves, tuple(elsewhere))


def best_place(
    problem: Problem, route: int, vehicle: int, nodes: Sequence[int], moved: Sequence[int]
) -> Insertion | None:
    """The cheapest place of a stop on a route that keeps every limit.

    Where none does, with one more reload beside it, if the vehicle may.

    Parameters
    ----------
    moved
        A job, or the pickup and the delivery of a shipment.

    Returns
    -------
    Insertion or None
        With faults where no place keeps every limit; None where the vehicle may not serve it.
    """
    kind = problem.vehicles[vehicle]
    if incompatible(stop_of(problem, moved[0]), kind):
        return None
    before = schedule(problem, vehicle, nodes).route.cost
    places = ((detour, longer, None) for detour, longer in _places(problem, vehicle, nodes, moved))
    best = _cheapest(problem, route, vehicle, moved, before, places)
    if kind.reload_depots and (best is None or best.faults):
        first = pinned_length(problem, vehicle, nodes)
        reloading = with_a_reload(problem, vehicle, nodes, moved, first)
        other = _cheapest(problem, route, vehicle, moved, before, reloading)
        if other is not None and not other.faults:
            return other
    return best


def _cheapest(
    problem: Problem,
    route: int,
    vehicle: int,
    moved: Sequence[int],
    before: float,
    places: Iterable[tuple[float, tuple[int, ...], int | None]],
) -> Insertion | None:
    """The cheapest of some places without faults; where there is none, the cheapest with some."""
    rate, best = problem.vehicles[vehicle].distance_cost, None
    for detour, longer, depot in islice(places, _MOST_TRIES):
        # Places come by the distance that they cost, and time is never negative.
        if best is not None and not best.faults and detour * rate > best.cost:
            break
        timed = schedule(problem, vehicle, longer)
        cost = timed.route.cost - before
        where = longer.index(moved[0])
        found = Insertion(route, vehicle, longer, cost, timed.faults, where, depot)
        if best is None or (bool(found.faults), found.cost) < (bool(best.faults), best.cost):
            best = found
    return best


def shipment_insertions(
    problem: Problem,
    sequences: Ways,
    free: Mapping[int, int],
    pickup: int,
    costs: Sequence[float],
) -> list[Insertion]:
    """Places of a shipment on routes and on vehicles more, the shortest detours first.

    Parameters
    ----------
    pickup
        Node of its pickup.
    costs
        Of each route.
    """
    moved = (pickup, pickup + len(problem.shipments))
    stop = stop_of(problem, pickup)
    places: list[tuple[float, int, tuple[int, ...]]] = []
    for at, (vehicle, nodes) in enumerate(sequences):
        kind = problem.vehicles[vehicle]
        if not incompatible(stop, kind):
            nearest = islice(_places(problem, vehicle, nodes, moved), _TRIES_A_ROUTE)
            places += [(detour * kind.distance_cost, at, longer) for detour, longer in nearest]
    places.sort()
    tried: list[Insertion] = []
    for _, at, longer in places[:_TRIES_IN_ALL]:
        timed = schedule(problem, sequences[at][0], longer)
        cost = timed.route.cost - costs[at]
        tried.append(Insertion(at, sequences[at][0], longer, cost, timed.faults))
        if not timed.faults:
            break
    if all(way.faults for way in tried):
        tried += reload_insertions(problem, sequences, moved, costs)
    return [*tried, *_alone(problem, free, moved)]


def pinned_length(problem: Problem, vehicle: int, nodes: Sequence[int]) -> int:
    """How many stops at the begin of a route are pinned there."""
    kind = problem.vehicles[vehicle].id
    for pin in problem.ties.pins:
        if pin.vehicle_type == kind and tuple(nodes[: len(pin.nodes)]) == pin.nodes:
            return len(pin.nodes)
    return 0


def _alone(problem: Problem, free: Mapping[int, int], moved: Sequence[int]) -> Iterator[Insertion]:
    """On a vehicle that has nothing else to do."""
    for vehicle, kind in enumerate(problem.vehicles):
        if incompatible(stop_of(problem, moved[0]), kind):
            continue
        timed = schedule(problem, vehicle, moved)
        none_left = () if free[vehicle] else (Fault("count", kind.id, 1.0),)
        faults = (*timed.faults, *none_left)
        yield Insertion(None, vehicle, tuple(moved), timed.route.cost, faults)


def _nodes_of(problem: Problem, stop: str) -> tuple[int, ...]:
    rows = problem.nodes
    ships = [ship.id for ship in problem.shipments]
    if stop in ships:
        pickup = rows.jobs + ships.index(stop)
    elif stop in rows.ids:
        node = rows.ids.index(stop)
        pickup = node if node < rows.jobs + rows.shipments else node - rows.shipments
    else:
        raise NotFoundError(
            f"there is no stop {stop}", remedy="name a job, a shipment or an end of one"
        )
    return (pickup,) if pickup < rows.jobs else (pickup, pickup + rows.shipments)


def _places(
    problem: Problem, vehicle: int, nodes: Sequence[int], moved: Sequence[int]
) -> Iterator[tuple[float, tuple[int, ...]]]:
    """Detours and the longer routes, the shortest detour first; nothing goes before a pin."""
    kind = problem.vehicles[vehicle]
    places = route_legs(problem, kind, nodes)
    gaps = np.arange(pinned_length(problem, vehicle, nodes), len(nodes) + 1)
    here = [int(problem.nodes.place[node]) for node in moved]
    first = detours(problem, places, gaps, here[:1])
    if len(moved) == 1:
        for at in np.argsort(first, kind="stable").tolist():
            gap = int(gaps[at])
            yield float(first[at]), (*nodes[:gap], moved[0], *nodes[gap:])
        return
    second = detours(problem, places, gaps, here[1:])
    both = first[:, None] + second[None, :]
    both[np.diag_indices(len(gaps))] = detours(problem, places, gaps, here)
    both[np.tril_indices(len(gaps), -1)] = np.inf
    order = np.argsort(both, axis=None, kind="stable")
    for flat in order.tolist():
        taken, put = divmod(flat, len(gaps))
        if not np.isfinite(both[taken, put]):
            return
        one, other = int(gaps[taken]), int(gaps[put])
        longer = (*nodes[:one], moved[0], *nodes[one:other], moved[1], *nodes[other:])
        yield float(both[taken, put]), longer
