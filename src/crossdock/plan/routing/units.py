"""Jobs and shipments that must stay in the same part of a problem."""

from __future__ import annotations

from crossdock.plan.routing.problem import Problem

Unit = list[int]
"""Requests: jobs, then shipments, by number."""


def units_of(problem: Problem) -> list[Unit]:
    """Every request in one unit: with those of its group, and with those it is tied to.

    Of a group one is served at most; what a relation or a pin names is on one route.
    """
    jobs, ships = len(problem.jobs), len(problem.shipments)
    owner = list(range(jobs + ships))

    def root(request: int) -> int:
        while owner[request] != request:
            owner[request] = owner[owner[request]]
            request = owner[request]
        return request

    firsts: dict[str, int] = {}
    for number, job in enumerate(problem.jobs):
        if job.group is not None:
            owner[root(number)] = root(firsts.setdefault(job.group, number))
    for tie in (*problem.ties.relations, *problem.ties.pins):
        requests = [request_of(problem, node) for node in tie.nodes]
        for request in requests[1:]:
            owner[root(request)] = root(requests[0])
    units: dict[int, Unit] = {}
    for request in range(jobs + ships):
        units.setdefault(root(request), []).append(request)
    return list(units.values())


def request_of(problem: Problem, node: int) -> int:
    """The job or shipment of a node: a delivery comes with its pickup."""
    ships = len(problem.shipments)
    return node - ships if node >= len(problem.jobs) + ships else node


def stops_of(problem: Problem, unit: Unit) -> list[int]:
    """Nodes of a unit, pickups and deliveries both."""
    jobs, ships = len(problem.jobs), len(problem.shipments)
    return [*unit, *(request + ships for request in unit if request >= jobs)]
