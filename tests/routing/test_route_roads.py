"""Route documents over roads, and with speeds by the hour: read, planned, explained, refused."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from crossdock.locate.roads.streets import (
    TRUCK,
    VAN,
    RoadPlaces,
    VehicleRoads,
    grid_of_streets,
)
from crossdock.model import UsageError
from crossdock.plan.routing import Budget, MatrixMetric, RoadMetric, solve
from crossdock.platform.cli import main
from crossdock.platform.roads import (
    MatrixStore,
    RoadSource,
    roads_of_environment,
    write_roads,
)
from crossdock.platform.routing.documents import (
    FaultyDocumentError,
    SearchTold,
    plan_document,
    question_of,
    read_rows,
)
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.server.routing.asking import checked, explained
from routing.minute_driver import faults_in

GRAPH = grid_of_streets(20, seed=1)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("roads") / "city.roads"
    write_roads(GRAPH, path)
    return path


def told(**more: Any) -> dict[str, Any]:
    return {
        "starts_at": "2026-03-06T07:00:00-06:00",
        "distances": {"kind": "roads", "profile": "truck"},
        "depots": [{"id": "D", "lat": 0.0, "lon": 0.0}],
        "vehicles": [
            {"id": "van", "count": 3, "start": {"depot": "D"}, "capacity": {"load": 6},
             "costs": {"usd_per_h": 20, "usd_per_km": 0.3}}
        ],
        "jobs": [
            {"id": f"J{at}", "lat": 0.003 * (at % 5 - 2), "lon": 0.004 * (at % 3 - 1),
             "service_s": 60, "delivery": {"load": 1}}
            for at in range(12)
        ],
    } | more  # fmt: skip


def written(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def route(*arguments: object) -> int:
    return main(["--quiet", "route", *map(str, arguments)])


def test_times_are_those_of_the_profile_over_the_roads(graph: Path, tmp_path: Path):
    store = MatrixStore(tmp_path / "kept")
    source = RoadSource(str(graph), store)
    document = read_rows(told(), "problem", roads=source).document
    found = question_of(document, source)
    metric = found.problem.metric
    assert isinstance(metric, MatrixMetric)
    latitude = [each.lat for each in found.positions]
    longitude = [each.lon for each in found.positions]
    every = np.arange(len(latitude))
    for vehicle, is_own in ((TRUCK, True), (VAN, False)):
        places = RoadPlaces.of(VehicleRoads.of(GRAPH, vehicle), latitude, longitude)
        seconds, metres = places.matrix(every, every)
        same = np.allclose(metric.duration, np.ceil(seconds - 1e-3))
        assert same == is_own
        assert np.allclose(metric.distance, np.rint(metres)) or not is_own
    assert len(list((tmp_path / "kept").iterdir())) == 1
    again = question_of(document, RoadSource(str(graph), store)).problem.metric
    assert isinstance(again, MatrixMetric)
    assert (again.duration == metric.duration).all()
    lazy = question_of(document, source, all_pairs=False).problem.metric
    assert isinstance(lazy, RoadMetric)
    assert (lazy.times(every[:3], every[1:4]) == metric.times(every[:3], every[1:4])).all()
    half = told(distances={"kind": "roads", "profile": "truck", "speed_factor": 0.5})
    slow = question_of(read_rows(half, "p", roads=source).document, source).problem.metric
    assert isinstance(slow, MatrixMetric)
    assert (np.abs(slow.duration - 2 * metric.duration) <= 1).all()


def test_measures_of_the_vehicle_are_its_own(graph: Path):
    source = RoadSource(str(graph))
    tall = told(distances={"kind": "roads", "profile": "truck", "height_m": 4.5, "weight_t": 40})
    assert read_rows(tall, "problem", roads=source).document.distances.height_m == 4.5  # pyright: ignore


def test_who_is_off_the_roads_is_named(graph: Path):
    source = RoadSource(str(graph))
    far = told(shipments=[{"id": "S", "pickup": {"lat": 0.3, "lon": 0.0},
                           "delivery": {"lat": 0.0, "lon": 0.0}}])  # fmt: skip
    far["jobs"][3]["lat"] = 0.5
    with pytest.raises(FaultyDocumentError) as raised:
        read_rows(far, "problem", roads=source)
    said = [str(each) for each in raised.value.faults]
    assert len(said) == 2
    assert said[0].startswith('jobs[3] "J3": lat is 54,')
    assert "m from the nearest road that a truck can use; correct lat and lon" in said[0]
    assert said[1].startswith('shipments[0] "S": pickup.lat is ')
    good = read_rows(far, "problem", roads=source, skip_bad=True)
    assert [each.who for each in good.skipped] == ['jobs[3] "J3"', 'shipments[0] "S"']
    assert len(good.document.jobs) == 11
    wide = far | {"distances": {"kind": "roads", "snap_m": 100_000}}
    assert len(read_rows(wide, "problem", roads=source).document.jobs) == 12
    away = told(depots=[{"id": "D", "lat": 1.0, "lon": 0.0}])
    with pytest.raises(FaultyDocumentError, match=r'depots\[0\] "D": lat'):
        read_rows(away, "problem", roads=source, skip_bad=True)


def test_a_pair_without_a_way_is_named(graph: Path, monkeypatch: pytest.MonkeyPatch):
    source = RoadSource(str(graph))
    document = read_rows(told(), "problem", roads=source).document
    places = source.places(TRUCK, np.zeros(2), np.array([0.0, 0.004]), ["a", "b"])

    class Broken:
        latitude, longitude = np.zeros(12), np.zeros(12)

        def matrix(self, rows: Any, columns: Any) -> Any:
            seconds = np.ones((len(rows), len(columns)), np.float32)
            seconds[2, 5] = np.inf
            return seconds, seconds

        pairs = places.pairs

    monkeypatch.setattr(RoadSource, "places", lambda *_, **__: Broken())
    with pytest.raises(FaultyDocumentError) as raised:
        question_of(document, source)
    fault = str(raised.value.faults[0])
    assert 'no way from jobs[1] "J1" to jobs[4] "J4"' in fault
    assert "another distances.profile" in fault


def test_plan_explain_and_replan_over_roads(graph: Path, tmp_path: Path):
    problem, plan = written(tmp_path / "problem.json", told()), tmp_path / "plan.json"
    asked = ("--iterations", 40, "--workers", 1, "--out", plan)
    assert route("plan", problem, *asked) == 2
    assert route("plan", problem, *asked, "--roads", "http://127.0.0.1:8002") == 2
    assert route("plan", problem, *asked, "--roads-cache", tmp_path / "kept") == 2
    roads = ("--roads", graph, "--roads-cache", tmp_path / "kept")
    assert route("plan", problem, *asked, *roads) == 0
    made = json.loads(plan.read_text(encoding="utf-8"))
    assert made["totals"]["stops"] == 12
    assert route("explain", problem, plan, "--stop", "J3", *roads) == 0
    assert route("explain", problem, plan) == 2
    starts = dt.datetime.fromisoformat(made["routes"][0]["stops"][1]["arrives_at"])
    now = (starts - dt.timedelta(seconds=5)).isoformat()
    events = written(tmp_path / "events.json", {"now": now, "events": [
        {"kind": "order_cancelled", "id": made["routes"][0]["stops"][-1]["id"]}]})  # fmt: skip
    out = tmp_path / "new.json"
    more = ("--events", events, "--iterations", 10, "--out", out)
    assert route("replan", problem, plan, *more, *roads) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["complete"]


def test_roads_that_a_problem_does_not_ask_for_are_refused(
    graph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    problem = written(tmp_path / "problem.json", told(distances={"kind": "streets"}))
    out = tmp_path / "plan.json"
    asked = ("--iterations", 5, "--workers", 1, "--out", out)
    assert route("plan", problem, *asked, "--roads", graph) == 2
    said = capsys.readouterr().err
    assert "distances ask for no roads" in said
    assert "leave out --roads" in said
    assert not out.exists()
    assert route("plan", problem, *asked) == 0
    assert route("explain", problem, out, "--roads", graph) == 2


def test_the_operator_names_the_roads_of_a_server(graph: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CROSSDOCK_ROADS", raising=False)
    with pytest.raises(RefusedError) as refused:
        checked({"problem": told()}, skip_bad=False)
    assert "CROSSDOCK_ROADS" in str(refused.value.errors)
    monkeypatch.setenv("CROSSDOCK_ROADS", str(graph))
    checked({"problem": told()}, skip_bad=False)
    source = roads_of_environment()
    assert source is not None
    question = question_of(read_rows(told(), "p", roads=source).document, source)
    plan = plan_document(
        question, solve(question.problem, Budget(iterations=20)), SearchTold(0, 1, [])
    )
    assert len(explained({"problem": told(), "plan": plan})["routes"]) == len(plan["routes"])
    monkeypatch.setenv("CROSSDOCK_ROADS", str(graph) + ".gone")
    with pytest.raises(RefusedError) as gone:
        checked({"problem": told()}, skip_bad=False)
    assert "gone" not in str(gone.value)
    named = told(distances={"kind": "roads", "graph": "/etc/passwd"})
    with pytest.raises(RefusedError):
        checked({"problem": named}, skip_bad=False)


def test_an_address_alone_is_no_road_server():
    with pytest.raises(UsageError, match="what kind"):
        RoadSource("https://127.0.0.1:8002")


SPEEDS = [
    {"days": "MTWTF--", "from_hour": 7, "to_hour": 9, "speed_factor": 0.5},
    {"days": "-----SU", "from_hour": 0, "to_hour": 24, "speed_factor": 1.2},
    {"days": "MTWTF--", "from_hour": 8, "to_hour": 9, "speed_factor": 0.4},
]


@pytest.mark.parametrize("zone", ["America/Chicago", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"])
def test_hours_are_those_of_clocks_on_the_wall_also_when_they_change(zone: str):
    document = told(distances={"kind": "streets"}, speeds=SPEEDS, timezone=zone)
    found = question_of(read_rows(document, "problem").document)
    speeds = found.problem.speeds
    assert speeds is not None

    def by_hand(instant: dt.datetime) -> float:
        local, factor = instant.astimezone(ZoneInfo(zone)), 1.0
        for row in SPEEDS:
            on = row["days"][local.weekday()] != "-"
            if on and row["from_hour"] <= local.hour < row["to_hour"]:
                factor = row["speed_factor"]
        return factor

    # Two days, that on which clocks go forward in the US, a month later in Australia.
    for start in (0, 36 * 3600, 30 * 86400):
        for minute in range(0, 2880, 11):
            clock = float(start + 60 * minute)
            gone = speeds.arrives(clock, 1e-3) - clock
            assert gone == pytest.approx(1e-3 / by_hand(found.instant(clock)), rel=1e-4)


def test_a_plan_of_a_document_with_speeds_is_in_time_and_slower():
    document = told(distances={"kind": "streets"}, speeds=SPEEDS, timezone="America/Chicago")
    found = question_of(read_rows(document, "problem").document)
    plan = solve(found.problem, Budget(iterations=30), 1)
    assert plan.complete
    assert faults_in(found.problem, plan) == []
    usual = question_of(read_rows(told(distances={"kind": "streets"}), "problem").document)
    assert usual.problem.speeds is None
    quick = solve(usual.problem, Budget(iterations=30), 1)
    lasts = [sum(each.ends - each.starts for each in made.routes) for made in (plan, quick)]
    assert lasts[0] > 1.1 * lasts[1]
    made = plan_document(found, plan, SearchTold(1, 1.0, []))
    for row in made["routes"]:
        ends = dt.datetime.fromisoformat(row["ends_at"])
        starts = dt.datetime.fromisoformat(row["starts_at"])
        assert (ends - starts).total_seconds() == pytest.approx(row["duration_s"], abs=0.01)
