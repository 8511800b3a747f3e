"""Documents of vans that reload, with hours, relations and backhauls: planned, explained, planned
again."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from crossdock.plan.routing import (
    Depot,
    Job,
    PlanarMetric,
    Problem,
    VehicleType,
    explain_stop,
    reload_at,
    schedule,
)
from crossdock.plan.routing.accept import accepted
from crossdock.platform.routing.documents import (
    SearchAsked,
    explain_plan,
    explain_stop_of,
    json_schema,
    present_of,
    read_events,
    read_plan,
    read_rows,
    replan_day,
    stop_text,
)
from crossdock.platform.routing.trace import Trace
from routing.plan_checker import judged
from routing.rich_checker import check_rich
from routing.route_documents import at, planned, problems, question, solved

PLAN = Draft202012Validator(json_schema("plan"))


def day(**van: Any) -> dict[str, Any]:
    """Nine stops around a depot for a van that carries four parcels."""
    jobs = [
        {"id": f"J{number}", "lat": 41.9 + 0.01 * (number % 3), "lon": -87.65 + 0.01 * number,
         "delivery": {"parcels": 1}, "service_s": 1800}
        for number in range(9)
    ]  # fmt: skip
    return {
        "starts_at": at(0),
        "depots": [{"id": "D", "lat": 41.9, "lon": -87.66, "loading_s": 600}],
        "vehicles": [
            {
                "id": "van", "count": 1, "capacity": {"parcels": 4}, "start": {"depot": "D"},
                "shift_ends_at": at(660), "reload_depots": ["D"],
                "costs": {"fixed_usd": 20, "usd_per_km": 0.4, "usd_per_h": 24}, **van,
            }
        ],
        "jobs": jobs,
    }  # fmt: skip


def on_a_grid(told: dict[str, Any]) -> dict[str, Any]:
    """The same with distances and durations that are given, in whole metres and seconds."""
    rows = [*told["depots"], *told["jobs"]]
    for row in rows:
        row["place"] = f"at {row['id']}"
    spots = [(round(100 * row.pop("lat")), round(100 * row.pop("lon"))) for row in rows]
    steps = [[abs(a - c) + abs(b - d) for c, d in spots] for a, b in spots]
    return told | {
        "places": [{"id": row["place"]} for row in rows],
        "distances": {
            "kind": "matrix",
            "distance_m": [[1000 * each for each in row] for row in steps],
            "duration_s": [[120 * each for each in row] for row in steps],
        },
    }


def kinds(plan: dict[str, Any]) -> list[str]:
    return [stop["kind"] for route in plan["routes"] for stop in route["stops"]]


def test_a_van_under_the_hours_of_service_reloads_and_takes_its_breaks():
    asked, solution, plan = solved(on_a_grid(day(hos_rules="US_70_8")))
    PLAN.validate(json.loads(json.dumps(plan)))
    assert plan["complete"]
    assert kinds(plan).count("reload") == 2
    assert {each["kind"] for each in plan["routes"][0]["breaks"]} == {"meal", "rest"}
    verdict = check_rich(asked.problem, solution)
    assert verdict.faults == []
    assert plan["totals"]["cost_usd"] == pytest.approx(verdict.cost, abs=1e-2)
    (said,) = explain_plan(asked, read_plan(plan, "plan"))["routes"]
    assert (said["stops"], said["faults"]) == (9, [])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems(), st.sampled_from(["last", "mixed"]), st.sampled_from([None, 1]))
def test_plans_with_reloads_backhauls_and_counted_stops_keep_every_limit(
    told: dict[str, Any], backhauls: str, most: int | None
):
    told["vehicles"][0] |= {"reload_depots": ["D"], "backhauls": backhauls, "max_reloads": most}
    told["vehicles"][1] |= {"reload_depots": ["D"], "max_stops": 5}
    told["jobs"][0]["priority"] = 1
    plan = json.loads(json.dumps(planned(told)))
    PLAN.validate(plan)
    assert judged(told, plan) == []
    answer = explain_plan(question(told), read_plan(plan, "plan"))
    assert all(said["faults"] == [] for said in answer["routes"])


def test_a_day_with_reloads_is_planned_again():
    told = day()
    told["relations"] = [{"kind": "order", "stops": ["J0", "J8"]}]
    plan = planned(told)
    assert judged(told, plan) == []
    new = {"id": "N", "lat": 41.91, "lon": -87.6, "delivery": {"parcels": 2}, "service_s": 60}
    events = {"now": at(100), "events": [{"kind": "order_added", "job": new}]}
    again = replan_day(told, plan, events, SearchAsked(iterations=20, seed=1), Trace(0.0, None))
    assert again.document["complete"]
    assert judged(again.problem, json.loads(json.dumps(again.document))) == []
    served = {stop["id"] for route in again.document["routes"] for stop in route["stops"]}
    done = {stop for each in again.document["done"] for stop in each["stops"]}
    assert {"N", *(f"J{number}" for number in range(9))} <= served | done


def test_a_route_that_has_not_left_is_told_with_its_reloads():
    told = day(shift_starts_at=at(60))
    plan = read_plan(planned(told), "plan")
    events = read_events({"now": at(30), "events": []}, "events")
    (route,) = present_of(read_rows(told, "problem").document, plan, events).routes
    assert list(route.stops) == [stop.id for stop in plan.routes[0].stops]
    assert route.stops.count("D") == 2


# Why so


VANS = tuple(
    VehicleType(
        name, 1, (2,), start_depot="D", end_depot="D", reload_depots=("D",), max_reloads=most
    )
    for name, most in (("a", None), ("b", None), ("c", 0))
)
JOBS = tuple(Job(str(place), place, (1,)) for place in range(1, 7))
TWO_EACH = [(0, [0, 1]), (1, [2, 3]), (2, [4, 5])]


def full() -> Problem:
    """Three full vans, the last of which may not reload."""
    points = np.array([[0.0, 0], [0, 10], [3, 10], [10, 3], [10, 0], [0, -9], [0, -10]])
    return Problem(PlanarMetric(points), (Depot("D", 0),), VANS, JOBS)


def test_a_full_van_would_take_a_stop_on_one_more_tour():
    asked = full()
    found = explain_stop(asked, TWO_EACH, {0: 0, 1: 0, 2: 0}, "1")
    of = {each.route: each for each in found.elsewhere if each.route is not None}
    assert of[1].faults == ()
    assert of[1].reload == 0
    tried = [
        timed.route.cost
        for gap in range(3)
        for chain in ([reload_at(0), 0], [0, reload_at(0)])
        for timed in [schedule(asked, 1, [*[2, 3][:gap], *chain, *[2, 3][gap:]])]
        if not timed.faults
    ]
    before = schedule(asked, 1, [2, 3]).route.cost
    assert of[1].cost == pytest.approx(min(tried) - before)
    assert [fault.limit for fault in of[2].faults] == ["capacity.load"]


def test_what_one_more_tour_would_serve_is_not_said_to_fit_nowhere():
    plan = accepted(full(), [(0, [0, 1]), (1, [2, 3])])
    assert [each.id for each in plan.unassigned] == ["5", "6"]
    assert all("before it was placed" in each.reason for each in plan.unassigned)


def test_the_text_of_an_explanation_tells_the_reload():
    told = day(count=2, max_reloads=1)
    asked, _, plan = solved(told)
    first = plan["routes"][0]["stops"][0]["id"]
    answer = explain_stop_of(asked, read_plan(plan, "plan"), first)
    reloading = [each for each in answer["elsewhere"] if each["reload"]]
    assert all(each["reload"] == "D" for each in reloading)
    lines = "\n".join(stop_text(answer))
    assert lines.count("with a reload at D") == sum(not each["faults"] for each in reloading)
