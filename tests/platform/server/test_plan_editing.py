"""A facility-day of a draft over the API: weighed, changed, locked, taken back, compared, saved."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from plan_room import Room, Served

from crossdock.measure import release_gates
from crossdock.model import InvalidValueError
from crossdock.platform.server.jobs import JobWork
from crossdock.platform.server.plans.edited import network_figures
from crossdock.platform.server.plans.editing import PLAN_DAY_FUNCTIONS
from crossdock.platform.server.plans.editing.job import optimise_day
from crossdock.platform.server.plans.packing import packed
from crossdock.platform.store.database.audit import AuditLog
from played_run import planned

PLAN = "plan_1"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planned(tmp_path_factory.mktemp("runs") / "run", parcels=400, metros=2)


@pytest.fixture(scope="module")
def content(run: Path) -> bytes:
    return packed(run)


@pytest.fixture
def served(here, clock, content) -> Served:
    room = Room(here, clock.now)
    room.draft(PLAN, content)
    return Served(room)


@pytest.fixture(scope="module")
def place(run: Path) -> str:
    """Path of the facility-day with the most own routes."""
    tours = pl.read_parquet(run / "tours.parquet")
    most = tours.group_by("facility_id", "delivery_date").len().sort("len").tail(1)
    return f"/v1/plans/{PLAN}/days/{most['facility_id'][0]}/{most['delivery_date'][0]}"


def read(served: Served, place: str) -> dict[str, Any]:
    answer = served.client.get(place)
    assert answer.status_code == 200, answer.text
    return answer.json()


def preview(served: Served, place: str, parcels: list[str], **more: Any) -> list[dict[str, Any]]:
    day = read(served, place)
    asked = {"version": day["version"], "parcel_ids": parcels, **more}
    answer = served.client.post(f"{place}/preview", json=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["weighed"]


def a_move(served: Served, place: str) -> tuple[str, dict[str, Any]]:
    """A stop and the cheapest vehicle on the road that can take it."""
    for route in read(served, place)["routes"]:
        stop = route["visits"][0]["stop_id"]
        able = [
            each
            for each in preview(served, place, [stop])
            if each["fits"] and each["route_id"] is not None
        ]
        if able:
            return stop, min(able, key=lambda each: each["cost_usd"])
    raise AssertionError("no stop of this day fits elsewhere")


def make(served: Served, place: str, key: str, stop: str, vehicle: str, version: int = 0):
    asked = {"version": version, "parcel_ids": [stop], "to_vehicle_id": vehicle}
    return served.post(f"{place}/moves", key, json=asked)


def test_a_day_is_told_with_its_routes_strips_and_spare_vehicles(served, place, run):
    day = read(served, place)
    tours = pl.read_parquet(run / "tours.parquet").filter(
        pl.col("facility_id") == day["facility_id"],
        pl.col("delivery_date") == dt.date.fromisoformat(day["delivery_date"]),
    )
    assert day["version"] == 0
    assert day["changeable"]
    assert {each["route_id"]: each["cost_usd"] for each in day["routes"]} == dict(
        tours.select("route_id", "cost_usd").iter_rows()
    )
    for route in day["routes"]:
        assert sum(route["costs"].values()) == pytest.approx(route["cost_usd"])
        assert route["segments"][0]["starts_at"] == route["departs_at"]
        assert route["segments"][-1]["ends_at"] == route["returns_at"]
        assert len(route["visits"]) == route["stops"]
    assert day["idle"]


def test_a_move_costs_what_its_preview_said_and_the_plan_stays_whole(served, place):
    before = read(served, place)
    stop, told = a_move(served, place)
    assert told["arrivals_moved"] >= len(told["arrivals"]) > 0
    made = make(served, place, "k1", stop, told["vehicle_id"])
    assert made.status_code == 200, made.text
    after = read(served, place)
    assert after["cost_usd"] - before["cost_usd"] == pytest.approx(told["cost_usd"], abs=1e-6)
    assert after["version"] == made.json()["version"] == 1
    rode = {v["stop_id"]: r["vehicle_id"] for r in after["routes"] for v in r["visits"]}
    assert rode[stop] == told["vehicle_id"]
    records = served.service.records("acme", PLAN)
    assert release_gates(records.tables, records.network) == []
    shared = records.tables["parcels"]["cost_usd"].sum()
    assert shared == pytest.approx(records.tables["ledger"]["cost_usd"].sum())


def test_arrivals_of_the_preview_are_those_after_the_move(served, place):
    stop, told = a_move(served, place)
    whole = preview(served, place, [stop], to_vehicle_id=told["vehicle_id"])[0]
    assert len(whole["arrivals"]) == whole["arrivals_moved"]
    make(served, place, "k1", stop, told["vehicle_id"])
    now = {
        visit["stop_id"]: dt.datetime.fromisoformat(visit["arrives_at"])
        for route in read(served, place)["routes"]
        for visit in route["visits"]
    }
    for each in whole["arrivals"]:
        assert now[each["parcel_id"]] == dt.datetime.fromisoformat(each["now_at"])
    parcels = served.service.records("acme", PLAN).tables["parcels"]
    eta = dict(parcels.select("parcel_id", "eta_p50").iter_rows())
    first = next(each for each in whole["arrivals"] if each["parcel_id"] == stop)
    moved = dt.datetime.fromisoformat(first["now_at"]) - dt.datetime.fromisoformat(first["was_at"])
    was = served.service.earlier("acme", PLAN, 0).tables["parcels"]
    assert eta[stop] - dict(was.select("parcel_id", "eta_p50").iter_rows())[stop] == moved


def test_what_cannot_be_says_why_and_changes_nothing(served, place):
    day = read(served, place)
    stops = [visit["stop_id"] for route in day["routes"] for visit in route["visits"]]
    mode = day["idle"][0]["mode"]
    all_of_it = [v["stop_id"] for r in day["routes"] if r["mode"] == mode for v in r["visits"]]
    source = day["routes"][0]
    refused = make(served, place, "k1", source["visits"][0]["stop_id"], source["vehicle_id"])
    assert refused.status_code == 409
    assert refused.json()["refusals"][0]["limit"] == "same"
    spare = day["idle"][0]["vehicle_id"]
    asked = {"version": 0, "parcel_ids": all_of_it or stops, "to_vehicle_id": spare}
    crowded = served.post(f"{place}/moves", "k2", json=asked)
    assert crowded.status_code == 409
    assert crowded.json()["refusals"][0]["said"]
    assert read(served, place) == day
    assert make(served, place, "k3", "nobody", source["vehicle_id"]).status_code == 404
    assert make(served, place, "k4", stops[0], "no-van").status_code == 404


def test_who_comes_second_is_told_and_the_same_key_moves_once(served, place):
    stop, told = a_move(served, place)
    first = make(served, place, "k1", stop, told["vehicle_id"])
    again = make(served, place, "k1", stop, told["vehicle_id"])
    assert again.json() == first.json()
    late = make(served, place, "k2", stop, told["vehicle_id"])
    assert late.status_code == 409
    assert late.json()["version"] == 1
    assert served.client.get(f"/v1/plans/{PLAN}/edits").json()["items"] == [first.json()]


def test_an_edit_is_taken_back_exactly_and_nothing_is_lost(served, place, clock):
    before = read(served, place)
    records = served.service.records("acme", PLAN)
    stop, told = a_move(served, place)
    make(served, place, "k1", stop, told["vehicle_id"])
    undone = served.post(f"/v1/plans/{PLAN}/edits/1/undo", "k2")
    assert undone.status_code == 200, undone.text
    after = read(served, place)
    assert {**after, "version": 0} == before
    now = served.service.records("acme", PLAN)
    for name in ("routes", "tours", "breaks"):
        assert now.tables[name].equals(records.tables[name].select(now.tables[name].columns)), name
    assert now.tables["parcels"]["cost_usd"].sum() == pytest.approx(
        records.tables["parcels"]["cost_usd"].sum()
    )
    edits = served.client.get(f"/v1/plans/{PLAN}/edits").json()["items"]
    assert [(each["number"], each["kind"], each["made_by"]) for each in edits] == [
        (2, "undo", "user:planner"),
        (1, "move", "user:planner"),
    ]
    log = AuditLog(served.room.store.backend, clock.now).newest("acme")
    assert [each.action for each in log] == ["plan.edit", "plan.edit"]
    assert log[1].detail["parcel_ids"] == [stop]
    assert served.post(f"/v1/plans/{PLAN}/edits/1/undo", "k3").status_code == 409
    assert served.post(f"/v1/plans/{PLAN}/edits/9/undo", "k4").status_code == 404


def test_a_server_that_starts_anew_reads_the_edits(served, place):
    stop, told = a_move(served, place)
    make(served, place, "k1", stop, told["vehicle_id"])
    assert read(Served(served.room), place) == read(served, place)
    one, other = (
        s.client.get(f"/v1/plans/{PLAN}/tours").json() for s in (served, Served(served.room))
    )
    assert one == other


def test_locks_hold_until_they_are_freed(served, place):
    stop, told = a_move(served, place)
    target = {"version": 0, "vehicle_ids": [told["vehicle_id"]], "locked": True}
    assert served.post(f"{place}/locks", "k1", json=target).json()["kind"] == "lock"
    locked = {r["vehicle_id"]: r["locked"] for r in read(served, place)["routes"]}
    assert locked[told["vehicle_id"]]
    refused = make(served, place, "k2", stop, told["vehicle_id"], version=1)
    assert refused.json()["refusals"][0]["limit"] == "locked"
    free = {"version": 1, "vehicle_ids": [told["vehicle_id"]], "locked": False}
    served.post(f"{place}/locks", "k3", json=free)
    pin = {"version": 2, "parcel_ids": [stop], "locked": True}
    served.post(f"{place}/locks", "k4", json=pin)
    refused = make(served, place, "k5", stop, told["vehicle_id"], version=3)
    assert refused.json()["refusals"][0]["limit"] == "locked"
    assert any(v["locked"] for r in read(served, place)["routes"] for v in r["visits"])


def test_another_tenant_and_a_released_plan_are_out_of_reach(served, place):
    stop, told = a_move(served, place)
    other = {"who": "other/planner"}
    assert served.client.get(place, headers=other).status_code == 404
    asked = {"version": 0, "parcel_ids": [stop], "to_vehicle_id": told["vehicle_id"]}
    for act, body in (
        ("moves", asked),
        ("locks", {"version": 0, "vehicle_ids": [told["vehicle_id"]], "locked": True}),
        ("optimise", {"version": 0}),
    ):
        answer = served.post(f"{place}/{act}", f"{act}-1", json=body, headers=other)
        assert answer.status_code == 404, act
        answer = served.post(
            f"{place}/{act}", f"{act}-2", json=body, headers={"who": "acme/viewer"}
        )
        assert answer.status_code == 403, act
    served.room.release(PLAN)
    assert not read(served, place)["changeable"]
    assert make(served, place, "k9", stop, told["vehicle_id"]).status_code == 409


def test_a_plan_that_is_changed_while_it_is_checked_is_not_released(served, place):
    stop, told = a_move(served, place)
    make(served, place, "k1", stop, told["vehicle_id"])
    with pytest.raises(Exception, match="changed while it was being checked"):
        served.room.release(PLAN)
    assert served.post(f"/v1/plans/{PLAN}/release", "k2").status_code == 200


def test_two_editions_are_compared_by_their_differences(served, place):
    stop, told = a_move(served, place)
    assert served.client.get(f"{place}/changes").json()["routes"] == []
    make(served, place, "k1", stop, told["vehicle_id"])
    found = served.client.get(f"{place}/changes").json()
    totals = {each["name"]: each["now"] - each["was"] for each in found["totals"]}
    assert totals["cost_usd"] == pytest.approx(told["cost_usd"], abs=1e-6)
    assert totals["stops"] == totals["parcels"] == 0
    kinds = ("fixed_usd", "distance_usd", "time_usd", "stops_usd", "parcels_usd", "fuel_usd")
    assert sum(totals[kind] for kind in kinds) == pytest.approx(totals["cost_usd"])
    assert told["vehicle_id"] in {each["vehicle_id"] for each in found["routes"]}
    assert sum(each["difference_usd"] for each in found["routes"]) == pytest.approx(
        totals["cost_usd"]
    )
    moved = [each for each in found["parcels"] if each["what"] == "moved"]
    assert stop in {each["parcel_id"] for each in moved}
    assert {each["now_vehicle_id"] for each in moved} == {told["vehicle_id"]}
    back = served.client.get(f"{place}/changes", params={"at": 1}).json()
    assert (back["routes"], back["parcels"]) == ([], [])


def test_a_day_is_saved_as_table_map_and_manifests(served, place):
    day = read(served, place)
    rows = list(csv.DictReader(io.StringIO(served.client.get(f"{place}/export").text)))
    assert len(rows) == sum(route["stops"] for route in day["routes"])
    assert {row["stop"] for row in rows} == {
        visit["stop_id"] for route in day["routes"] for visit in route["visits"]
    }
    assert all(row["name"] and row["address"] for row in rows)
    drawn = json.loads(served.client.get(f"{place}/export", params={"format": "geojson"}).content)
    lines = [each for each in drawn["features"] if each["geometry"]["type"] == "LineString"]
    assert len(lines) == len(day["routes"])
    pdf = served.client.get(f"{place}/export", params={"format": "pdf"})
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    assert b"meal" in pdf.content or all(r["paid_s"] < 6 * 3600 for r in day["routes"])


def test_the_rest_is_planned_anew_by_a_job_and_what_is_locked_stays(served, place, tmp_path):
    routes = read(served, place)["routes"]
    held = next(route for route in routes if route["mode"] == "crowd")
    lock = {"version": 0, "vehicle_ids": [held["vehicle_id"]], "locked": True}
    served.post(f"{place}/locks", "k1", json=lock)
    worse = make_worse(served, place)
    asked = {"version": worse["version"], "seconds": 3}
    told: list[dict[str, Any]] = []
    job_id = served.post(f"{place}/optimise", "k2", json=asked).json()["job_id"]
    assert served.asked.is_set()
    stages, result = done(served, tmp_path, lambda _, search: told.append(search))
    assert stages == sorted(stages)
    assert len(stages) > 2
    search = served.room.jobs.read("acme", job_id).search
    assert search == {**told[-1], "elapsed_s": search["elapsed_s"]}
    assert search["standing_usd"] == pytest.approx(worse["cost_usd"])
    costs = [each["cost_usd"] for each in search["trace"]]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] == search["standing_usd"]
    assert costs[-1] == pytest.approx(worse["cost_usd"] + result["cost_usd"], abs=1e-5)
    assert told[0]["trace"] == search["trace"][:1]
    assert served.room.jobs.read("acme", job_id).state == "done"
    after = read(served, place)
    assert result["found"]
    assert after["version"] == worse["version"] + 1
    assert after["cost_usd"] - worse["cost_usd"] == pytest.approx(result["cost_usd"], abs=1e-5)
    assert after["cost_usd"] < worse["cost_usd"]
    stays = next(r for r in after["routes"] if r["vehicle_id"] == held["vehicle_id"])
    assert stays["visits"] == held["visits"]
    records = served.service.records("acme", PLAN)
    assert release_gates(records.tables, records.network) == []


def test_what_was_planned_for_a_day_that_changed_since_is_not_kept(served, place, tmp_path):
    stop, told = a_move(served, place)
    served.post(f"{place}/optimise", "k1", json={"version": 0, "seconds": 1})
    make(served, place, "k2", stop, told["vehicle_id"])
    with pytest.raises(InvalidValueError, match="was changed since"):
        done(served, tmp_path)
    assert read(served, place)["version"] == 1


def make_worse(served: Served, place: str) -> dict[str, Any]:
    """The day after the last stop of every route went where it costs most."""
    for route in read(served, place)["routes"]:
        stop = route["visits"][-1]["stop_id"]
        able = [each for each in preview(served, place, [stop]) if each["fits"]]
        if able:
            version = read(served, place)["version"]
            worst = max(able, key=lambda each: each["cost_usd"])
            make(served, place, f"m{version}", stop, worst["vehicle_id"], version)
    return read(served, place)


def vehicle_of(day: dict[str, Any]) -> dict[str, str]:
    return {v["stop_id"]: r["vehicle_id"] for r in day["routes"] for v in r["visits"]}


def test_a_locked_stop_stays_on_its_vehicle_while_its_route_is_planned_anew(
    served, place, tmp_path
):
    worse = make_worse(served, place)
    pins = {max(r["visits"], key=lambda v: v["distance_m"])["stop_id"] for r in worse["routes"]}
    lock = {"version": worse["version"], "parcel_ids": sorted(pins), "locked": True}
    version = served.post(f"{place}/locks", "k1", json=lock).json()["version"]
    served.post(f"{place}/optimise", "k2", json={"version": version, "seconds": 3})
    _, result = done(served, tmp_path)
    assert result["found"]
    before, after = vehicle_of(worse), vehicle_of(read(served, place))
    assert {stop: after[stop] for stop in pins} == {stop: before[stop] for stop in pins}
    assert before.keys() == after.keys()
    assert before != after


def test_a_search_that_is_ended_keeps_what_it_has_found_by_then(served, place, tmp_path):
    worse = make_worse(served, place)
    asked = {"version": worse["version"], "seconds": 600}
    job_id = served.post(f"{place}/optimise", "k1", json=asked).json()["job_id"]
    end = f"{place}/optimise/{job_id}/end"
    wrong = place.rpartition("/")[0] + "/2020-01-01"
    assert served.post(f"{wrong}/optimise/{job_id}/end", "k2").status_code == 409
    assert served.post(end, "k3", headers={"who": "acme/viewer"}).status_code == 403
    assert served.post(end, "k4", headers={"who": "other/planner"}).status_code == 404

    def end_it(_: str, search: dict[str, Any]) -> None:
        if len(search["trace"]) > 1:
            assert served.post(end, "k5").json() == {"job_id": job_id}

    _, result = done(served, tmp_path, end_it)
    job = served.room.jobs.read("acme", job_id)
    assert job.search["elapsed_s"] < 300
    assert job.wants_end
    assert result["found"]
    after = read(served, place)
    assert after["cost_usd"] == pytest.approx(job.search["trace"][-1]["cost_usd"], abs=1e-5)
    assert after["cost_usd"] < worse["cost_usd"]
    waiting = served.post(
        f"{place}/optimise", "k6", json={"version": after["version"], "seconds": 600}
    ).json()["job_id"]
    served.post(f"{place}/optimise/{waiting}/end", "k7")
    assert served.room.jobs.read("acme", waiting).state == "cancelled"


def test_where_nothing_is_cheaper_nothing_is_changed(served, place, tmp_path):
    day = read(served, place)
    every = [route["vehicle_id"] for route in day["routes"]]
    lock = {"version": 0, "vehicle_ids": every, "locked": True}
    version = served.post(f"{place}/locks", "k1", json=lock).json()["version"]
    served.post(f"{place}/optimise", "k2", json={"version": version, "seconds": 1})
    _, result = done(served, tmp_path)
    assert (result["found"], result["cost_usd"]) == (False, 0)
    assert read(served, place)["version"] == version


def test_figures_of_an_edited_plan_are_measured_once_an_edit(served, place, monkeypatch):
    measured: list[int] = []

    def noted(records: Any) -> list[dict[str, Any]]:
        measured.append(1)
        return network_figures(records)

    monkeypatch.setattr("crossdock.platform.server.plans.plans.network_figures", noted)

    def figures(of: Served) -> dict[str, float]:
        told = of.client.get(f"/v1/plans/{PLAN}").json()["summary"]["kpis"]
        return {each["name"]: each["value"] for each in told}

    assert figures(served) == {}  # as the draft was kept
    stop, told = a_move(served, place)
    make(served, place, "k1", stop, told["vehicle_id"])
    first = figures(served)
    assert first == {
        each["name"]: each["value"]
        for each in network_figures(served.service.records("acme", PLAN))
    }
    lock = {"version": 1, "vehicle_ids": [told["vehicle_id"]], "locked": True}
    served.post(f"{place}/locks", "k2", json=lock)
    assert figures(served) == figures(Served(served.room)) == first
    assert measured == [1]
    served.post(f"/v1/plans/{PLAN}/edits/1/undo", "k3")
    assert figures(served) != first
    assert figures(served)
    assert measured == [1, 1]


def test_a_day_is_changed_from_start_to_end_on_either_database(
    store, clock, content, place, tmp_path
):
    room = Room(store, clock.now)
    room.draft(PLAN, content)
    served = Served(room)
    before = read(served, place)
    stop, told = a_move(served, place)
    assert make(served, place, "k1", stop, told["vehicle_id"]).status_code == 200
    lock = {"version": 1, "parcel_ids": [stop], "locked": True}
    assert served.post(f"{place}/locks", "k2", json=lock).json()["version"] == 2
    job_id = served.post(f"{place}/optimise", "k3", json={"version": 2, "seconds": 2}).json()[
        "job_id"
    ]
    _, result = done(served, tmp_path)
    assert room.jobs.read("acme", job_id).search["trace"]
    found = read(served, place)
    assert vehicle_of(found)[stop] == told["vehicle_id"]
    if result["found"]:
        assert served.post(f"/v1/plans/{PLAN}/edits/3/undo", "k4").status_code == 200
    assert served.post(f"/v1/plans/{PLAN}/edits/2/undo", "k5").status_code == 200
    assert served.post(f"/v1/plans/{PLAN}/edits/1/undo", "k6").status_code == 200
    after = read(served, place)
    assert {**after, "version": 0} == before
    changes = served.client.get(f"{place}/changes", params={"at": 1}).json()
    assert stop in {each["parcel_id"] for each in changes["parcels"]}
    assert served.client.get(f"{place}/changes").json()["routes"] == []
    for kind in ("csv", "geojson", "pdf"):
        assert served.client.get(f"{place}/export", params={"format": kind}).status_code == 200
    assert served.client.get(f"/v1/plans/{PLAN}").json()["summary"]["kpis"]
    edits = served.client.get(f"/v1/plans/{PLAN}/edits").json()["items"]
    assert [each["number"] for each in edits] == list(range(len(edits), 0, -1))


def done(
    served: Served,
    workspace: Path,
    on_search: Callable[[str, dict[str, Any]], None] = lambda *_: None,
) -> tuple[list[float], Any]:
    """Do the job that waits, as its process does; the shares that it told."""
    jobs, shares = served.room.jobs, []
    job = jobs.claim("w", list(PLAN_DAY_FUNCTIONS))
    assert job is not None

    def told(share: float, found: dict[str, Any]) -> None:
        shares.append(share)
        if "search" in found:
            on_search(job.job_id, found["search"])

    work = JobWork(
        tenant="acme", job_id=job.job_id, request=job.request, context={},
        store=served.room.store, workspace=workspace,
        report=lambda _, share, **found: told(share, found),
    )  # fmt: skip
    answer = optimise_day(work)
    jobs.finish(job.lease, answer.result, answer.effect, answer.search)
    return shares, answer.result
