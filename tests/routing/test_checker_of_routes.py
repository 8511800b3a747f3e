"""The judge of routes: it agrees with every best-known solution and sees every kind of fault."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from routing.checker import (
    Case,
    Stop,
    Vehicle,
    case_of_file,
    check,
    planar,
    read_sol,
    routes_of_sol,
)
from routing.routing_data import SETS, instance, instances, needs_data

UNITS = {"mdvrptw": 1000, "sdvrptw": 1000, "pcvrptw": 10, "mtvrptwr": 10}
"""What a `.sol` counts in, to one unit of the instance; the others state the file's unit."""
SMALL = {
    "cvrp_x": "X-n101-k25.vrp",
    "vrptw_gh1000": "C1_10_1.vrp",
    "vrptw_ortec_realroad": "ORTEC-VRPTW-ASYM-05362619-d1-n212-k20.txt",
    "gvrp": "G-n262-k25-C131-V12.vrp",
    "hfvrp": "X106-FSMD.vrp",
    "mdvrptw": "PR11A.vrp",
    "mtvrptwr": "C201R0.25.vrp",
    "pcvrptw": "C1_10_1.vrp",
    "sdvrptw": "PR01.vrp",
    "vrpb": "X-n524-50-k125.vrp",
}
WITH_BEST_KNOWN = [*SMALL, "cvrp_belgium_xxl"]


def agrees(name: str, path: Path) -> None:
    case = case_of_file(path)
    routes, stated = read_sol(path.with_suffix(".sol"))
    verdict = check(case, routes_of_sol(case, routes))
    assert verdict.faults == []
    assert stated is not None
    if name == "hfvrp":
        # Files of two makers: costs a hundredth of the instance's, or a thousand times them.
        unit = 1000 if stated > verdict.cost else 0.01
        tolerance = 1e-6 if unit < 1 else 2e-7
    else:
        unit = UNITS.get(name, 1)
        # Thousands are sums of legs that were each rounded to a thousandth.
        tolerance = 5e-6 if unit == 1000 else 1e-9
    assert verdict.cost * unit == pytest.approx(stated, rel=tolerance)


@needs_data
@pytest.mark.parametrize("name", SMALL)
def test_the_checker_agrees_with_a_best_known_solution(name: str):
    agrees(name, instance(name, SMALL[name]))


@needs_data
@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_BEST_KNOWN)
def test_the_checker_agrees_with_every_best_known_solution(name: str):
    assert name in SETS
    for path in instances(name):
        agrees(name, path)


POINTS = [(0, 0), (3, 4), (6, 8), (0, 10), (10, 0), (3, 4)]


def small_case(**changes: Any) -> Case:
    """Depot at 0; A and B on one line, C north, D east, E where A is; each a unit of load."""
    distance = planar(POINTS, "exact")
    stops = {name: Stop(place, delivery=(1,)) for place, name in enumerate("ABCDE", start=1)}
    vehicle = Vehicle(2, (5,), 0, 0)
    case = Case(stops, {"v": vehicle}, distance, distance, {"depot": 0})
    for name, fields in changes.items():
        thing: Any = case.vehicles["v"] if name == "v" else case.stops[name]
        for field, value in fields.items():
            setattr(thing, field, value)
    return case


GOOD = [("v", ["A", "E", "B"]), ("v", ["C", "D"])]


def test_a_good_plan_costs_its_distance():
    verdict = check(small_case(), GOOD)
    assert verdict.faults == []
    assert verdict.cost == pytest.approx(20 + 10 + math.sqrt(200) + 10)


def test_parking_is_paid_once_a_place_and_fixed_and_time_costs_are_added():
    case = small_case(A={"parking": 5.0, "service": 2.0}, E={"parking": 5.0, "place": 1})
    case.vehicles["v"].time_rate, case.vehicles["v"].fixed = 1.0, 100.0
    one = check(case, [("v", ["A", "E"])])
    assert one.cost == pytest.approx(10 + 100 + 10 + 5 + 2)


def test_the_least_duration_waits_at_the_depot_not_at_the_door():
    case = small_case(B={"windows": ((50.0, 60.0),)}, v={"max_duration": 20.0})
    assert check(case, GOOD[:1]).faults == [
        "coverage: C is left out",
        "coverage: D is left out",
    ]


@pytest.mark.parametrize(
    ("fault", "changes", "routes"),
    [
        ("coverage: C is left out", {}, [("v", ["A", "E", "B", "D"])]),
        ("coverage: A visited 2 times", {}, [*GOOD[:1], ("v", ["C", "D", "A"])]),
        ("coverage: Z unknown", {}, [*GOOD[:1], ("v", ["C", "D", "Z"])]),
        ("fleet: 3 of vehicle v", {}, [("v", ["A", "E", "B"]), ("v", ["C"]), ("v", ["D"])]),
        ("load 3.0 over 2", {"v": {"capacity": (2,)}}, GOOD),
        ("load 2.0 over 1", {"v": {"capacity": (9, 1)}, **{n: {"delivery": (1, 1), "pickup": (0, 0)}
                                                         for n in "ABCDE"}}, GOOD),
        ("load 5.0 over 2", {"v": {"capacity": (2,)}, "A": {"delivery": (0,), "pickup": (2,)}},
         [("v", ["A", "E", "B", "C"]), ("v", ["D"])]),
        ("window missed at B", {"B": {"windows": ((0.0, 9.9),)}}, GOOD),
        ("window missed at B", {"B": {"windows": ((0.0, 4.0), (6.0, 9.0))}}, GOOD),
        ("window missed at B", {"A": {"release": 6.0}, "B": {"windows": ((0.0, 15.0),)}}, GOOD),
        ("ends 20.0 after the shift", {"v": {"closes": 19.0}}, GOOD[:1]),
        ("lasts 29.99", {"v": {"max_duration": 25.0}, "A": {"windows": ((5.0, 5.0),)},
                        "B": {"windows": ((20.0, 99.0),)}}, GOOD),
        ("distance", {"v": {"max_distance": 19.0}}, GOOD),
        ("3 stops", {"v": {"max_stops": 2}}, GOOD),
        ("reload at depot", {}, [("v", ["A", "depot", "E", "B"]), ("v", ["C", "D"])]),
        ("backhaul", {"v": {"deliveries_first": True}, "A": {"delivery": (0,), "pickup": (1,)}},
         GOOD),
        ("backhaul", {"v": {"deliveries_first": True}, "D": {"delivery": (0,), "pickup": (1,)},
                      "C": {"delivery": (0,), "pickup": (1,)}}, GOOD),
        ("pair A before B", {"A": {"pair": "B", "takes": (-1,)},
                             "B": {"pair": "A", "takes": (1,)}}, GOOD),
        ("pair C without A", {"A": {"pair": "C", "takes": (1,)},
                              "C": {"pair": "A", "takes": (-1,)}}, GOOD),
        ("load 3.0 over 2", {"v": {"capacity": (2,)}, **{n: {"delivery": (0,)} for n in "ABCDE"},
                             "A": {"pair": "B", "takes": (3.0,), "delivery": (0,)},
                             "B": {"pair": "A", "takes": (-3.0,), "delivery": (0,)}}, GOOD),
        ("group: g served", {"A": {"group": "g"}, "C": {"group": "g"}}, GOOD),
        ("group: g is left out", {"C": {"group": "g"}, "D": {"group": "g"}}, GOOD[:1]),
        ("skills of A", {"A": {"needs": frozenset({"lift"})}}, GOOD),
        ("may not serve A", {"A": {"only": frozenset({"w"})}}, GOOD),
        ("may not serve A", {"A": {"never": frozenset({"v"})}}, GOOD),
    ],
)  # fmt: skip
def test_the_checker_sees(fault: str, changes: dict[str, Any], routes: list[Any]):
    faults = check(small_case(**changes), routes).faults
    assert any(fault in each for each in faults), faults


def test_a_reload_empties_and_fills_the_vehicle():
    case = small_case(v={"capacity": (2,), "reloads": frozenset({"depot"}), "count": 2})
    routes = [("v", ["A", "E", "depot", "B"]), ("v", ["C", "D"])]
    assert check(case, routes).faults == []
    case.vehicles["v"].max_reloads = 0
    assert check(case, routes).faults == ["route 1: 1 reloads"]


def test_what_is_optional_costs_its_prize_when_left_out():
    case = small_case(C={"required": False, "prize": 7.0}, D={"required": False, "prize": 9.0})
    assert check(case, GOOD[:1]).faults == []
    assert check(case, GOOD[:1]).cost == pytest.approx(20 + 7 + 9)
