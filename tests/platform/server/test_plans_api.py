"""Plans over the API: a job makes a draft of the open orders; released, it carries them."""

from __future__ import annotations

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest
from plan_room import Room, Served

from crossdock.locate.zips import zip_table
from crossdock.model import NotFoundError
from crossdock.platform.clock import SystemClock
from crossdock.platform.server.jobs import JobRunner
from crossdock.platform.server.plans import PLAN_FUNCTIONS
from crossdock.platform.server.plans.packing import unpacked
from crossdock.platform.server.plans.plans import PLANS_AT_HAND
from crossdock.platform.server.rows import json_rows
from crossdock.platform.store.database import open_database
from crossdock.platform.store.database.plans import OrdersTakenError
from crossdock.simulate.builtin import builtin_network
from crossdock.simulate.orders import generate_orders
from stored_plan import content_of
from synthetic_run import SyntheticRun, build_run


@pytest.fixture(scope="module")
def legal() -> SyntheticRun:
    return build_run(60)


@pytest.fixture(scope="module")
def content(legal, tmp_path_factory) -> bytes:
    return content_of(legal, tmp_path_factory.mktemp("runs") / "legal")


@pytest.fixture
def room(store, clock) -> Room:
    return Room(store, clock.now)


# What is stored


def test_a_plan_is_being_made_until_its_job_is_done(room):
    room.ask("plan_1")
    plan = room.plans.read("acme", "plan_1")
    assert (plan.state, plan.stage, plan.share_done, plan.summary) == ("planning", "", 0.0, None)
    with pytest.raises(NotFoundError):
        room.plans.content("acme", "plan_1")


def test_a_draft_appears_with_the_end_of_its_job_or_not_at_all(room):
    room.orders.put("acme", {"a": "1"})
    room.draft("plan_1", b"zip")
    assert room.plans.read("acme", "plan_1").state == "draft"
    assert room.plans.content("acme", "plan_1") == b"zip"
    assert room.jobs.read("acme", "job of plan_1").state == "done"


def test_a_plan_whose_job_is_dead_or_cancelled_has_failed(room):
    room.ask("plan_1")
    room.jobs.cancel("acme", "job of plan_1")
    room.ask("plan_2")
    job = room.jobs.claim("w", ["plan"])
    room.jobs.fail(job.lease, "no order can be planned", again=False)
    assert room.plans.read("acme", "plan_1").state == "failed"
    failed = room.plans.read("acme", "plan_2")
    assert (failed.state, failed.error) == ("failed", "no order can be planned")


def test_asking_for_a_plan_again_changes_nothing(room):
    room.draft("plan_1", b"zip")
    room.ask("plan_1")
    assert room.plans.read("acme", "plan_1").state == "draft"
    assert len(room.jobs.of_tenant("acme")) == 1


def test_a_released_plan_carries_its_orders(room):
    room.orders.put("acme", {"a": "1", "b": "2"})
    room.orders.put("other", {"a": "1"})
    room.draft("plan_1")
    room.orders.put("acme", {"c": "3"})
    plan = room.release("plan_1")
    assert (plan.state, plan.released_by, plan.summary["release"]["orders"]) == (
        "released",
        "user:1",
        2,
    )
    assert room.orders.read("acme", "a").plan_id == "plan_1"
    assert room.orders.open_orders("acme")["order_id"].to_list() == ["c"]
    assert room.orders.read("other", "a").plan_id is None


def test_a_plan_is_released_once(room, clock):
    room.draft("plan_1")
    first = room.release("plan_1")
    clock.move(hours=1)
    assert room.release("plan_1") == first


def test_a_plan_of_an_order_that_another_carries_is_not_released(room):
    room.orders.put("acme", {"a": "1", "b": "2"})
    room.draft("plan_1")
    room.draft("plan_2")
    room.release("plan_1")
    with pytest.raises(OrdersTakenError) as refused:
        room.release("plan_2")
    assert refused.value.taken == (
        ("a", "is carried by plan_1"),
        ("b", "is carried by plan_1"),
    )
    assert room.plans.read("acme", "plan_2").state == "draft"


def test_a_plan_of_an_order_that_changed_since_is_not_released(room):
    room.orders.put("acme", {"a": "1", "b": "2"})
    room.draft("plan_1")
    room.orders.put("acme", {"b": "3"}, replace=True)
    with pytest.raises(OrdersTakenError) as refused:
        room.release("plan_1")
    assert refused.value.taken == (("b", "has other values now"),)
    assert room.orders.any_open("acme")


def test_of_two_plans_released_at_once_one_carries_the_orders(room):
    room.orders.put("acme", {f"O-{number}": "1" for number in range(100)})
    room.draft("plan_1")
    room.draft("plan_2")

    def released(plan_id: str) -> bool:
        try:
            return room.release(plan_id).state == "released"
        except OrdersTakenError:
            return False

    with ThreadPoolExecutor(2) as pool:
        got = list(pool.map(released, ["plan_1", "plan_2"]))
    assert sorted(got) == [False, True]


def test_plans_are_listed_the_newest_first_without_their_summaries(room, clock):
    for number in range(5):
        room.draft(f"plan_{number}")
        clock.move(minutes=1)
    first = room.plans.of_tenant("acme", limit=3)
    rest = room.plans.of_tenant("acme", before=first[-1].position, limit=3)
    assert [plan.plan_id for plan in first + rest] == [f"plan_{n}" for n in (4, 3, 2, 1, 0)]
    assert first[0].summary is None
    assert room.plans.of_tenant("other") == []


# Packing and rows


def test_a_run_folder_comes_back_whole(legal, content):
    records = unpacked(content)
    assert set(records.tables) == set(legal.tables)
    for name, frame in records.tables.items():
        assert frame.equals(legal.tables[name])
    assert records.orders.equals(legal.orders)
    for name, frame in records.network.tables.items():
        assert frame.equals(legal.network[name])
    assert records.manifest["seed"] == legal.manifest["seed"]


def test_rows_are_told_as_plain_json():
    instant = dt.datetime(2026, 11, 30, 12, 0, 0, 250_000, tzinfo=dt.UTC)
    frame = pl.DataFrame(
        {"at": [instant, None], "on": [instant.date(), None], "share": [float("nan"), 0.5]},
        schema={"at": pl.Datetime("us", "UTC"), "on": pl.Date, "share": pl.Float64},
    )
    assert json_rows(frame) == [
        {"at": "2026-11-30T12:00:00.250Z", "on": "2026-11-30", "share": None},
        {"at": None, "on": None, "share": 0.5},
    ]


# The routes


@pytest.fixture
def here(here, clock) -> Served:
    return Served(Room(here, clock.now))


def test_a_plan_is_asked_for_once_for_a_key(here):
    here.room.orders.put("acme", {"a": "1"})
    first = here.post("/v1/plans", "k", json={"seed": 7})
    again = here.post("/v1/plans", "k", json={"seed": 7})
    assert first.status_code == again.status_code == 202
    assert first.content == again.content
    told = first.json()
    assert again.headers["Location"] == f"/v1/plans/{told['plan_id']}"
    plan = here.client.get(again.headers["Location"]).json()
    assert (plan["state"], plan["job_id"], plan["summary"]) == ("planning", told["job_id"], None)
    job = here.room.jobs.read("acme", told["job_id"])
    assert job.request["asked"]["seed"] == 7
    assert len(here.room.jobs.of_tenant("acme")) == 1
    assert here.asked.is_set()


def test_a_request_taken_over_from_a_crashed_server_makes_the_same_plan(here, clock):
    here.room.orders.put("acme", {"a": "1"})
    first = here.post("/v1/plans", "k").json()
    with here.room.store.backend.engine.begin() as connection:  # it died before it noted this
        connection.exec_driver_sql("UPDATE idempotency SET status = NULL")
    clock.move(minutes=5)
    assert here.post("/v1/plans", "k").json() == first
    assert len(here.room.jobs.of_tenant("acme")) == 1


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 202),
        ({"order_ids": ["a"], "ship_by": "2026-12-01", "policy": "baseline"}, 202),
        ({"network": "west"}, 202),
        ({"network": "../etc"}, 422),
        ({"policy": "cheapest"}, 422),
        ({"seed": -1}, 422),
        ({"start_date": "soon"}, 422),
        ({"order_ids": []}, 422),
        ({"order_ids": ["a", "x", "\0"]}, 422),
        ({"order_ids": ["carried"]}, 422),
        ({"metros": 3}, 422),
        ([], 422),
    ],
)
def test_what_a_plan_is_asked_for_is_checked_at_once(here, asked, status):
    here.room.orders.put("acme", {"carried": "1"})
    here.room.draft("plan_1")
    here.room.release("plan_1")
    here.room.orders.put("acme", {"a": "1"})
    answer = here.post("/v1/plans", "k", json=asked)
    assert answer.status_code == status, answer.text
    assert (status == 202) == ("plan_id" in answer.json())


def test_without_open_orders_no_plan_is_made(here):
    assert here.post("/v1/plans", "k").status_code == 409
    assert here.room.jobs.of_tenant("acme") == []


@pytest.fixture
def drafted(here, legal, content) -> Served:
    here.room.orders.put("acme", dict.fromkeys(legal.orders["order_id"], "{}"))
    here.room.draft("plan_1", content)
    return here


def test_loads_are_read_page_by_page_and_by_their_ends(drafted, legal):
    loads = legal.tables["loads"]
    seen, query = [], {"limit": 3}
    while True:
        page = drafted.client.get("/v1/plans/plan_1/loads", params=query).json()
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert [load["load_id"] for load in seen] == loads.sort("departs_at", "load_id")[
        "load_id"
    ].to_list()
    assert all(load["departs_at"].endswith("Z") for load in seen)
    ends = {"from": "LAX", "to": "DFW"}
    some = drafted.client.get("/v1/plans/plan_1/loads", params=ends).json()["items"]
    assert {load["load_id"] for load in some} == set(
        loads.filter(pl.col("from") == "LAX", pl.col("to") == "DFW")["load_id"]
    )
    other = drafted.client.get("/v1/plans/plan_1/loads", params=ends | {"cursor": query["cursor"]})
    assert other.status_code == 422


def test_routes_are_read_in_driving_order(drafted, legal):
    route = legal.tables["routes"]["route_id"][0]
    told = drafted.client.get("/v1/plans/plan_1/routes", params={"route_id": route, "limit": 1000})
    stops = told.json()["items"]
    mine = legal.tables["routes"].filter(pl.col("route_id") == route)
    assert len(stops) == mine.height
    assert [stop["sequence"] for stop in stops] == mine["sequence"].sort().to_list()
    facility = mine["facility_id"][0]
    all_of_it = drafted.client.get(
        "/v1/plans/plan_1/routes", params={"facility_id": facility, "limit": 1000}
    ).json()["items"]
    assert {stop["facility_id"] for stop in all_of_it} == {facility}
    assert len(all_of_it) >= len(stops)


def test_a_legal_draft_is_released_and_the_tower_told(drafted, legal):
    first = drafted.post("/v1/plans/plan_1/release", "k")
    assert first.status_code == 200, first.text
    told = first.json()
    assert (told["state"], told["orders"], told["released_at"]) == (
        "released",
        60,
        "2026-11-30T12:00:00Z",
    )
    assert drafted.released == [("acme", "plan_1")]
    order = drafted.room.orders.read("acme", legal.orders["order_id"][0])
    assert order.plan_id == "plan_1"
    again = drafted.post("/v1/plans/plan_1/release", "another key")
    assert again.json() == told
    assert drafted.client.get("/v1/plans/plan_1").json()["state"] == "released"


def test_a_draft_that_is_not_legal_names_its_closed_gates(here, legal, tmp_path):
    turned = legal.tables["loads"].with_columns(
        departs_at=pl.col("arrives_at"), arrives_at=pl.col("departs_at")
    )
    content = content_of(legal, tmp_path / "illegal", legal.tables | {"loads": turned})
    here.room.draft("plan_1", content)
    refused = here.post("/v1/plans/plan_1/release", "k")
    assert refused.status_code == 409
    told = refused.json()
    assert told["gates"] == ["connection"]
    assert set(told["faults"][0]) == {"gate", "subject", "what", "remedy"}
    assert len(told["faults"]) <= 100
    assert here.released == []
    assert here.client.get("/v1/plans/plan_1").json()["state"] == "draft"


def test_what_a_planner_answers_for_goes_out_with_their_name(here, legal, tmp_path):
    duties = legal.tables["duties"].clear()
    content = content_of(legal, tmp_path / "undriven", legal.tables | {"duties": duties})
    here.room.draft("plan_1", content)
    refused = here.post("/v1/plans/plan_1/release", "k")
    assert refused.json()["gates"] == ["hours"]
    overrides = [
        {"gate": fault["gate"], "subject": fault["subject"], "reason": "an agency drives it"}
        for fault in refused.json()["faults"]
    ]
    too_few = here.post("/v1/plans/plan_1/release", "l", json={"overrides": overrides[1:]})
    assert len(too_few.json()["faults"]) == 1
    wrong = here.post(
        "/v1/plans/plan_1/release",
        "m",
        json={"overrides": [*overrides, overrides[0] | {"gate": "load"}]},
    )
    assert (wrong.status_code, "cannot be overridden" in wrong.text) == (422, True)
    told = here.post("/v1/plans/plan_1/release", "n", json={"overrides": overrides}).json()
    assert [each["subject"] for each in told["overridden"]] == [
        each["subject"] for each in overrides
    ]
    by = told["released_by"]
    assert {each["by"] for each in told["overridden"]} == {by}
    assert here.overridden == [(by, "plan_1", each["subject"]) for each in overrides]


def test_a_draft_of_changed_orders_names_them(drafted, legal):
    order_id = legal.orders["order_id"][0]
    drafted.room.orders.put("acme", {order_id: '{"a":1}'}, replace=True)
    told = drafted.post("/v1/plans/plan_1/release", "k").json()
    assert (told["status"], told["gates"]) == (409, ["orders"])
    assert told["faults"][0]["subject"] == order_id


def test_a_plan_that_is_not_made_is_not_released_and_has_no_tables(here):
    here.room.ask("plan_1")
    assert here.post("/v1/plans/plan_1/release", "k").status_code == 409
    assert here.client.get("/v1/plans/plan_1/loads").status_code == 404


def test_plans_of_others_are_not_there(drafted):
    for who in ("other/admin", "other/viewer"):
        headers = {"who": who}
        for path in ("", "/loads", "/routes"):
            answer = drafted.client.get(f"/v1/plans/plan_1{path}", headers=headers)
            assert answer.status_code == 404
        assert drafted.client.get("/v1/plans", headers=headers).json()["items"] == []
    other = {"who": "other/admin"}
    assert drafted.post("/v1/plans/plan_1/release", "k", headers=other).status_code == 404
    assert drafted.room.plans.read("acme", "plan_1").state == "draft"


@pytest.mark.parametrize("role", ["viewer", "dispatcher", "ingest"])
def test_only_planners_ask_and_release(drafted, role):
    who = {"who": f"acme/{role}"}
    assert drafted.post("/v1/plans", "k", headers=who).status_code == 403
    assert drafted.post("/v1/plans/plan_1/release", "k", headers=who).status_code == 403


def test_plans_are_listed_page_by_page(here, clock):
    for number in range(5):
        here.room.draft(f"plan_{number}")
        clock.move(seconds=number % 2)
    first = here.client.get("/v1/plans", params={"limit": 3}).json()
    second = here.client.get(
        "/v1/plans", params={"limit": 3, "cursor": first["next_cursor"]}
    ).json()
    seen = [plan["plan_id"] for plan in first["items"] + second["items"]]
    assert sorted(seen) == [f"plan_{number}" for number in range(5)]
    assert second["next_cursor"] is None


def test_the_last_few_plans_are_kept_at_hand(here, content):
    for number in range(PLANS_AT_HAND + 1):
        here.room.draft(f"plan_{number}", content)
    first = here.service.records("acme", "plan_0")
    assert here.service.records("acme", "plan_0") is first
    for number in range(1, PLANS_AT_HAND + 1):
        here.service.records("acme", f"plan_{number}")
    assert here.service.records("acme", "plan_0") is not first


# From orders to a released plan


def until(holds, patience_s: float = 60) -> None:
    give_up_s = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < give_up_s
        time.sleep(0.05)


def test_orders_that_came_in_are_planned_by_a_job_and_released(tmp_path):
    with open_database(f"sqlite:///{tmp_path}/here.db") as store:
        served = Served(Room(store, SystemClock().now))
        runner = JobRunner(store, served.room.jobs, PLAN_FUNCTIONS)
        runner.start()
        try:
            _from_orders_to_release(served)
        finally:
            runner.stop()


def _from_orders_to_release(served: Served) -> None:
    made = generate_orders(
        builtin_network(4),
        parcels=60,
        start_date=dt.date(2026, 11, 30),
        seed=1,
        zips=zip_table(),
    )
    orders = made.frame.to_dicts()
    orders[7]["address"] = "nowhere at all"
    brought = served.client.post("/v1/orders", json=orders)
    assert brought.json()["accepted"] == 60
    place = served.post(
        "/v1/plans", "plan", json={"ship_by": "2026-11-30", "policy": "baseline"}
    ).headers["Location"]
    until(lambda: served.client.get(place).json()["state"] != "planning")
    plan = served.client.get(place).json()
    assert plan["state"] == "draft", plan["error"]
    summary = plan["summary"]
    planned = summary["counts"]["orders_planned"]
    assert 0 < planned < 60  # those after the cut-off ship a day later
    (rejected,) = summary["rejects"]
    assert rejected["order_id"] == orders[7]["order_id"]
    assert rejected["row"] > 0
    assert rejected["field"] == "address"
    assert rejected["remedy"]
    assert "planned_on_time_service" in {kpi["name"] for kpi in summary["kpis"]}
    assert served.client.get(f"{place}/loads").json()["items"]
    stops = served.client.get(f"{place}/routes").json()["items"]
    scope = plan["plan_id"].removeprefix("plan_")[:12]
    assert all(stop["parcel_id"].startswith(f"P-{scope}-") for stop in stops)
    assert stops
    released = served.post(f"{place}/release", "release")
    assert released.status_code == 200, released.text
    assert released.json()["orders"] == planned
    waiting = served.room.orders.open_orders("acme")["order_id"]
    assert len(waiting) == 60 - planned
    assert orders[7]["order_id"] in waiting
