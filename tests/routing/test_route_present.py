"""A plan under way as a problem again: nothing is lost, nothing is done twice, nobody jumps."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from crossdock.plan.routing import schedule
from crossdock.platform.routing.documents import (
    FaultyDocumentError,
    Present,
    RoutePlan,
    json_schema,
    present_of,
    question_of,
    read_events,
    read_plan,
    read_rows,
)
from routing.route_documents import at, example, planned, problems

EVENTS = Draft202012Validator(json_schema("events"))


def now_of(told: dict[str, Any], plan: dict[str, Any], now: str, *events: dict[str, Any],
           **more: Any) -> Present:  # fmt: skip
    document = read_rows(told, "problem").document
    happened = {"now": now, "events": list(events), **more}
    EVENTS.validate(happened)
    return present_of(document, read_plan(plan, "plan"), read_events(happened, "events"))


def again(present: Present) -> Any:
    """The problem as it now is, written and read."""
    told = json.loads(present.document.model_dump_json(exclude_unset=True))
    return read_rows(told, "the problem as it now is", may_be_empty=True).document


def stops_of(present: Present) -> set[str]:
    document = present.document
    ends = {end.id or f"{ship.id}/{name}" for ship in document.shipments
            for name, end in (("pickup", ship.pickup), ("delivery", ship.delivery))}  # fmt: skip
    return {job.id for job in document.jobs} | ends


def all_stops(told: dict[str, Any]) -> set[str]:
    ends = {f"{ship['id']}/{end}" for ship in told.get("shipments", ())
            for end in ("pickup", "delivery")}  # fmt: skip
    return {job["id"] for job in told["jobs"]} | ends


def done_in(present: Present) -> set[str]:
    return {stop.id for route in present.done for stop in route.stops if stop.kind != "reload"}


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems(), st.integers(0, 500), st.sampled_from(["kept", "free"]))
def test_every_stop_is_done_or_still_to_be_done(told, minutes, next_stop):
    present = now_of(told, planned(told), at(minutes), next_stop=next_stop)
    again(present)
    assert done_in(present) | stops_of(present) == all_stops(told)
    assert done_in(present).isdisjoint(stops_of(present))
    planned_on = [stop for route in present.routes for stop in route.stops]
    assert len(planned_on) == len(set(planned_on))
    assert set(planned_on) <= stops_of(present)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems(), st.integers(0, 400))
def test_who_goes_on_as_planned_is_home_when_it_was_planned(told, minutes):
    plan = planned(told)
    present = now_of(told, plan, at(minutes))
    asked = question_of(again(present))
    kinds = {kind.id: number for number, kind in enumerate(asked.problem.vehicles)}
    nodes = {name: node for node, name in enumerate(asked.problem.nodes.ids)}
    ends = {route["vehicle"]: route["ends_at"] for route in plan["routes"]}
    for route in present.routes:
        if not route.stops or route.vehicle_type not in ends:
            continue
        timed = schedule(
            asked.problem, kinds[route.vehicle_type], [nodes[stop] for stop in route.stops]
        )
        assert [fault for fault in timed.faults if fault.by > 10] == []
        planned_end = (
            dt.datetime.fromisoformat(ends[route.vehicle_type]) - asked.document.starts_at
        ).total_seconds()
        assert timed.route.ends == pytest.approx(planned_end, abs=10)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(problems(), st.integers(10, 300))
def test_what_is_on_board_is_what_the_plan_has_on_board(told, minutes):
    plan = planned(told)
    present = now_of(told, plan, at(minutes))
    names = plan["dimensions"]
    left = {row.id: row for row in present.document.vehicles}
    for route in plan["routes"]:
        if route["vehicle"] not in left or route["starts_at"] > at(minutes).replace("+00:00", "Z"):
            continue
        done = [each for each in present.done if each.vehicle == route["vehicle"]]
        count = len(done[0].stops) if done else 0
        load = ([route["load_at_start"]] + [stop["load"] for stop in route["stops"]])[count]
        row = left[route["vehicle"]]
        if row.start.depot is not None:
            continue  # it is home
        only_here = [
            job.delivery for job in present.document.jobs
            if job.allowed_vehicles == [route["vehicle"]]
        ]  # fmt: skip
        for name in names:
            there = row.on_board.get(name, 0.0) + sum(each.get(name, 0.0) for each in only_here)
            assert there == pytest.approx(load[name], abs=1e-9)


# What happens to a day in Chicago

TEN = "2026-03-02T10:00:00-06:00"


@pytest.fixture(scope="module")
def day() -> tuple[dict[str, Any], dict[str, Any]]:
    told = example()
    return told, planned(told, iterations=300)


def under_way(plan: dict[str, Any], now: str = TEN) -> dict[str, Any]:
    """The route that has most stops before and after."""
    read = read_plan(plan, "plan")
    instant = dt.datetime.fromisoformat(now)
    number = max(
        range(len(read.routes)),
        key=lambda each: min(
            sum(stop.departs_at <= instant for stop in read.routes[each].stops),
            sum(stop.arrives_at > instant for stop in read.routes[each].stops),
        ),
    )
    return plan["routes"][number]


def ahead_of(route: dict[str, Any], now: str = TEN) -> list[str]:
    instant = dt.datetime.fromisoformat(now)
    return [
        stop["id"] for stop in route["stops"]
        if dt.datetime.fromisoformat(stop["arrives_at"]) > instant
    ]  # fmt: skip


def loaded_ahead(route: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        stop for stop in route["stops"]
        if stop["id"] in ahead_of(route) and stop.get("delivery") and stop["kind"] == "job"
    ]  # fmt: skip


def test_before_anybody_leaves_the_problem_is_the_same(day):
    told, plan = day
    present = now_of(told, plan, "2026-03-02T07:00:00-06:00")
    assert present.document.jobs == [
        row.model_copy(update={"excluded_vehicles": []})
        for row in read_rows(told, "p").document.jobs
    ]
    assert {row.id: row.count for row in present.document.vehicles} == {"van": 2, "e-bike": 1}
    assert {stop for route in present.routes for stop in route.stops} == {
        stop["id"] for route in plan["routes"] for stop in route["stops"]
    }


def test_a_vehicle_under_way_starts_where_it_is_and_keeps_to_its_next_stop(day):
    told, plan = day
    route = under_way(plan)
    present = now_of(told, plan, TEN)
    (row,) = [each for each in present.document.vehicles if each.id == route["vehicle"]]
    assert row.count == 1
    assert row.start.depot is None
    assert row.end is not None
    assert row.end.depot == "CHI-3"
    assert row.costs.fixed_usd == 0
    assert row.pinned in ([], ahead_of(route)[:1])
    free = now_of(told, plan, TEN, next_stop="free")
    assert all(each.pinned == [] for each in free.document.vehicles)


def test_an_order_that_is_cancelled_is_gone_and_its_goods_stay_on_board(day):
    told, plan = day
    route = under_way(plan)
    loaded = loaded_ahead(route)[0]
    before = now_of(told, plan, TEN)
    present = now_of(told, plan, TEN, {"kind": "order_cancelled", "id": loaded["id"]})
    assert loaded["id"] not in stops_of(present)
    old, new = ({row.id: row.on_board for row in each.document.vehicles}[route["vehicle"]]
                for each in (before, present))  # fmt: skip
    assert new["parcels"] - old.get("parcels", 0) == loaded["delivery"]["parcels"]


def test_an_order_may_move_in_time_and_place(day):
    told, plan = day
    stop = ahead_of(under_way(plan))[-1]
    present = now_of(
        told, plan, TEN,
        {"kind": "order_moved", "id": stop, "windows": [{"opens_at": "2026-03-02T14:00:00-06:00"}]},
        {"kind": "order_moved", "id": stop, "lat": 41.9, "lon": -87.66},
    )  # fmt: skip
    (row,) = [job for job in present.document.jobs if job.id == stop]
    assert (row.lat, row.lon) == (41.9, -87.66)
    assert row.windows is not None
    assert row.windows[0].opens_at == dt.datetime(2026, 3, 2, 20, tzinfo=dt.UTC)


NEW = {"id": "N-1", "lat": 41.88, "lon": -87.63, "delivery": {"parcels": 2}, "service_s": 60}


def test_a_new_order_lies_at_the_depot_and_no_vehicle_on_the_road_has_it(day):
    told, plan = day
    present = now_of(told, plan, TEN, {"kind": "order_added", "job": NEW})
    (row,) = [job for job in present.document.jobs if job.id == "N-1"]
    road = {each.id for each in present.document.vehicles if each.start.depot is None}
    assert road
    assert set(row.excluded_vehicles) == road


def test_a_new_order_is_fetched_from_the_depot_by_who_may_reload(day):
    told, plan = day
    told = json.loads(json.dumps(told))
    told["vehicles"][0]["reload_depots"] = ["CHI-3"]
    present = now_of(told, plan, TEN, {"kind": "order_added", "job": NEW})
    (ship,) = [each for each in present.document.shipments if each.id == "N-1"]
    assert (ship.pickup.id, ship.delivery.id) == ("N-1@CHI-3", "N-1")
    assert ship.pickup.parking_s == 900
    assert all(not each.startswith("van") for each in ship.excluded_vehicles)
    collected = now_of(told, plan, TEN, {"kind": "order_added", "job": NEW | {"delivery": {}}})
    assert [job.id for job in collected.document.jobs if job.id == "N-1"] == ["N-1"]


def test_the_goods_of_a_vehicle_that_breaks_down_are_fetched_lost_or_replaced(day):
    told, plan = day
    route = under_way(plan)
    loaded = {stop["id"] for stop in loaded_ahead(route)}
    assert loaded
    broken = {"kind": "vehicle_broken", "vehicle": route["vehicle"], "lat": 41.87, "lon": -87.63}
    fetched = now_of(told, plan, TEN, broken)
    assert route["vehicle"] not in {row.id for row in fetched.document.vehicles}
    ships = {ship.id: ship for ship in fetched.document.shipments}
    assert loaded <= set(ships)
    for stop in loaded:
        assert (ships[stop].pickup.lat, ships[stop].pickup.lon) == (41.87, -87.63)
        assert ships[stop].pickup.parking_s == 300
        assert ships[stop].delivery.id == stop
    assert done_in(fetched) | (stops_of(fetched) & all_stops(told)) == all_stops(told)
    lost = now_of(told, plan, TEN, {**broken, "goods": "lost"})
    assert loaded <= set(lost.lost)
    assert loaded.isdisjoint(stops_of(lost))
    replaced = now_of(told, plan, TEN, {**broken, "goods": "replaced"})
    assert loaded <= {job.id for job in replaced.document.jobs}


def test_a_driver_who_declines_before_the_start_leaves_all_stops_to_others(day):
    told, plan = day
    route = plan["routes"][0]
    seven = "2026-03-02T07:00:00-06:00"
    present = now_of(told, plan, seven, {"kind": "driver_out", "vehicle": route["vehicle"]})
    counts = {row.id: row.count for row in present.document.vehicles}
    assert counts.get(route["vehicle_type"], 0) == {"van": 1, "e-bike": 0}[route["vehicle_type"]]
    assert stops_of(present) == all_stops(told)
    assert len(present.routes) == len(plan["routes"]) - 1


def test_a_vehicle_stands_where_it_was_when_it_broke_down(day):
    told, plan = day
    route = under_way(plan)
    nine = {"kind": "vehicle_broken", "vehicle": route["vehicle"], "at": route["starts_at"]}
    present = now_of(told, plan, TEN, nine)
    assert all(each.vehicle != route["vehicle"] for each in present.done)


def test_traffic_slows_everybody_from_now_on(day):
    told, plan = day
    present = now_of(told, plan, TEN, {"kind": "traffic", "speed_factor": 0.5})
    assert present.document.distances.speed_factor == 0.5


def test_when_all_are_home_they_may_leave_again(day):
    told, plan = day
    present = now_of(told, plan, "2026-03-02T15:30:00-06:00", {"kind": "order_added", "job": NEW})
    assert all(row.start.depot == "CHI-3" for row in present.document.vehicles)
    (row,) = [job for job in present.document.jobs if job.id == "N-1"]
    assert row.excluded_vehicles == []


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"kind": "order_cancelled", "id": "A-1O1"}, "did you mean 'A-1"),
        ({"kind": "order_moved", "id": "X"}, 'id is "X"'),
        ({"kind": "vehicle_broken", "vehicle": "van/9"}, "did you mean 'van/"),
        ({"kind": "order_added"}, "job is missing"),
        ({"kind": "order_added", "job": NEW | {"id": "A-101"}}, "which is there"),
        ({"kind": "order_canceled", "id": "A-101"}, "'order_added', 'order_cancelled'"),
        ({"kind": "traffic", "speed_factr": 1}, "did you mean 'speed_factor'?"),
        ({"kind": "order_added", "job": NEW | {"servce_s": 1}}, "did you mean 'service_s'?"),
        ({"kind": "traffic", "speed_factor": 0}, "events[0].speed_factor is 0"),
    ],
)
def test_events_that_cannot_be_are_named(day, event: dict[str, Any], said: str):
    told, plan = day
    document = read_rows(told, "problem").document
    read = read_plan(plan, "plan")
    with pytest.raises(FaultyDocumentError) as refused:
        present_of(document, read, read_events({"now": TEN, "events": [event]}, "events"))
    faults = [str(fault) for fault in refused.value.faults]
    assert any(said in fault for fault in faults), faults


def test_what_is_served_can_neither_be_cancelled_nor_moved(day):
    told, plan = day
    stop = under_way(plan)["stops"][0]["id"]
    stop = next(
        iter(sorted(done_in(now_of(told, plan, TEN)) & {job["id"] for job in told["jobs"]})), stop
    )
    for kind in ("order_cancelled", "order_moved"):
        with pytest.raises(FaultyDocumentError, match="has served"):
            now_of(told, plan, TEN, {"kind": kind, "id": stop})


def test_a_plan_of_given_matrices_goes_on_from_between_two_places(day):
    told = {
        "starts_at": at(0),
        "places": [{"id": "d"}, {"id": "a"}, {"id": "b"}],
        "distances": {
            "kind": "matrix",
            "distance_m": [[0, 6000, 9000], [6000, 0, 6000], [9000, 6000, 0]],
            "duration_s": [[0, 600, 900], [600, 0, 600], [900, 600, 0]],
        },
        "depots": [{"id": "D", "place": "d"}],
        "vehicles": [{"id": "van", "start": {"depot": "D"}}],
        "jobs": [{"id": "A", "place": "a", "delivery": {"load": 1}},
                 {"id": "B", "place": "b", "delivery": {"load": 1},
                  "windows": [{"opens_at": at(20)}]}],
        "dimensions": ["load"],
    }  # fmt: skip
    plan: RoutePlan | dict[str, Any] = planned(told)
    assert [stop["id"] for stop in plan["routes"][0]["stops"]] == ["A", "B"]
    leaves = dt.datetime.fromisoformat(plan["routes"][0]["starts_at"])
    present = now_of(told, plan, (leaves + dt.timedelta(seconds=150)).isoformat())
    document = again(present)
    row = document.vehicles[0]
    assert row.start.place not in {"d", "a", "b"}
    assert document.distances.distance_m[3] == [1500, 4500, 10_500, 0]
    assert document.distances.duration_s[3] == [150, 450, 1050, 0]
    assert [line[3] for line in document.distances.duration_s] == [150, 450, 1050, 0]
