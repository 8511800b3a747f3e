"""Benchmark files become the problems they mean, and say where they do not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from crossdock.model import CrossdockError, InputUnusableError
from crossdock.plan.routing import Backhauls, MatrixMetric, PlanarMetric, Rounding, StreetMetric
from crossdock.platform.routing import Instance, read_instance
from routing.routing_data import SETS, instance, instances, needs_data

CVRP = """NAME : tiny
COMMENT : "three clients"
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 5
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
4 0 1
DEMAND_SECTION
1 0
2 2
3 3
4 1
DEPOT_SECTION
 1
 -1
EOF
"""
FLEET = """NAME: many
TYPE: ANY
DIMENSION: 5
VEHICLES: 3
EDGE_WEIGHT_TYPE: EXPLICIT
EDGE_WEIGHT_FORMAT: FULL_MATRIX
EDGE_WEIGHT_SECTION
0 1 2 3 4
1 0 2 3 4
2 2 0 3 4
3 3 3 0 4
4 4 4 4 0.5
LINEHAUL_SECTION
1 0
2 0
3 4
4 0
5 1
BACKHAUL_SECTION
1 0
2 0
3 0
4 2
5 0
CAPACITY_SECTION
1 10
2 10
3 20
SERVICE_TIME : 7
TIME_WINDOW_SECTION
1 0 100
2 5 90
3 1 50
4 1 60
5 0 99
RELEASE_TIME_SECTION
1 0
2 0
3 9
4 0
5 0
PRIZE_SECTION
1 0
2 0
3 0
4 8
5 0
MUTUALLY_EXCLUSIVE_GROUP_SECTION
1 3 5
2 4
VEHICLES_DEPOT_SECTION
1 2
2 2
3 1
VEHICLES_RELOAD_DEPOT_SECTION
1 1
2 1
3
VEHICLES_MAX_DURATION : 40
VEHICLES_MAX_RELOADS : 2
VEHICLES_FIXED_COST_SECTION
1 6
2 6
3 7
VEHICLES_UNIT_DISTANCE_COST : 3
VEHICLES_ALLOWED_CLIENTS_SECTION
1 3 4
2 3 4
3 4 5
DEPOT_SECTION
1
2
EOF
"""
SOLOMON = """r1

VEHICLE
NUMBER     CAPACITY
  25         200

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      35         35          0          0       230          0
    1      41         49         10        161       171         10
"""
LI_LIM = """25\t200\t1
0\t40\t50\t0\t0\t1236\t0\t0\t0
1\t45\t68\t-10\t912\t967\t90\t2\t0
2\t45\t70\t10\t825\t870\t90\t0\t1
"""


def read(folder: Path, text: str, rounding: Rounding | None = None) -> Instance:
    path = folder / "file.vrp"
    path.write_text(text)
    return read_instance(path, rounding)


def test_a_cvrp_file(tmp_path: Path):
    tiny = read(tmp_path, CVRP)
    problem = tiny.problem
    assert (tiny.name, tiny.kind) == ("tiny", "CVRP")
    assert [(job.id, job.delivery) for job in problem.jobs] == [
        ("2", (2,)),
        ("3", (3,)),
        ("4", (1,)),
    ]
    assert problem.depots[0].id == "1"
    assert (problem.vehicles[0].count, problem.vehicles[0].capacity) == (None, (5,))
    assert isinstance(problem.metric, PlanarMetric)
    assert problem.metric.rounding is Rounding.ROUND


def test_the_rounding_that_is_asked_for_is_used(tmp_path: Path):
    metric = read(tmp_path, CVRP, Rounding.TRUNC).problem.metric
    assert isinstance(metric, PlanarMetric)
    assert metric.rounding is Rounding.TRUNC


def test_every_field_of_a_fleet_file(tmp_path: Path):
    problem = read(tmp_path, FLEET).problem
    assert isinstance(problem.metric, MatrixMetric)
    assert problem.metric.lengths(np.array([4]), np.array([4]))[0] == 0.5
    jobs = {job.id: job for job in problem.jobs}
    assert list(jobs) == ["3", "4", "5"]
    assert (jobs["3"].delivery, jobs["4"].pickup) == ((4,), (2,))
    assert (jobs["3"].service, jobs["3"].release) == (7, 9)
    assert (jobs["3"].windows[0].opens, jobs["3"].windows[0].closes) == (1, 50)
    assert (jobs["4"].prize, jobs["4"].required, jobs["3"].required) == (8, False, True)
    assert (jobs["3"].group, jobs["4"].group, jobs["5"].group) == ("1", None, "1")
    assert jobs["3"].allowed_vehicles == {"1"}
    assert jobs["4"].allowed_vehicles == {"1", "3"}
    first, third = problem.vehicles
    assert (first.id, first.count, third.id, third.count) == ("1", 2, "3", 1)
    assert (first.start_depot, third.start_depot) == ("2", "1")
    assert (first.shift_starts, first.shift_ends) == (5, 90)
    assert (first.capacity, third.capacity) == ((10,), (20,))
    assert (first.fixed_cost, third.fixed_cost, first.distance_cost) == (6, 7, 3)
    assert (first.reload_depots, third.reload_depots, first.max_reloads) == (("1",), (), 2)
    assert first.max_duration == 40


def test_solomon_counts_from_0_and_uses_real_distances(tmp_path: Path):
    told = read(tmp_path, SOLOMON)
    assert told.problem.jobs[0].id == "1"
    assert told.problem.vehicles[0].count == 25
    assert told.problem.vehicles[0].shift_ends == 230
    assert told.problem.metric.lengths(np.array([0]), np.array([1]))[0] == pytest.approx(232**0.5)


def test_li_lim_pairs_pickups_with_deliveries(tmp_path: Path):
    (ship,) = read(tmp_path, LI_LIM).problem.shipments
    assert (ship.pickup.id, ship.delivery.id, ship.amount) == ("2", "1", (10,))
    assert (ship.pickup.windows[0].opens, ship.delivery.service) == (825, 90)


def test_an_amazon_route_is_seconds_since_its_departure(tmp_path: Path):
    package = {
        "time_window": {"start_time_utc": "2018-07-27 16:00:00",
                        "end_time_utc": "2018-07-27 18:00:00"},
        "planned_service_time_seconds": 59.3,
        "dimensions": {"depth_cm": 10.0, "height_cm": 5.0, "width_cm": 2.01},
    }  # fmt: skip
    route = {
        "route": {
            "date_YYYY_MM_DD": "2018-07-27",
            "departure_time_utc": "15:00:00",
            "executor_capacity_cm3": 3313071.0,
            "stops": {
                "A": {"lat": 34.0, "lng": -118.0, "type": "Dropoff", "zone_id": None},
                "S": {"lat": 34.1, "lng": -118.0, "type": "Station", "zone_id": None},
            },
        },
        "packages": {"A": {"P": package}},
    }
    told = read(tmp_path, json.dumps(route))
    (job,) = told.problem.jobs
    assert not told.numbered
    assert (job.id, job.delivery, job.service) == ("A", (101,), 59.3)
    assert (job.windows[0].opens, job.windows[0].closes) == (3600, 3 * 3600)
    assert isinstance(told.problem.metric, StreetMetric)


@pytest.mark.parametrize(
    ("change", "message", "remedy"),
    [
        (("DIMENSION : 4", "DIMENSION : four"), "line 4: 'four' is no number", "number"),
        (("DIMENSION : 4", "DIMENSION : 0"), "line 4: DIMENSION is 0", "from 1"),
        (("3 6 8", "3 6"), "line 10: NODE_COORD_SECTION has 1 values for 3", "give 2"),
        (("3 6 8\n", ""), "line 7: NODE_COORD_SECTION lacks 3", "1 to 4"),
        (("3 6 8", "2 6 8"), "line 10: NODE_COORD_SECTION has 2 twice", "once"),
        (("3 6 8", "9 6 8"), "line 10: NODE_COORD_SECTION has the id 9", "1 to 4"),
        (("3 6 8", "3 6 nan"), "line 10: 'nan' is no number", "number"),
        (("3 3\n", "3 2.5\n"), "line 12: DEMAND_SECTION has [2.5] for 3", "whole"),
        (("CAPACITY : 5", "WIDTH : 5"), "line 6: the field WIDTH is not known", "take it out"),
        (("DEMAND_SECTION", "WISH_SECTION"), "line 12: WISH_SECTION is not known", "take it out"),
        (("EUC_2D", "GEO"), "line 5: EDGE_WEIGHT_TYPE GEO is not known", "EUC_2D"),
        ((" 1\n -1", " 7\n -1"), "line 18: DEPOT_SECTION has 7", "1 to 4"),
        (("NAME : tiny", "NAME : tiny\nrubbish"), "line 2: 'rubbish' belongs", "NAME : value"),
    ],
)
def test_a_fault_in_a_file_has_its_line_and_a_remedy(
    tmp_path: Path, change: tuple[str, str], message: str, remedy: str
):
    assert change[0] in CVRP
    with pytest.raises(InputUnusableError) as caught:
        read(tmp_path, CVRP.replace(*change, 1))
    assert message in caught.value.message
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the format is not known"),
        ("hello\n", "the format is not known"),
        ('{"route": ', "line 1"),
        ('{"route": {}}', "KeyError"),
        (SOLOMON.replace("  25         200", ""), "there are no vehicles"),
        (SOLOMON.replace("41         49", "41"), "line 11: there are 6 numbers"),
        (LI_LIM.replace("\t2\t0\n", "\t0\t0\n"), "which is not its own"),
        (LI_LIM.replace("\t0\t1\n", "\t0\t9\n"), "2 is brought to 9"),
        (LI_LIM.replace("45\t70\t10", "45\t70\t1e999"), "is no number"),
    ],
)
def test_what_is_no_instance_is_refused_in_one_line(tmp_path: Path, text: str, message: str):
    with pytest.raises(CrossdockError, match=re.escape(message)) as caught:
        read(tmp_path, text)
    assert "\n" not in caught.value.message


def test_a_missing_file_a_folder_and_bytes_are_refused(tmp_path: Path):
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(InputUnusableError, match="cannot read"):
            read_instance(path)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputUnusableError, match="no text"):
        read_instance(tmp_path / "bytes")


@needs_data
def test_linehauls_before_backhauls_and_no_fleet_where_the_field_is_a_bound():
    vrpb = read_instance(instance("vrpb", "X-n524-50-k125.vrp"))
    assert vrpb.problem.vehicles[0].backhauls is Backhauls.LAST
    ortec = instance("vrptw_ortec_realroad", "ORTEC-VRPTW-ASYM-05362619-d1-n212-k20.txt")
    assert read_instance(ortec).problem.vehicles[0].count is None


@needs_data
@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_every_instance_is_read(name: str):
    for path in instances(name):
        problem = read_instance(path).problem
        assert len(problem.nodes) > 5, path
