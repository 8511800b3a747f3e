"""What the tower knew at an instant is what a tower would know that had heard no more."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from fastapi import FastAPI, Request
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.operate.tracking import PlanView
from crossdock.platform.server.principal import DISPATCH, Principal
from crossdock.platform.server.problems import answer_errors
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.server.tower import (
    PLACES,
    Desks,
    Ground,
    board_router,
    fleet_router,
    note_router,
    router,
    trends_router,
)
from crossdock.platform.server.tower.intake import case_event, desk_event, read_events
from crossdock.platform.server.tower.past import Past
from crossdock.platform.server.tower.views import Reader
from crossdock.platform.store.database import EventRow, Store, open_database, rows_of
from synthetic_run import build_run

BEGAN = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
HOURS = 40
SETTINGS = replace(ServerSettings(), commit_wait_ms=0.5, sweep_s=60.0)
TENANT = map("tenant-{}".format, count())
RUN = build_run(20)
FACILITIES = RUN.network["facilities"].select(list(PLACES))
EARLY = Ground(PlanView.of({}), FACILITIES)
LATER = Ground(PlanView.of(RUN.tables, RUN.orders), FACILITIES)
RELEASED_AT = BEGAN + dt.timedelta(hours=9)
PARCELS = [*RUN.tables["parcels"]["parcel_id"].head(3), "nobody's"]
LOADS = RUN.tables["loads"]["load_id"].head(3).to_list()
PATHS = (
    "/v1/kpis", "/v1/map", "/v1/parcels", "/v1/parcels?limit=3", "/v1/exceptions", "/v1/incidents",
    "/v1/exceptions?state=open", "/v1/kpis/history?hours=30&points=5", "/v1/facilities",
    "/v1/facilities/LAX/board?hours=24", "/v1/facilities/DFW/board?hours=24", "/v1/shift-notes",
    "/v1/drivers",
    *(f"/v1/parcels/{each}{more}" for each in PARCELS for more in ("", "/events")),
)  # fmt: skip

Item = dict[str, Any]


def known_at(at: dt.datetime) -> Ground:
    return EARLY if at < RELEASED_AT else LATER


GROUND = replace(LATER, known_at=known_at)

events = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(
                ["picked_up", "arrived_facility", "departed_facility", "attempt_failed", "damaged",
                 "delivered", "lost", "teleported"]
            ),
            "parcel_id": st.sampled_from(PARCELS),
            "facility_id": st.sampled_from(["LAX", "DFW", "EWR"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["load_departed", "load_arrived", "load_delayed"]),
            "facility_id": st.sampled_from(["LAX", "DFW"]),
            "vehicle_id": st.sampled_from(["V1", "V2"]),
            "payload": st.fixed_dictionaries({"load_id": st.sampled_from(LOADS)}),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("load_added"),
            "payload": st.fixed_dictionaries(
                {
                    "load_id": st.sampled_from(["X1", "X2"]),
                    "from": st.sampled_from(["LAX", "DFW"]),
                    "to": st.just("EWR"),
                    "departs_at": st.integers(0, HOURS).map(
                        lambda hour: (BEGAN + dt.timedelta(hours=hour)).isoformat()
                    ),
                }
            ),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["position", "vehicle_down", "vehicle_up"]),
            "vehicle_id": st.sampled_from(["V1", "V2"]),
            "latitude": st.sampled_from([34.0, 35.5]),
            "longitude": st.just(-118.0),
        }
    ),
)  # fmt: skip
days = st.lists(
    # What happened, when it was told, and how long it had taken to be told.
    st.tuples(events, st.integers(0, HOURS * 60), st.integers(0, 300)), min_size=6, max_size=30,
)  # fmt: skip


class Clock:
    """Stands where it is put."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at

    def now(self) -> dt.datetime:
        return self.at


class Asked:
    """A tower's own routes, asked by a dispatcher of one tenant."""

    def __init__(self, store: Store, tenant: str, clock: Clock, ground: Ground) -> None:
        self.desks = Desks(store, SETTINGS, clock.now, lambda _: ground)
        self.tenant = tenant
        app = FastAPI()
        answer_errors(app)
        for each in (router, trends_router, board_router, note_router, fleet_router()):
            app.include_router(each)
        app.state.desks, app.state.settings = self.desks, SETTINGS
        app.dependency_overrides[get_args(Reader)[1].dependency] = self.principal
        transport = httpx.ASGITransport(app)
        self._http = httpx.AsyncClient(transport=transport, base_url="http://tower")

    def principal(self, _: Request) -> Principal:
        who = Principal(self.tenant, "user:ann", "Ann", "dispatcher")
        assert who.may(DISPATCH)
        return who

    async def __aenter__(self) -> Asked:
        await self.desks.of(self.tenant)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.desks.stop()
        await self._http.aclose()

    async def get(self, path: str, at: dt.datetime | None = None) -> httpx.Response:
        asked = {} if at is None else {"at": at.isoformat()}
        return await self._http.get(httpx.URL(path).copy_merge_params(asked))


@pytest.fixture(scope="module")
def store(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    place = tmp_path_factory.mktemp("past") / "store.db"
    shutil.copy(migrated_sqlite, place)
    with open_database(f"sqlite:///{place}") as store:
        yield store


async def lived(
    asked: Asked, clock: Clock, day: Sequence[tuple[Item, int, int]], *, decides: bool = False
) -> None:
    """Tell a day as it comes in; each hour or so somebody takes what is worst, and ``decides``."""
    desk = await asked.desks.of(asked.tenant)
    for number, (item, minute, told_later) in enumerate(sorted(day, key=lambda each: each[1])):
        clock.at = BEGAN + dt.timedelta(minutes=minute)
        occurred_at = clock.at - dt.timedelta(minutes=told_later)
        told = item | {"source": "scanner", "source_event_id": str(number)}
        rows, rejected = read_events(
            json.dumps([told | {"occurred_at": occurred_at.isoformat()}]).encode(),
            "application/json", tenant=asked.tenant, received_at=clock.at, most=1,
        )  # fmt: skip
        assert not rejected
        await desk.take(rows)
        if decides and number % 3 == 1:
            await desk.take(decided(asked.tenant, number, clock.at))
        if number % 4 == 3:
            open_ones = (await asked.get("/v1/exceptions?state=open&limit=1")).json()["items"]
            for found in open_ones:
                await desk.take(
                    [
                        case_event(
                            tenant=asked.tenant, kind="case_owned", exception_id=found["id"],
                            version=found["version"] + 1, by="Ann", at=clock.at,
                        )
                    ]
                )  # fmt: skip
    await desk.settle()


def decided(tenant: str, number: int, at: dt.datetime) -> list[EventRow]:
    """A hold, and a note for the next dispatcher that this one's successor reads."""
    until = (at + dt.timedelta(hours=number % 5)).isoformat()
    note = {"note_id": str(number), "by": "Ann", "actor": "user:1", "to": "", "text": "Look."}
    told = (
        ("command_hold_departure", {"load_id": LOADS[number % 3], "until": until, "by": "Ann"}),
        ("shift_note", note),
        ("shift_note_read", {"note_id": str(number - 3), "by": "Kim", "actor": "user:ann"}),
    )
    return [
        desk_event(tenant=tenant, kind=kind, event_id=f"{kind} {number}", told=each, at=at)
        for kind, each in told
    ]


async def answers(asked: Asked, at: dt.datetime | None = None) -> dict[str, Any]:
    found = {path: await asked.get(path, at) for path in PATHS}
    # A cursor tells the lists of two instants apart; what it leads to is the same.
    return {
        path: (answer.status_code, {**answer.json(), "next_cursor": None})
        for path, answer in found.items()
    }


async def knew_what_it_had_heard(
    store: Store, day: Sequence[tuple[Item, int, int]], luck: random.Random
) -> None:
    tenant, clock = next(TENANT), Clock(BEGAN)
    async with Asked(store, tenant, clock, GROUND) as tower:
        await lived(tower, clock, day, decides=True)
        clock.at = BEGAN + dt.timedelta(hours=HOURS + 1)
        desk = await tower.desks.of(tenant)
        desk.past = Past(desk.log, events_apart=luck.randint(1, 6), most_states=3)
        received = desk.log.all_events()["received_at"].to_list()
        instants = [
            BEGAN - dt.timedelta(hours=1),
            luck.choice(received),
            luck.choice(received) - dt.timedelta(microseconds=1),
            BEGAN + dt.timedelta(minutes=luck.randint(0, HOURS * 60)),
            clock.at,
        ]
        luck.shuffle(instants)
        for at in instants:
            heard = desk.log.all_events()
            prefix = heard.filter(heard["received_at"] <= at).drop("sequence")
            fresh = next(TENANT)
            if prefix.height:
                rows = [(fresh, *row[1:]) for row in rows_of(prefix)]
                store.log(fresh).append_rows(rows)
            async with Asked(store, fresh, Clock(at), known_at(at)) as other:
                assert await answers(tower, at) == await answers(other)


@settings(max_examples=2)
@given(days, st.randoms(use_true_random=False))
def test_it_knew_what_a_tower_knows_that_had_heard_no_more(store, day, luck):
    asyncio.run(knew_what_it_had_heard(store, day, luck))


@pytest.mark.slow
@settings(max_examples=150)
@given(days, st.randoms(use_true_random=False))
def test_of_many_more_days_it_knew_no_more(store, day, luck):
    asyncio.run(knew_what_it_had_heard(store, day, luck))


def scan(minute: int, parcel_id: str = "P1", kind: str = "arrived_facility") -> Item:
    return {"kind": kind, "parcel_id": parcel_id, "facility_id": "LAX", "minute": minute}


def day_of(*scans: Item) -> list[tuple[Item, int, int]]:
    return [
        ({name: each[name] for name in each if name != "minute"}, each["minute"], 0)
        for each in scans
    ]


def test_what_is_not_past_or_has_no_zone_is_refused_by_name(store):
    async def ask() -> None:
        clock = Clock(BEGAN)
        async with Asked(store, next(TENANT), clock, Ground()) as tower:
            refused = await tower.get("/v1/kpis", clock.at + dt.timedelta(seconds=1))
            assert refused.status_code == 422
            assert refused.json()["errors"][0]["location"] == "query.at"
            for said in ("2026-11-30T12:00:00", "yesterday", "0001-01-01T00:00:00%2B14:00"):
                refused = await tower.get(f"/v1/kpis?at={said}")
                assert (refused.status_code, refused.json()["errors"][0]["location"]) == (
                    422, "query.at",
                )  # fmt: skip

    asyncio.run(ask())


def test_before_the_first_event_nothing_is_known(store):
    async def ask() -> None:
        clock = Clock(BEGAN)
        async with Asked(store, next(TENANT), clock, Ground()) as tower:
            await lived(tower, clock, day_of(scan(10)))
            before = BEGAN + dt.timedelta(minutes=9)
            assert (await tower.get("/v1/parcels", before)).json()["items"] == []
            assert (await tower.get("/v1/parcels/P1", before)).status_code == 404
            assert (await tower.get("/v1/parcels/P1/events", before)).status_code == 404
            assert (await tower.get("/v1/parcels/P1", clock.at)).status_code == 200

    asyncio.run(ask())


def test_what_comes_in_at_the_instant_that_was_asked_for_is_known_by_then(store):
    """The clock of a played day may stand still while events come in."""

    async def ask() -> None:
        clock = Clock(BEGAN)
        async with Asked(store, next(TENANT), clock, Ground()) as tower:
            await lived(tower, clock, day_of(scan(10)))
            asked_at = clock.at
            events = (await tower.get("/v1/parcels/P1/events", asked_at)).json()["items"]
            assert len(events) == 1
            desk = await tower.desks.of(tower.tenant)
            (row,) = rows_of(desk.log.all_events().drop("sequence"))
            await desk.take([(*row[:2], "another", *row[3:])])
            events = (await tower.get("/v1/parcels/P1/events", asked_at)).json()["items"]
            assert len(events) == 2

    asyncio.run(ask())


def test_a_question_near_another_folds_what_lies_between_and_few_states_are_kept(store):
    async def ask() -> None:
        clock = Clock(BEGAN)
        async with Asked(store, next(TENANT), clock, Ground()) as tower:
            await lived(tower, clock, day_of(*(scan(n, f"P{n}") for n in range(60))))
            desk = await tower.desks.of(tower.tenant)
            read: list[int] = []
            first = desk.log.all_events()["sequence"][0]
            desk.past = Past(desk.log, events_apart=4, most_states=6)
            whole = desk.log.read
            desk.log.read = lambda after, **more: (read.append(after), whole(after, **more))[1]
            ground = Ground()
            await desk.past.at(BEGAN + dt.timedelta(minutes=50), ground)
            assert read == [0]
            assert desk.past.states <= 6
            await desk.past.at(BEGAN + dt.timedelta(minutes=51), ground)
            await desk.past.at(BEGAN + dt.timedelta(minutes=30), ground)
            assert read[1] - first == 50
            assert 15 <= read[2] - first <= 30
            await desk.past.at(BEGAN + dt.timedelta(minutes=30), ground)
            assert len(read) == 3  # it was asked before

    asyncio.run(ask())
