"""Routes of several plans make up the cheapest plan there is among them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model import stream
from crossdock.plan.routing import Budget, Depot, Job, PlanarMetric, Problem, VehicleType, solve
from crossdock.plan.routing.pool import PooledRoute, RoutePool, recombined

PLACES = np.array([[0.0, 0.0], *((float(at), 1.0) for at in range(1, 7))])


def problem(jobs: list[Job], count: int | None) -> Problem:
    van = VehicleType("van", count=count, capacity=(9,), start_depot="D", end_depot="D")
    return Problem(PlanarMetric(PLACES), (Depot("D", 0),), (van,), tuple(jobs))


def cheapest(asked: Problem, routes: list[PooledRoute]) -> float:
    """By trying every set of routes."""
    best = float("inf")
    count = asked.vehicles[0].count
    most = len(routes) if count is None else count
    for size in range(most + 1):
        for chosen in combinations(routes, size):
            nodes = [node for route in chosen for node in route.nodes]
            keys = [asked.jobs[node].group or node for node in nodes]
            if len(set(keys)) < len(keys):
                continue
            cost, left = sum(route.cost for route in chosen), dict[object, float]()
            for node, job in enumerate(asked.jobs):
                if (job.group or node) not in keys:
                    lost = float("inf") if job.required else job.prize
                    left.setdefault(job.group or node, lost)
            best = min(best, cost + sum(left.values()))
    return best


def cost_of(asked: Problem, pool: RoutePool, routes: list[tuple[int, list[int]]]) -> float:
    known = {route.nodes: route.cost for route in pool.routes()}
    nodes = [node for _, own in routes for node in own]
    keys = {asked.jobs[node].group or node for node in nodes}
    left = {
        job.group or node: job.prize
        for node, job in reversed(list(enumerate(asked.jobs)))
        if (job.group or node) not in keys
    }
    return sum(known[tuple(own)] for _, own in routes) + sum(left.values())


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.booleans(), st.booleans())
def test_nothing_in_the_pool_is_cheaper(seed: int, optional: bool, grouped: bool) -> None:
    random = stream(seed, "pool")
    prizes = random.integers(1, 9, 2)
    jobs = [
        Job(
            str(at), at + 1, (1,),
            prize=float(prizes[at // 5]) if optional and at % 2 else 0.0,
            required=not (optional and at % 2),
            group="either" if grouped and optional and at in (1, 3) else None,
        )
        for at in range(6)
    ]  # fmt: skip
    asked = problem(jobs, 4)
    start = [[0, 1, 2], [4, 5]] if grouped and optional else [[0, 1, 2], [3, 4, 5]]
    pool = RoutePool()
    drawn = [random.permutation(6)[: random.integers(1, 4)].tolist() for _ in range(9)]
    lawful = [own for own in drawn if not (grouped and optional and {1, 3} <= set(own))]
    pool.add(PooledRoute(0, tuple(own), float(random.integers(3, 20))) for own in [*start, *lawful])
    found = recombined(asked, pool, [(0, own) for own in start])
    least = cheapest(asked, pool.routes())
    assert cost_of(asked, pool, [(kind, list(own)) for kind, own in found]) == pytest.approx(least)


def test_the_cheaper_of_two_orders_is_kept() -> None:
    pool = RoutePool()
    pool.add(
        [PooledRoute(0, (1, 2), 5.0), PooledRoute(0, (2, 1), 4.0), PooledRoute(1, (1, 2), 9.0)]
    )
    assert [(route.kind, route.nodes) for route in pool.routes()] == [(0, (2, 1)), (1, (1, 2))]


def test_a_start_of_routes_that_are_not_in_the_pool_is_kept() -> None:
    asked = problem([Job(str(at), at + 1, (1,)) for at in range(3)], None)
    pool = RoutePool()
    pool.add([PooledRoute(0, (0, 1), 1.0)])
    assert recombined(asked, pool, [(0, [0, 1]), (0, [2])]) == [(0, [0, 1]), (0, [2])]


def test_searches_side_by_side_end_the_same_for_any_number_of_workers() -> None:
    random = stream(3, "pooled")
    places = np.vstack([[[50.0, 50.0]], random.uniform(0, 100, (60, 2))])
    van = VehicleType("van", capacity=(10,), start_depot="D", end_depot="D")
    jobs = tuple(Job(str(at), at, (int(random.integers(1, 4)),)) for at in range(1, 61))
    asked = Problem(PlanarMetric(places), (Depot("D", 0),), (van,), jobs)
    one, other = (solve(asked, Budget(iterations=300), 5, workers=each) for each in (1, 2))
    assert one.complete
    assert one.sequences == other.sequences
