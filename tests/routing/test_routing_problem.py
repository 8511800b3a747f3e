"""A routing problem as data: what is refused, how distances round, what 30,000 jobs cost."""

from __future__ import annotations

import pickle
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from crossdock.model import InvalidValueError, stream
from crossdock.plan.routing import (
    Depot,
    HoursUsed,
    Job,
    MatrixMetric,
    Pin,
    PlanarMetric,
    Problem,
    Relation,
    RelationKind,
    Rounding,
    Shipment,
    ShipmentEnd,
    StreetMetric,
    VehicleType,
    Window,
)

SQUARE = np.array([[0.0, 0.0], [3.0, 4.0], [1.0, 1.0], [10.0, 0.0]])
VAN = VehicleType("van", capacity=(10,), start_depot="D", end_depot="D")
JOB = Job("a", 1, (2,))
SHIPMENT = Shipment("s", ShipmentEnd("s+", 2), ShipmentEnd("s-", 3), (1,))


def problem(
    jobs: tuple[Job, ...] = (JOB,),
    vehicles: tuple[VehicleType, ...] = (VAN,),
    depots: tuple[Depot, ...] = (Depot("D", 0),),
    shipments: tuple[Shipment, ...] = (),
    relations: tuple[Relation, ...] = (),
    **more: Any,
) -> Problem:
    return Problem(
        PlanarMetric(SQUARE), depots, vehicles, jobs, shipments, relations=relations, **more
    )


@pytest.mark.parametrize(
    ("build", "message", "remedy"),
    [
        (lambda: problem((replace(JOB, place=4),)), "job a: place is 4", "0 to 3"),
        (lambda: problem((replace(JOB, delivery=(1, 2)),)), "job a: delivery is (1, 2)", "load"),
        (lambda: problem((replace(JOB, pickup=(-1,)),)), "job a: pickup is (-1,)", "from 0"),
        (lambda: problem((replace(JOB, service=-1.0),)), "job a: service is -1", "from 0"),
        (lambda: problem((replace(JOB, prize=float("nan")),)), "job a: prize is nan", "from 0"),
        (lambda: problem((replace(JOB, windows=()),)), "job a: windows is none", "any time"),
        (
            lambda: problem((replace(JOB, windows=(Window(5, 3),)),)),
            "job a: windows.closes is 3",
            "windows.opens = 5",
        ),
        (
            lambda: problem((replace(JOB, windows=(Window(0, 5), Window(4, 9))),)),
            "job a: windows.opens is 4",
            "overlap",
        ),
        (lambda: problem((JOB, JOB)), "stop a: id is a", "of its own"),
        (
            lambda: problem((replace(JOB, allowed_vehicles=frozenset({"bike"})),)),
            "job a: allowed_vehicles is bike",
            "vehicle type",
        ),
        (
            lambda: problem(
                (replace(JOB, group="g"), replace(JOB, id="b", group="g", required=False))
            ),
            "job b: required is False",
            "group g",
        ),
        (
            lambda: problem(vehicles=(replace(VAN, start_depot="X"),)),
            "vehicle type van: start_depot is X",
            "depot of the problem",
        ),
        (
            lambda: problem(vehicles=(replace(VAN, start_place=1),)),
            "vehicle type van: start_depot is D",
            "either",
        ),
        (
            lambda: problem(vehicles=(replace(VAN, capacity=()),)),
            "vehicle type van: capacity is ()",
            "load",
        ),
        (lambda: problem(vehicles=(replace(VAN, count=0),)), "van: count is 0", "1 or more"),
        (
            lambda: problem(vehicles=(replace(VAN, shift_starts=9.0, shift_ends=3.0),)),
            "van: shift_ends is 3.0",
            "not before",
        ),
        (lambda: problem(vehicles=()), "the problem: vehicles is none", "at least one"),
        (lambda: problem(depots=(Depot("D", 9),)), "depot D: place is 9", "0 to 3"),
        (
            lambda: problem(shipments=(replace(SHIPMENT, amount=(1, 1)),)),
            "shipment s: amount is (1, 1)",
            "load",
        ),
        (
            lambda: problem(shipments=(replace(SHIPMENT, pickup=ShipmentEnd("a", 2)),)),
            "stop a: id is a",
            "of its own",
        ),
        (
            lambda: problem(relations=(Relation(RelationKind.ORDER, ("a", "z")),)),
            "relation order: stops is z",
            "job or an end",
        ),
        (
            lambda: problem(pinned=(Pin("bike", ("a",)),)),
            "pin of bike: vehicle_type is bike",
            "vehicle type of the problem",
        ),
        (lambda: problem(pinned=(Pin("van", ()),)), "pin of van: stops is none", "first stops"),
        (lambda: problem(pinned=(Pin("van", ("z",)),)), "pin of van: stops is z", "a job"),
        (
            lambda: problem(pinned=(Pin("van", ("a",)), Pin("van", ("a",)))),
            "pin of van: stops is a, pinned before",
            "once",
        ),
        (
            lambda: problem(
                vehicles=(replace(VAN, count=1),),
                shipments=(SHIPMENT,),
                pinned=(Pin("van", ("a",)), Pin("van", ("s+",))),
            ),
            "pin of van: vehicle_type is that of 2 pins",
            "at most 1",
        ),
        (lambda: problem(territory_cost=-1.0), "the problem: territory_cost is -1", "from 0"),
        (lambda: problem(longest_cost=np.inf), "the problem: longest_cost is inf", "from 0"),
        (
            lambda: problem(vehicles=(replace(VAN, hos_rules="US_71_8"),)),
            "vehicle type van: hos_rules is US_71_8",
            "US_70_8",
        ),
        (
            lambda: problem(vehicles=(replace(VAN, hos_rules="CA_SOUTH_CYCLE_1"),)),
            "vehicle type van: hos_rules is CA_SOUTH_CYCLE_1",
            "US_70_8",
        ),
        (
            lambda: problem(vehicles=(replace(VAN, hours_used=HoursUsed(0.0)),)),
            "vehicle type van: hours_used is HoursUsed",
            "hos_rules",
        ),
        (
            lambda: problem(
                vehicles=(replace(VAN, hos_rules="US_70_8", hours_used=HoursUsed(5.0)),)
            ),
            "van: hours_used.on_duty_since is 5.0",
            "up to shift_starts = 0",
        ),
        (
            lambda: PlanarMetric(np.array([[0.0, np.inf]])),
            "xy of place 0 is (0.0, inf)",
            "two finite",
        ),
    ],
)
def test_a_fault_names_the_thing_the_field_and_the_remedy(
    build: Callable[[], object], message: str, remedy: str
):
    with pytest.raises(InvalidValueError) as caught:
        build()
    assert message in caught.value.message
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("rounding", "units", "length", "whole"),
    [
        (Rounding.EXACT, 1000, 2**0.5, 1414),
        (Rounding.ROUND, 1, 1.0, 1),
        (Rounding.DIMACS, 10, 1.4, 14),
        (Rounding.TRUNC, 1, 1.0, 1),
    ],
)
def test_a_convention_has_its_own_whole_numbers_and_its_own_costs(
    rounding: Rounding, units: int, length: float, whole: int
):
    metric = PlanarMetric(SQUARE, rounding)
    start, end = np.array([0]), np.array([2])
    assert metric.distance_units == units
    assert metric.lengths(start, end)[0] == pytest.approx(length)
    assert metric.matrix(start, end).distance[0, 0] == whole
    assert metric.matrix(np.array([0]), np.array([1])).distance[0, 0] == 5 * units


def test_rounding_goes_to_the_nearest_and_up_at_the_half():
    points = np.array([[0.0, 0.0], [0.0, 2.5], [0.0, 2.49]])
    to_both = PlanarMetric(points, Rounding.ROUND).lengths(np.array([0, 0]), np.array([1, 2]))
    assert to_both.tolist() == [3.0, 2.0]


def test_durations_for_a_kernel_are_never_shorter_than_the_truth():
    points = stream(1, "durations").uniform(0, 100, (40, 2))
    metric, all_of = PlanarMetric(points), np.arange(40)
    legs = metric.matrix(all_of, all_of)
    true = np.hypot(*(points[:, None] - points[None, :]).T).T
    assert (legs.duration / 1000 >= true - 1e-9).all()
    assert (abs(legs.distance / 1000 - true) <= 0.0005 + 1e-9).all()


def test_a_matrix_is_told_for_the_rows_and_columns_asked():
    distance = np.arange(16).reshape(4, 4)
    metric = MatrixMetric(distance, distance * 2)
    legs = metric.matrix(np.array([3, 1]), np.array([0, 2, 2]))
    assert legs.distance.tolist() == [[12, 14, 14], [4, 6, 6]]
    assert legs.duration.tolist() == [[24, 28, 28], [8, 12, 12]]
    part = metric.part(np.array([3, 1]))
    assert part.distance.tolist() == [[15, 13], [7, 5]]


def test_streets_are_metres_and_seconds_at_a_speed():
    metric = StreetMetric(np.array([40.0, 40.0]), np.array([-75.0, -75.01]), speed_m_s=10.0)
    there = metric.lengths(np.array([0]), np.array([1]))[0]
    assert 853 < there < 853 * 1.5  # a hundredth of a degree of longitude is 853 m here
    legs = metric.matrix(np.array([0]), np.array([1]))
    assert legs.distance[0, 0] == there
    assert legs.duration[0, 0] == np.ceil(there / 10)


def test_a_part_keeps_what_it_needs_and_survives_the_way_to_another_process():
    whole = problem(
        (JOB, Job("b", 3, (1,))),
        shipments=(SHIPMENT,),
        relations=(Relation(RelationKind.ORDER, ("a", "b")),),
    )
    part = pickle.loads(pickle.dumps(whole.part([1], [replace(VAN, count=1)], [0])))
    assert [job.id for job in part.jobs] == ["b"]
    assert part.nodes.ids == ("b", "s+", "s-")
    assert part.metric.places == 3
    assert part.relations == ()
    there = np.array([part.depots[0].place]), np.array([part.jobs[0].place])
    assert part.metric.lengths(*there)[0] == pytest.approx(10.0)


def test_thirty_thousand_jobs_are_built_and_indexed_quickly_in_little_memory():
    count = 30_000
    metric = PlanarMetric(stream(1, "large").uniform(0, 10_000, (count + 1, 2)), Rounding.ROUND)
    began = time.process_time()
    jobs = tuple(Job(str(at), at, (1,)) for at in range(1, count + 1))
    large = Problem(metric, (Depot("D", 0),), (VAN,), jobs)
    assert len(large.nodes) == count
    assert time.process_time() - began < 1.0
    tracemalloc.start()
    Problem(metric, (Depot("D", 0),), (VAN,), tuple(replace(job) for job in jobs)).nodes  # noqa: B018
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6
