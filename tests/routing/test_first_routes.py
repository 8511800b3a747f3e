"""Routes without a matrix: any number of stops, every limit kept, no worse than good habit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from crossdock.model import InvalidValueError, stream
from crossdock.plan.routing import (
    Budget,
    Depot,
    Job,
    MatrixMetric,
    PlanarMetric,
    Problem,
    Rounding,
    VehicleType,
    Window,
    solve,
)
from crossdock.plan.routing.savings import first_routes
from crossdock.platform.cli import main
from routing.checker import (
    case_of_file,
    case_of_problem,
    check,
    read_sol,
    routes_of_document,
    routes_of_sol,
    routes_of_solution,
)
from routing.routing_data import instance, needs_data

VAN = VehicleType("van", capacity=(20,), start_depot="D", end_depot="D")
COUNT = 1_600


def large(*vehicles: VehicleType, windows: bool = False, **changes: object) -> Problem:
    draws = stream(5, "first routes")
    points = draws.uniform(0, 1000, (COUNT + 1, 2))
    points[0] = 500
    opens = draws.uniform(1000, 4000, COUNT)
    jobs = tuple(
        replace(
            Job(str(at), at, (int(draws.integers(1, 5)),), service=5.0),
            windows=(Window(early, early + 400),) if windows else (Window(),),
            **changes,
        )
        for at, early in enumerate(opens.tolist(), start=1)
    )
    metric = PlanarMetric(points, Rounding.DIMACS)
    return Problem(metric, (Depot("D", 0, loading=3.0),), vehicles or (VAN,), jobs)


@pytest.mark.parametrize(
    "asked",
    [
        large(),
        large(windows=True, release=200.0, parking=2.0),
        large(replace(VAN, max_duration=2500.0, max_distance=2300.0, max_stops=6)),
        large(replace(VAN, id="big", capacity=(60,), count=9, fixed_cost=10.0), VAN),
    ],
    ids=["plain", "windows", "limits", "fleet"],
)
def test_first_routes_keep_every_limit(asked: Problem):
    plan = solve(asked, Budget(seconds=1))
    assert plan.complete
    verdict = check(case_of_problem(asked), routes_of_solution(plan))
    assert verdict.faults == []
    assert plan.cost == pytest.approx(verdict.cost)
    alone = sum(2 * np.linalg.norm(asked.metric.points() - 500, axis=1))
    assert plan.cost < alone / 2


def test_a_given_matrix_serves_as_well():
    drawn = large()
    every = np.arange(COUNT + 1)
    legs = drawn.metric.matrix(every, every)
    asked = replace(drawn, metric=MatrixMetric(legs.distance, legs.duration, units=10))
    plan = solve(asked, Budget(seconds=1))
    assert check(case_of_problem(asked), routes_of_solution(plan)).faults == []
    assert plan.cost == pytest.approx(solve(drawn, Budget(seconds=1)).cost, rel=0.03)


def test_what_savings_do_not_know_is_said():
    with pytest.raises(InvalidValueError, match="savings do not know pickups"):
        first_routes(large(pickup=(1,)))


@needs_data
def test_six_thousand_stops_from_the_command_line(tmp_path: Path):
    path = instance("cvrp_belgium_xxl", "Antwerp1.vrp")
    out = tmp_path / "routes.json"
    assert main(["--quiet", "route", "solve", str(path), "--time", "5", "--out", str(out)]) == 0
    document = json.loads(out.read_text())
    case = case_of_file(path)
    verdict = check(case, routes_of_document(case, document))
    assert verdict.faults == []
    assert verdict.cost == document["cost"]
    best = check(case, routes_of_sol(case, read_sol(path.with_suffix(".sol"))[0])).cost
    assert document["cost"] <= best * 1.05
