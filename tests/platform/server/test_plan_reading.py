"""A plan looked into over the API: lanes, departures, metros and tours, page by page."""

from __future__ import annotations

import itertools
from typing import Any

import polars as pl
import pytest
from plan_room import Room, Served

from stored_plan import content_of
from synthetic_run import SyntheticRun, build_run

PLAN = "/v1/plans/plan_1"


@pytest.fixture(scope="module")
def run() -> SyntheticRun:
    return build_run(60)


@pytest.fixture(scope="module")
def content(run, tmp_path_factory) -> bytes:
    return content_of(run, tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture
def drafted(here, clock, content) -> Served:
    served = Served(Room(here, clock.now))
    served.room.draft("plan_1", content)
    return served


def every(served: Served, path: str, **asked: Any) -> list[dict[str, Any]]:
    """Every item, in pages of two."""
    items, cursor = [], {}
    while True:
        page = served.client.get(f"{PLAN}{path}", params={**asked, "limit": 2, **cursor})
        assert page.status_code == 200, page.text
        told = page.json()
        assert len(told["items"]) <= 2
        items += told["items"]
        if told["next_cursor"] is None:
            return items
        cursor = {"cursor": told["next_cursor"]}


def test_lanes_are_read_by_their_ends(drafted, run):
    lanes = every(drafted, "/lanes")
    ends = [(lane["from"], lane["to"]) for lane in lanes]
    assert ends == sorted(set(run.tables["loads"].select("from", "to").iter_rows()))
    assert sum(lane["loads"] for lane in lanes) == run.tables["loads"].height
    assert all(lane["first_departs_at"].endswith("Z") for lane in lanes)
    assert {way["kind"] for lane in lanes for way in lane["ways"]} == set(
        run.tables["loads"]["kind"]
    )


def test_departures_of_a_lane_are_its_loads_by_time(drafted, run):
    mine = run.tables["loads"].filter(pl.col("from") == "LAX", pl.col("to") == "DFW")
    found = every(drafted, "/departures", **{"from": "LAX", "to": "DFW"})
    assert [load["load_id"] for load in found] == mine.sort("departs_at", "load_id")[
        "load_id"
    ].to_list()
    page = drafted.client.get(f"{PLAN}/departures", params={"from": "LAX", "to": "DFW"}).json()
    assert page["cutoffs"] == sorted(page["cutoffs"])
    assert len(every(drafted, "/departures")) == run.tables["loads"].height


def test_a_lane_without_loads_is_empty_and_an_unknown_facility_is_404(drafted):
    nothing = drafted.client.get(f"{PLAN}/departures", params={"from": "LAX", "to": "LAX"})
    assert nothing.json() == {"items": [], "cutoffs": [], "next_cursor": None}
    unknown = drafted.client.get(f"{PLAN}/departures", params={"from": "LAX", "to": "XXX"})
    assert (unknown.status_code, "XXX" in unknown.json()["detail"]) == (404, True)
    assert drafted.client.get(f"{PLAN}/tours", params={"facility_id": "XXX"}).status_code == 404


def test_metros_say_where_they_are_and_what_they_send_out(drafted, run):
    metros = every(drafted, "/metros")
    assert sum(metro["routes"] for metro in metros) == run.tables["tours"].height
    assert all(metro["timezone"] and metro["latitude"] for metro in metros)
    dates = {date for metro in metros for date in metro["delivery_dates"]}
    assert dates == set(run.tables["tours"]["delivery_date"].cast(pl.String))


def test_tours_are_strips_of_time_with_their_stops(drafted, run):
    place = run.tables["tours"]["facility_id"][0]
    tours = every(drafted, "/tours", facility_id=place)
    mine = run.tables["tours"].filter(pl.col("facility_id") == place)
    assert {tour["route_id"] for tour in tours} == set(mine["route_id"])
    for tour in tours:
        strip = tour["segments"]
        assert strip[0]["starts_at"] == tour["departs_at"]
        assert strip[-1]["ends_at"] == tour["returns_at"]
        assert all(a["ends_at"] == b["starts_at"] for a, b in itertools.pairwise(strip))
        served = [part for part in strip if part["kind"] == "service"]
        assert [part["sequence"] for part in served] == [v["sequence"] for v in tour["visits"]]
        assert sum(part["parcels"] for part in served) == tour["parcels"]
        assert all(visit["latitude"] and visit["longitude"] for visit in tour["visits"])


def test_a_page_of_tours_is_bounded(drafted):
    assert drafted.client.get(f"{PLAN}/tours", params={"limit": 201}).status_code == 422


def test_a_cursor_is_of_its_list_alone(drafted):
    cursor = drafted.client.get(f"{PLAN}/metros", params={"limit": 1}).json()["next_cursor"]
    assert drafted.client.get(f"{PLAN}/lanes", params={"cursor": cursor}).status_code == 422


@pytest.mark.parametrize("path", ["/lanes", "/departures?from=LAX&to=DFW", "/metros", "/tours"])
def test_a_plan_of_others_or_that_is_not_made_is_not_there(drafted, path):
    other = drafted.client.get(f"{PLAN}{path}", headers={"who": "other/viewer"})
    assert other.status_code == 404
    drafted.room.ask("plan_2")
    assert drafted.client.get(f"/v1/plans/plan_2{path}").status_code == 404
    assert drafted.client.get(f"{PLAN}{path}", headers={"who": "acme/ingest"}).status_code == 403
