"""What a plan left out, though a route of it has room."""

from __future__ import annotations

import time

import numpy as np
import pytest

from crossdock.plan.routing import (
    Depot,
    Job,
    PlanarMetric,
    Problem,
    Shipment,
    ShipmentEnd,
    VehicleType,
)
from crossdock.plan.routing.accept import kept
from crossdock.plan.routing.last_call import called_last
from routing.checker import case_of_problem, check

POINTS = np.array([[0.0, 0.0], [0.0, 10.0], [10.0, 10.0], [10.0, 0.0], [20.0, 0.0]])
VAN = VehicleType("van", count=2, capacity=(3,), start_depot="D", end_depot="D")


def problem(*jobs: Job, ships: tuple[Shipment, ...] = (), van: VehicleType = VAN) -> Problem:
    return Problem(PlanarMetric(POINTS), (Depot("D", 0),), (van,), jobs, ships)


def called(asked: Problem, *routes: tuple[int, list[int]]) -> list[tuple[int, list[int]]]:
    """The routes after the call, which keep every limit before the judge."""
    after = called_last(asked, kept(asked, routes), lambda: False)
    again = kept(asked, after)
    assert [list(nodes) for _, nodes in again.sequences] == [list(nodes) for _, nodes in after]
    ids = asked.nodes.ids
    verdict = check(
        case_of_problem(asked), [("van", [ids[node] for node in nodes]) for _, nodes in after]
    )
    assert [fault for fault in verdict.faults if "left out" not in fault] == []
    return [(kind, list(nodes)) for kind, nodes in after]


def test_what_fits_is_served_where_it_costs_least_and_what_does_not_stays_out() -> None:
    asked = problem(*(Job(str(at), at, (1,)) for at in (1, 2, 3)), Job("heavy", 4, (4,)))
    assert called(asked, (0, [0, 2])) == [(0, [0, 1, 2])]


def test_another_vehicle_goes_while_there_is_one() -> None:
    jobs = tuple(Job(str(at), 1 + at % 4, (3,)) for at in range(3))
    assert called(problem(*jobs), (0, [0])) == [(0, [0]), (0, [1])]


def test_an_optional_stop_is_worth_its_prize() -> None:
    cheap = Job("cheap", 4, (1,), required=False, prize=19.0)
    dear = Job("dear", 4, (1,), required=False, prize=21.0)
    # Where the dear one has been served, the cheap one beside it costs nothing more.
    ((_, nodes),) = called(problem(Job("3", 3, (1,)), cheap, dear), (0, [0]))
    assert sorted(nodes) == [0, 1, 2]
    assert called(problem(Job("3", 3, (1,)), cheap), (0, [0])) == [(0, [0])]


def test_one_of_a_group_and_the_higher_rank_first() -> None:
    low, high = Job("low", 1, (3,), group="g"), Job("high", 2, (3,), group="g")
    assert len(called(problem(low, high, Job("3", 3, (3,))), (0, [2]))) == 2
    late = Job("late", 1, (3,), priority=1)
    one = VehicleType("van", count=1, capacity=(3,), start_depot="D", end_depot="D")
    assert called(problem(Job("first", 3, (3,)), late, van=one)) == [(0, [1])]


def test_a_shipment_is_served_whole() -> None:
    ship = Shipment("s", ShipmentEnd("p", 1), ShipmentEnd("d", 2), amount=(1,))
    ((_, nodes),) = called(problem(Job("3", 3, (1,)), ships=(ship,)), (0, [0]))
    assert sorted(nodes) == [0, 1, 2]
    assert nodes.index(1) < nodes.index(2)


def test_it_ends_when_there_is_no_time() -> None:
    asked = problem(Job("1", 1, (1,)))
    until_s = time.perf_counter()
    assert list(called_last(asked, kept(asked, ()), lambda: time.perf_counter() >= until_s)) == []


def test_the_cost_of_a_call_is_what_it_said() -> None:
    asked = problem(*(Job(str(at), at, (1,)) for at in (1, 2, 3)))
    after = kept(asked, called_last(asked, kept(asked, ((0, [0]),)), lambda: False))
    assert after.complete
    assert after.cost == pytest.approx(40.0)
