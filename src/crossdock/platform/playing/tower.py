"""A run under an open tower, from its first moment: sign in, watch it planned, watch it played.

While it is planned the tower stands on a store beside the run; when the plan is there the store
moves into the run's folder with everybody who signed in, and requests wait for that moment.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from fastapi import FastAPI

from crossdock.model import InterruptedRunError
from crossdock.platform.clock import SystemClock
from crossdock.platform.planning import DEFAULT_PARCELS, PlanRequest
from crossdock.platform.playing.day import PlayedDay
from crossdock.platform.playing.play import TwinPlay
from crossdock.platform.playing.switch import Switch
from crossdock.platform.playing.work import work_beside
from crossdock.platform.running import (
    Player,
    RunOutcome,
    note_text,
    outcome_of,
    store_url,
    twin_input,
)
from crossdock.platform.server import ServerSettings
from crossdock.platform.server.plans import keep_released
from crossdock.platform.server.security import link_path
from crossdock.platform.server.serving import create_app, drain, get_ready, listening
from crossdock.platform.server.tower import PLACES, Desk, Ground
from crossdock.platform.store import RUN_NOTE, read_network
from crossdock.platform.store.database import Store, open_database
from crossdock.platform.store.database.accounts import Accounts
from crossdock.simulate.builtin import builtin_network

TENANT = "default"
OPERATOR = "operator@localhost"
_BY = "run"


@dataclass(frozen=True)
class Watching:
    """How a run is watched.

    Attributes
    ----------
    speed
        Seconds of the day in a second; None: as fast as it goes.
    """

    host: str = "127.0.0.1"
    port: int = 8_000
    speed: float | None = 60.0
    settings: ServerSettings = field(default_factory=ServerSettings)


def serve_run(
    request: PlanRequest,
    watching: Watching,
    *,
    told: Callable[[str], None],
    on_end: Callable[[RunOutcome], None],
) -> None:
    """Plan, release, play and measure a run under an open tower, until the process is stopped.

    Parameters
    ----------
    told
        Is given each line for who started it: the address, a link that signs in once.
    on_end
        Is told when the days are over and measured; the tower stays open.

    Raises
    ------
    UsageError
        The address cannot be listened at.
    InterruptedRunError
        It was stopped before the days were over; `resume_run` goes on.
    InputUnusableError, GateClosedError
        As planning and releasing do.
    """
    get_ready(watching.host, watching.port)
    with tempfile.TemporaryDirectory(prefix="crossdock-tower-") as anteroom:
        asyncio.run(_watch(request, watching, Path(anteroom) / "store.sqlite", told, on_end))


async def _watch(
    request: PlanRequest,
    watching: Watching,
    anteroom: Path,
    told: Callable[[str], None],
    on_end: Callable[[RunOutcome], None],
) -> None:
    day = PlayedDay(_begins_at(request), watching.speed)
    switch, path = Switch(), request.out.resolve()
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    async with listening(
        switch, watching.host, watching.port, watching.settings, address.set_result
    ) as stop:
        ground = await asyncio.to_thread(_ground, request)
        async with _open(f"sqlite:///{anteroom}", switch, watching, day, ground) as first:
            path_in = await asyncio.to_thread(_link, first)
            told(f"the tower is open: {await address}")
            told(f"sign in, once and within 15 minutes: {await address}{path_in}")
            errand = {"do": "plan", "path": str(path), "note": note_text(request)}
            try:
                desk = await _desk(switch)
                await work_beside(
                    errand, day, "planning", stop,
                    on_found=lambda found: desk.stand_on(replace(ground, waiting=found["waiting"])),
                )  # fmt: skip
            except InterruptedRunError:
                raise _stopped(path) from None
        shutil.move(anteroom, store_url(path).removeprefix("sqlite:///"))
        async with _open(store_url(path), switch, watching, day, Ground(), plan=path) as store:
            desk = await _desk(switch)
            player = await asyncio.to_thread(lambda: Player(store.log(TENANT), twin_input(path)))
            if not await TwinPlay(player, day, desk, stop).run():
                raise _stopped(path)
            try:
                await work_beside({"do": "measure", "path": str(path)}, day, "measuring", stop)
            except InterruptedRunError:
                raise _stopped(path) from None
            day.end()
            on_end(outcome_of(path))
            await stop.wait()


@asynccontextmanager
async def _open(
    url: str,
    switch: Switch,
    watching: Watching,
    day: PlayedDay,
    ground: Ground,
    *,
    plan: Path | None = None,
) -> AsyncGenerator[Store]:
    """The tower over a store, answering until the block ends.

    Parameters
    ----------
    plan
        Run whose plan the tower stands on. Without one, requests wait for the next tower
        afterwards; with one, this is the last.
    """
    with open_database(url) as store:
        if plan is not None:
            await asyncio.to_thread(keep_released, store, TENANT, plan, by=_BY)
        app = create_app(store, watching.settings, now=SystemClock().now, day=day, ground=ground)
        async with app.router.lifespan_context(app):
            switch.open(app)
            try:
                yield store
            finally:
                if plan is None:  # the tower over the plan comes next
                    await switch.hold(watching.settings.drain_s)
                await drain(app, watching.settings.drain_s)


async def _desk(switch: Switch) -> Desk:
    app = switch.app
    assert isinstance(app, FastAPI)
    return await app.state.desks.of(TENANT)


def _link(store: Store) -> str:
    """A path that signs an administrator of this run in, once."""
    accounts = Accounts(store.backend, SystemClock().now)
    accounts.make_tenant(TENANT, by=_BY)
    user = accounts.users.create(TENANT, OPERATOR, "Operator", "admin", by=_BY)
    return link_path(accounts.links.create(user, by=_BY))


def _ground(request: PlanRequest) -> Ground:
    """The facilities, before anything is planned."""
    if request.network_dir is not None:
        network = read_network(request.network_dir).network
    else:
        scale = max(1.0, (request.parcels or DEFAULT_PARCELS) / DEFAULT_PARCELS)
        network = builtin_network(request.metros or 45, scale=scale)
    places = network["facilities"].select(list(PLACES))
    return Ground(facilities=places.unique("facility_id", keep="first", maintain_order=True))


def _begins_at(request: PlanRequest) -> dt.datetime:
    if request.start_date is None:
        return SystemClock().now()
    return dt.datetime.combine(request.start_date, dt.time(0), dt.UTC)


def _stopped(path: Path) -> InterruptedRunError:
    if not (path / RUN_NOTE).is_file():
        return InterruptedRunError("the run was stopped before it began")
    return InterruptedRunError(
        "the run was stopped before its days were over",
        remedy=f"go on without the tower: crossdock resume {path}",
    )
