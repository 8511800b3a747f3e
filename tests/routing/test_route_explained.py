"""Why a stop is where it is, and where two plans differ: held to a search of every place."""

from __future__ import annotations

import copy
import itertools
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.model import NotFoundError
from crossdock.platform.routing.documents import (
    FaultyDocumentError,
    diff_plans,
    explain_plan,
    explain_stop_of,
    read_plan,
)
from routing.checker import check, walk
from routing.plan_checker import case_of
from routing.route_documents import example, planned, problems, question, solved


def best_places(told: dict[str, Any], plan: dict[str, Any], stop: str) -> dict[str, float]:
    """The least cost of a stop on each other route where it keeps every limit, by trying all."""
    case = case_of(told)
    moved = [stop] if case.stops[stop].pair is None else sorted([stop, case.stops[stop].pair])[::-1]
    found: dict[str, float] = {}
    for route in plan["routes"]:
        visits = [each["id"] for each in route["stops"]]
        if stop in visits:
            continue
        kind = route["vehicle_type"]
        before = walk(case, kind, visits).cost()
        for gaps in itertools.combinations_with_replacement(range(len(visits) + 1), len(moved)):
            longer = list(visits)
            for gap, each in reversed(list(zip(gaps, moved, strict=True))):
                longer.insert(gap, each)
            walked = walk(case, kind, longer)
            if not walked.faults:
                extra = walked.cost() - before
                found[route["vehicle"]] = min(extra, found.get(route["vehicle"], extra))
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems(), st.randoms(use_true_random=False))
def test_no_place_on_another_route_is_cheaper_than_the_one_that_is_told(told, random):
    plan = planned(told)
    served = [stop["id"] for route in plan["routes"] for stop in route["stops"]]
    if not served:
        return
    stop = random.choice(served)
    answer = explain_stop_of(question(told), read_plan(plan, "plan"), stop)
    best = {
        each["vehicle"]: each["cost_usd"]
        for each in answer["elsewhere"]
        if each["feasible"] and each["vehicle"] is not None
    }
    assert best == pytest.approx(best_places(told, plan, stop), abs=1e-3)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems())
def test_routes_are_explained_as_the_plan_tells_them(told):
    plan = planned(told)
    answer = explain_plan(question(told), read_plan(plan, "plan"))
    for route, said in zip(plan["routes"], answer["routes"], strict=True):
        assert said["faults"] == []
        for name in ("cost_usd", "costs", "slack_s", "binding", "distance_m", "duration_s"):
            assert said[name] == route[name]


def test_a_route_that_was_changed_by_hand_says_what_it_breaks():
    told = example()
    plan = planned(told, iterations=200)
    route = max(plan["routes"], key=lambda each: len(each["stops"]))
    route["stops"].reverse()
    answer = explain_plan(question(told), read_plan(plan, "plan"))
    assert any("after its window closes" in each for said in answer["routes"]
               for each in said["faults"])  # fmt: skip


def test_both_ends_of_a_shipment_go_together_and_what_is_left_out_has_its_reason():
    told = example()
    asked, _, plan = solved(told, iterations=200)
    read = read_plan(plan, "plan")
    whole, end = (explain_stop_of(asked, read, stop) for stop in ("T-1", "T-1/delivery"))
    assert whole["elsewhere"] == end["elsewhere"]
    left = explain_stop_of(asked, read, "R-2")
    assert left["vehicle"] is None
    assert left["cheapest_relaxation"]["limit"] == "prize_usd"
    with pytest.raises(NotFoundError, match="no stop A-999"):
        explain_stop_of(asked, read, "A-999")


def test_a_plan_of_another_problem_is_refused():
    told = example()
    plan = planned(told, iterations=20)
    told["jobs"].pop(0)
    told["vehicles"][0]["id"] = "lorry"
    with pytest.raises(FaultyDocumentError) as refused:
        explain_plan(question(told), read_plan(plan, "plan"))
    assert {each.field for each in refused.value.faults} >= {"vehicle_type"}


# Two plans


def test_a_plan_does_not_differ_from_itself():
    plan = read_plan(planned(example(), iterations=50), "plan")
    told = diff_plans(plan, plan)
    assert told["routes"] == told["moved"] == told["etas"] == []
    assert told["cost_usd"] == 0.0


def test_routes_that_are_numbered_anew_are_the_same_routes():
    plan = planned(example(), iterations=50)
    other = copy.deepcopy(plan)
    other["routes"].reverse()
    for number, route in enumerate(other["routes"]):
        route["vehicle"] = f"vehicle {number}"
    told = diff_plans(read_plan(plan, "a"), read_plan(other, "b"))
    assert (told["routes"], told["moved"]) == ([], [])


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems())
def test_a_difference_names_every_stop_that_moved_and_every_dollar(told):
    was = planned(told)
    fewer = copy.deepcopy(told)
    gone = fewer["jobs"].pop(0)["id"]
    if not fewer["jobs"] and not fewer["shipments"]:
        return
    now = planned(fewer)
    difference = diff_plans(read_plan(was, "was"), read_plan(json.loads(json.dumps(now)), "now"))
    assert difference["cost_usd"] == pytest.approx(
        now["totals"]["cost_usd"] - was["totals"]["cost_usd"], abs=1e-5
    )
    assert sum(difference["costs"].values()) == pytest.approx(difference["cost_usd"], abs=1e-4)
    served = {stop["id"] for route in was["routes"] for stop in route["stops"]}
    moved = {each["stop"]: each for each in difference["moved"]}
    if gone in served:
        assert moved[gone]["now"] is None
    joined = {stop for route in difference["routes"] for stop in route["joined"]}
    left = {stop for route in difference["routes"] for stop in route["left"]}
    assert joined | left == set(moved)
    verdict = check(case_of(fewer), [
        (route["vehicle_type"], [stop["id"] for stop in route["stops"]]) for route in now["routes"]
    ])  # fmt: skip
    assert now["totals"]["cost_usd"] == pytest.approx(verdict.cost, abs=1e-3)
