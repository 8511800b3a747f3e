"""Routes over real roads: durations and distances that differ, each way by itself."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from crossdock.locate.roads.streets import CAR, RoadPlaces, VehicleRoads
from crossdock.model import InfeasibleError, InvalidValueError, NotFoundError
from crossdock.model.seeds import stream
from crossdock.plan.routing import (
    Budget,
    Depot,
    Job,
    MatrixMetric,
    Problem,
    RoadMetric,
    VehicleType,
    metric_over_roads,
    solve,
)
from crossdock.plan.routing import road_metric as module
from locate.street_maps import Streets, place_e7

NAMES = [f"stop {number}" for number in range(12)]


def grid(size: int = 6) -> Streets:
    """One-way streets side by side, in turns up and down, with a main road round them."""
    streets = Streets()
    last = size - 1.0
    for at in range(size):
        turn = "yes" if at % 2 else "-1"
        line = [float(step) for step in range(size)]
        streets.way(*((float(at), step) for step in line), oneway=turn)
        streets.way(*((step, float(at)) for step in line), oneway=turn)
    ring = [(-1.0, -1.0), (-1.0, last + 1), (last + 1, last + 1), (last + 1, -1.0), (-1.0, -1.0)]
    streets.way(*ring, highway="primary")
    for corner, outside in zip(
        [(0.0, 0.0), (0.0, last), (last, last), (last, 0.0)], ring, strict=False
    ):
        streets.way(corner, outside)
    return streets


def places(count: int = len(NAMES)) -> RoadPlaces:
    draw = stream(5, "stops")
    corners = draw.uniform(0, 5, (count, 2))
    e7 = [place_e7((float(east), float(north))) for east, north in corners]
    roads = VehicleRoads.of(grid().graph(), CAR)
    latitude, longitude = np.array(e7).T * 1e-7
    return RoadPlaces.of(roads, latitude, longitude, names=NAMES[:count])


def problem(metric: RoadMetric | MatrixMetric) -> Problem:
    return Problem(
        metric=metric,
        depots=(Depot("depot", 0),),
        vehicles=(VehicleType("van", 3, (5,), start_depot="depot", end_depot="depot"),),
        jobs=tuple(Job(name, at, (1,)) for at, name in enumerate(NAMES) if at),
    )


def test_the_metric_says_what_the_roads_say_in_whole_numbers():
    roads = places()
    metric, every = RoadMetric(roads), np.arange(len(NAMES))
    legs = metric.matrix(every, every)
    seconds, metres = roads.matrix(every, every)
    assert (legs.duration >= seconds - 1e-3).all()
    assert (legs.duration < seconds + 1).all()
    assert np.abs(legs.distance - metres).max() <= 0.5
    assert (legs.distance != legs.distance.T).any()
    start, end = (each.ravel() for each in np.indices(legs.distance.shape))
    assert metric.lengths(start, end).tolist() == legs.distance.ravel().tolist()
    assert metric.times(start, end).tolist() == legs.duration.ravel().tolist()


def test_few_places_become_a_matrix_that_travels_light(monkeypatch: pytest.MonkeyPatch):
    roads = places()
    assert isinstance(metric_over_roads(roads), MatrixMetric)
    part = RoadMetric(roads).part(np.array([3, 1, 7]))
    assert isinstance(part, MatrixMetric)
    assert part.distance[0, 2] == RoadMetric(roads).lengths(np.array([3]), np.array([7]))[0]
    assert len(pickle.dumps(part)) < 2_000
    monkeypatch.setattr(module, "MOST_PLACES_OF_A_MATRIX", 2)
    lazy = RoadMetric(roads, tuple(NAMES)).part(np.array([3, 1, 7]))
    assert isinstance(lazy, RoadMetric)
    assert lazy.names == ("stop 3", "stop 1", "stop 7")
    again = lazy.part(np.array([2, 0]))
    assert again.lengths(np.array([1]), np.array([0]))[0] == part.distance[0, 2]


def test_a_plan_over_roads_is_as_long_as_its_ways():
    roads = places()
    budget = Budget(iterations=100)
    plan = solve(problem(metric_over_roads(roads, NAMES)), budget, seed=1)
    as_asked = solve(problem(RoadMetric(roads, tuple(NAMES))), budget, seed=1)
    assert plan.complete
    assert plan.cost == as_asked.cost
    number = {name: at for at, name in enumerate(NAMES)}
    for route in plan.routes:
        stops = np.array([0, *(number[visit.id] for visit in route.visits), 0])
        _, metres = roads.pairs(stops[:-1], stops[1:])
        assert route.distance == np.rint(metres).sum()


def test_two_places_without_a_way_are_named():
    class Cut:
        latitude = longitude = np.zeros(3)

        def matrix(self, rows, columns):
            seconds = np.zeros((len(rows), len(columns)), np.float32)
            seconds[1, 2] = np.inf
            return seconds, seconds

        def pairs(self, start, end):
            seconds = np.where((start == 1) & (end == 2), np.inf, 0.0)
            return seconds, seconds

    with pytest.raises(InfeasibleError, match="no way from b to c"):
        metric_over_roads(Cut(), ["a", "b", "c"])
    with pytest.raises(InfeasibleError, match="no way from place 1 to place 2"):
        RoadMetric(Cut()).times(np.array([0, 1]), np.array([1, 2]))
    with pytest.raises(InvalidValueError, match="2 names of 3 places"):
        RoadMetric(Cut(), ("a", "b"))


def test_a_stop_in_the_sea_is_named():
    roads = VehicleRoads.of(grid().graph(), CAR)
    with pytest.raises(NotFoundError, match="buoy is"):
        RoadPlaces.of(roads, [39.29, 39.0], [-76.61, -76.0], names=["shop", "buoy"])
