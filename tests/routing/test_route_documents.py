"""PROBLEM.json and PLAN.json: what goes in means one problem, what is wrong is named by row."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from crossdock.model import InputUnusableError
from crossdock.platform.routing.documents import (
    FaultyDocumentError,
    json_schema,
    object_of,
    read_plan,
    read_rows,
    sequences_of,
)
from routing.plan_checker import judged
from routing.route_documents import (
    at,
    example,
    planned,
    problems,
    question,
    ruled_problems,
    solved,
)

PROBLEM = Draft202012Validator(json_schema("problem"))
PLAN = Draft202012Validator(json_schema("plan"))


def faults_of(told: dict[str, Any]) -> list[str]:
    with pytest.raises(FaultyDocumentError) as refused:
        read_rows(told, "problem")
    return [str(fault) for fault in refused.value.faults]


def test_the_example_is_planned_and_its_plan_is_what_it_says():
    told = example()
    PROBLEM.validate(told)
    plan = planned(told, iterations=200)
    PLAN.validate(plan)
    assert judged(told, plan) == []
    assert plan["complete"]
    assert [each["id"] for each in plan["unassigned"]] == ["R-2"]


def test_the_judge_sees_what_is_wrong_with_a_plan():
    told = example()
    plan = planned(told, iterations=50)
    for change, said in (
        (lambda route: route["stops"].reverse(), ""),
        (lambda route: route.update(slack_s=route["slack_s"] + 60), "too much"),
        (lambda route: route.update(slack_s=route["slack_s"] - 60), "too little"),
        (lambda route: route["stops"][0]["load"].update(parcels=99), "load after"),
        (lambda route: route["stops"][0].update(arrives_at=at(0)), "arrival"),
        (lambda route: route["costs"].update(fixed_usd=0.0), "costs"),
    ):
        wrong = copy.deepcopy(plan)
        change(wrong["routes"][0])
        assert any(said in fault for fault in judged(told, wrong)), said


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems())
def test_any_problem_that_the_schema_allows_gives_a_plan_that_keeps_every_limit(told):
    PROBLEM.validate(told)
    plan = json.loads(json.dumps(planned(told)))
    PLAN.validate(plan)
    assert judged(told, plan) == []


def test_the_judge_sees_days_against_the_law():
    told = example()
    for row in (*told["jobs"], *(each["delivery"] for each in told["shipments"])):
        row["service_s"] = 3_600
        row.pop("windows", None)
    for row in told["vehicles"]:
        row["hos_rules"] = "US_70_8"
        row.pop("max_duration_s", None)
        row["shift_ends_at"] = at(20 * 60)
    plan = planned(told, iterations=50)
    assert judged(told, plan) == []
    where = next(at_ for at_, each in enumerate(plan["routes"]) if len(each["breaks"]) == 3)
    for change, said in (
        (lambda route: route["breaks"].clear(), "no meal"),
        (lambda route: route["breaks"].pop(), "arrival"),
        (lambda route: [each.update(kind="pause") for each in route["breaks"]], "0 rests, 2 due"),
        (
            lambda route: route["breaks"][0].update(ends_at=route["breaks"][0]["starts_at"]),
            " of 0 s",
        ),
        (lambda route: route.update(duration_s=route["duration_s"] + 60), "cost"),
    ):
        wrong = copy.deepcopy(plan)
        change(wrong["routes"][where])
        assert any(said in fault for fault in judged(told, wrong)), said


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(ruled_problems())
def test_drivers_days_keep_the_law(told):
    plan = json.loads(json.dumps(planned(told)))
    assert judged(told, plan) == []


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems())
def test_a_plan_is_the_start_of_another_that_is_no_dearer(told):
    asked, solution, plan = solved(told)
    read = read_plan(json.loads(json.dumps(plan)), "plan")
    routes = sequences_of(asked, read, "plan")
    assert [(kind, list(nodes)) for kind, nodes in routes] == [
        (kind, list(nodes)) for kind, nodes in solution.sequences
    ]
    again = planned(told, iterations=0, start=routes)
    if solution.complete:
        assert again["totals"]["cost_usd"] <= plan["totals"]["cost_usd"]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems())
def test_a_problem_that_is_written_again_means_the_same(told):
    document = read_rows(told, "problem").document
    again = json.loads(document.model_dump_json(exclude_unset=True))
    one, other = question(told).problem, question(again).problem
    assert (one.jobs, one.shipments, one.vehicles, one.depots) == (
        other.jobs, other.shipments, other.vehicles, other.depots,
    )  # fmt: skip


# What is wrong is named


WRONG = [
    ("jobs.0.windws", [], "jobs[0] \"A-101\": windws is not known; did you mean 'windows'?"),
    ("jobs.1.delivery", {"parcel": 1}, "delivery.parcel is no dimension of capacity"),
    ("jobs.1.delivery", {"parcels": -1}, "delivery.parcels is -1; give 0 or more"),
    ("jobs.1.delivery", {"weight_kg": 0.00001}, "give at most three decimals"),
    ("jobs.1.delivery", {"parcels": "2"}, 'delivery.parcels is "2"; give a number'),
    ("jobs.1.lat", 91, "lat is 91; give at most 90"),
    ("jobs.1.lon", None, "lon is missing; give both"),
    ("jobs.1.place", "x", "place stands beside lat and lon"),
    ("jobs.1.id", "A-101", "id is that of jobs[0] too"),
    ("jobs.1.id", "A\n1", "id has control characters"),
    ("jobs.1.windows", [{"opens_at": at(90), "closes_at": at(30)}], "before opens_at"),
    ("jobs.1.windows", [{"opens_at": "2026-03-02T09:00:00"}], "an instant with its zone"),
    ("jobs.1.windows", [{"closes_at": at(-120)}], "before the plan"),
    ("jobs.1.windows", [{"closes_at": "2062-03-02T09:00:00Z"}], "within a year of starts_at"),
    ("jobs.1.windows", [{"opens_at": at(60)}, {"opens_at": at(90)}], "in order, without overlap"),
    ("jobs.1.windows", [], "windows has too few entries"),
    ("jobs.1.allowed_vehicles", ["vann"], "did you mean 'van'?"),
    ("jobs.1.group", None, None),
    ("jobs.1.service_s", -1, "service_s is -1; give 0 or more"),
    ("jobs.1.service_s", True, "service_s is true; give a number"),
    ("jobs.1.priority", 1.5, "priority is 1.5; give a whole number"),
    ("jobs.1.release_at", at(2000), None),
    ("jobs.0.release_at", at(600), "let its last window close after it"),
    ("jobs.3", 7, "jobs[3]: the document is 7; give an object"),
    ("jobs", {}, "jobs is {}; give a list of objects"),
    ("vehicles.0.start", {"depot": "CHI-4"}, "did you mean 'CHI-3'?"),
    ("vehicles.0.start", {}, "start.lat is missing; give a depot, lat and lon, or a place"),
    ("vehicles.0.reload_depots", ["nowhere"], "reload_depots[0] is \"nowhere\""),
    ("vehicles.0.hos_rules", "US_70_9", "did you mean 'US_70_8'?"),
    ("vehicles.0.pinned", ["A-101"], "count is 2 beside pinned stops"),
    ("vehicles.1.pinned", ["A-101", "A-101"], "is pinned twice"),
    ("vehicles.0.costs.usd_per_mile", 1, "did you mean 'usd_per_km'?"),
    ("vehicles.0.shift_ends_at", at(-500), "before the plan"),
    ("vehicles.0.count", 0, "count is 0; give 1 or more"),
    ("vehicles", [], "vehicles has no good row"),
    ("depots.0.closes_at", at(-500), "before the plan"),
    ("distances", {"kind": "streets", "speed": 8}, "did you mean 'speed_m_s'?"),
    ("distances", {"kind": "roads", "graph": "x"}, "graph is not known"),
    ("distances", {"kind": "roads"}, "distances are of roads, and none are named; name a graph"),
    ("distances", {"kind": "roads", "profile": "bike"}, "distances.profile is \"bike\""),
    ("timezone", "Mars/Olympus", "timezone is \"Mars/Olympus\"; give an IANA name"),
    ("timezone", "../etc/passwd", "timezone is \"../etc/passwd\"; give an IANA name"),
    ("speeds", [{"from_hour": 7, "to_hour": 9, "speed_factor": 0.5}], "timezone is missing"),
    ("speeds", [{"from_hour": 9, "to_hour": 9, "speed_factor": 0.5}],
     "speeds[0]: to_hour is 9; give an hour after 9"),
    ("speeds", [{"days": "weekdays", "from_hour": 7, "to_hour": 9, "speed_factor": 0.5}],
     "speeds[0]: days is \"weekdays\""),
    ("speeds", [{"from_hour": 7, "to_hour": 9, "speed_factor": 0.01}],
     "speeds[0].speed_factor is 0.01; give 0.05 or more"),
    ("distances", {"kind": "flight"}, "'streets', 'matrix'"),
    ("starts_at", "soon", 'starts_at is "soon"'),
    ("starts_at", "9999-12-31T23:59:59-12:00", "starts_at is"),
    ("version", 2, "version is 2; give 1"),
    ("vehicle", [], "did you mean 'vehicles'?"),
    ("relations", [{"kind": "order", "stops": ["A-101", "A-1o2"]}], "did you mean 'A-1"),
    ("relations", [{"kind": "order", "stops": ["A-101", "A-101"]}], "names a stop twice"),
    ("relations", [{"kind": "before", "stops": ["A-101", "A-102"]}], "'same_vehicle', 'order'"),
    ("shipments.0.pickup.windows", [{"closes": 1}], "did you mean 'closes_at'?"),
    ("shipments.0.delivery.id", "A-101", "is that of jobs[0] too"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "said"), WRONG)
def test_what_is_wrong_is_named_with_its_row_and_a_remedy(path: str, value: Any, said: str | None):
    told = example()
    put(told, path, value)
    if said is None:
        read_rows(told, "problem")
        return
    assert any(said in fault for fault in faults_of(told)), faults_of(told)


def put(told: Any, path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for part in parents:
        told = told[int(part)] if isinstance(told, list) else told.setdefault(part, {})
    told[int(last) if isinstance(told, list) else last] = value


def test_all_faults_are_named_up_to_a_bound():
    told = example()
    for number, job in enumerate(told["jobs"]):
        job["lat"] = 91 + number
        job["servce_s"] = 1
    assert len(faults_of(told)) == 2 * len(told["jobs"])
    told["jobs"] = [{"id": str(number)} | {"x": 1} for number in range(5_000)]
    with pytest.raises(FaultyDocumentError, match="more than 50 faults") as refused:
        read_rows(told, "problem")
    assert refused.value.more


def test_matrices_have_a_number_for_each_pair_of_places():
    told = example()
    told["places"] = [{"id": "a"}, {"id": "b"}]
    told["depots"][0] = {"id": "CHI-3", "place": "a"}
    told["jobs"], told["shipments"] = [{"id": "J", "place": "b"}], []
    good = [[0, 1000], [1200, 0]]
    for wrong, said in (
        ([[0, 1], [2]], "distances.distance_m[1] has 1 numbers"),
        ([[0, 1]], "has 1 rows for 2 places"),
        ([[0, -1], [1, 0]], "distance_m[0][1] is -1"),
        ([[0, None], [1, 0]], "distance_m[0][1] is null"),
        ([[0, "9"], [1, 0]], 'is "9"'),
        (3, "has 0 rows"),
    ):
        told["distances"] = {"kind": "matrix", "distance_m": wrong, "duration_s": good}
        assert any(said in fault for fault in faults_of(told)), said
    told["distances"]["distance_m"] = good
    assert judged(told, planned(told)) == []
    told["jobs"][0] = {"id": "J", "lat": 41.0, "lon": -87.0}
    assert any("name a place of the matrices" in fault for fault in faults_of(told))


def test_bad_rows_are_left_out_on_request_with_what_hangs_on_them():
    told = example()
    told["jobs"][0]["lat"] = 91
    told["relations"] = [{"kind": "same_vehicle", "stops": ["A-101", "A-103"]}]
    read = read_rows(told, "problem", skip_bad=True)
    assert [fault.who for fault in read.skipped] == ['jobs[0] "A-101"', "relations[0]"]
    assert "A-101" not in {job.id for job in read.document.jobs}
    told["depots"][0]["lat"] = 91
    with pytest.raises(FaultyDocumentError, match="depots"):
        read_rows(told, "problem", skip_bad=True)
    told = example()
    for job in told["jobs"]:
        job["lat"] = 91
    told["shipments"] = []
    with pytest.raises(FaultyDocumentError, match="jobs"):
        read_rows(told, "problem", skip_bad=True)


def test_amounts_may_have_decimals_and_are_told_in_their_own_unit():
    told = example()
    told["jobs"][15]["delivery"] = {"weight_kg": 1000.5}
    plan = planned(told)
    (left,) = [each for each in plan["unassigned"] if each["id"] == "A-116"]
    assert 400.5 <= left["cheapest_relaxation"]["by"] <= 600
    assert left["cheapest_relaxation"]["unit"] == "weight_kg"
    assert "weight_kg too much" in left["reason"]
    assert not plan["complete"]


def test_a_shipment_that_does_not_fit_has_its_reason_and_the_cheapest_change():
    told = example()
    told["shipments"][0]["delivery"]["windows"] = [{"closes_at": "2026-03-02T08:50:00-06:00"}]
    plan = planned(told)
    (left,) = [each for each in plan["unassigned"] if each["id"] == "T-1"]
    assert "after its window closes" in left["reason"]
    assert left["cheapest_relaxation"]["limit"] == "windows.closes_at"
    late_s = left["cheapest_relaxation"]["by"]
    closes = f"2026-03-02T{8 + (3000 + late_s) // 3600:02.0f}"
    assert late_s > 0
    told["shipments"][0]["delivery"]["windows"] = [
        {"closes_at": f"{closes}:{(3000 + late_s) // 60 % 60 + 1:02.0f}:00-06:00"}
    ]
    assert "T-1" not in {each["id"] for each in planned(told, iterations=300)["unassigned"]}


# Whatever comes in


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["A-101", "van", "CHI-3", "2026-03-02T09:00:00Z", 1e308, -1, 0, 10**30]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "lat", "lon", "place", "depot", "kind", "windows", "opens_at", "x"])
        | st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def paths_in(told: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = told.items() if isinstance(told, dict) else enumerate(told)
    found = [before] if before else []
    for name, value in inner:
        if isinstance(value, dict | list):
            found += paths_in(value, (*before, name))
        else:
            found.append((*before, name))
    return found


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_broken_problem_ends_in_anything_but_named_faults(data: st.DataObject):
    told = example()
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(paths_in(told)))
        inside: Any = told
        for part in path[:-1]:
            inside = inside[part]
        if data.draw(st.booleans()) and isinstance(inside, dict):
            inside[data.draw(st.text(max_size=5))] = data.draw(JUNK)
        else:
            inside[path[-1]] = data.draw(JUNK)
    for skip_bad in (False, True):
        try:
            read = read_rows(told, "problem", skip_bad=skip_bad)
        except FaultyDocumentError as refused:
            error = refused
        else:
            question(json.loads(read.document.model_dump_json(exclude_unset=True)))
            continue
        assert all(each.field and each.reason and each.remedy for each in error.faults)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_broken_plan_ends_in_anything_but_named_faults(data: st.DataObject):
    plan = copy.deepcopy(PLANNED)
    path = data.draw(st.sampled_from(paths_in(plan)))
    inside: Any = plan
    for part in path[:-1]:
        inside = inside[part]
    inside[path[-1]] = data.draw(JUNK)
    with contextlib.suppress(FaultyDocumentError):
        sequences_of(ASKED, read_plan(plan, "plan"), "plan")


ASKED, _, PLANNED = solved(example(), iterations=20)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff", b'{"a": NaN}', b"[" * 100_000, b'{"a": 1e999}']
)
def test_what_is_no_object_is_refused(content: bytes):
    with pytest.raises(InputUnusableError):
        read_rows(object_of(content, "problem"), "problem")


def test_rows_and_fields_are_bounded():
    told = example()
    told["jobs"] = [{}] * 100_001
    assert any("give up to 100,000" in fault for fault in faults_of(told))
    told = example()
    told["jobs"][0] = {str(number): 1 for number in range(5_000)}
    assert any("too many fields" in fault for fault in faults_of(told))
    told = example()
    deep: Any = []
    for _ in range(200):
        deep = [deep]
    told["jobs"][0]["windows"] = deep
    assert any("levels" in fault for fault in faults_of(told))
    told = example() | {str(number): 1 for number in range(5_000)}
    assert any("is not known" in fault for fault in faults_of(told))
