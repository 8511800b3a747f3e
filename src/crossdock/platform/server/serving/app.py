"""The server's application: routes, security and the desks behind them, as one ASGI app."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cache, lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from crossdock.model import CrossdockError
from crossdock.operate.commands import Means
from crossdock.operate.tracking import PlanView
from crossdock.platform.server.compliance import compliance_router
from crossdock.platform.server.day import Day, WorldDay, day_router
from crossdock.platform.server.idempotency import Idempotency, document_key
from crossdock.platform.server.jobs import JobRunner, jobs_router
from crossdock.platform.server.orders import OrderIntake, orders_router
from crossdock.platform.server.pages import install_pages
from crossdock.platform.server.plans import (
    PLAN_FUNCTIONS,
    Plans,
    plan_reading_router,
    plans_router,
)
from crossdock.platform.server.plans.editing import (
    PLAN_DAY_FUNCTIONS,
    PlanEditing,
    plan_editing_router,
)
from crossdock.platform.server.principal import Principal
from crossdock.platform.server.problems import answer_errors
from crossdock.platform.server.reports import Reports, reports_router
from crossdock.platform.server.routing import ROUTE_FUNCTIONS, RouteDesk, routing_router
from crossdock.platform.server.security import install_security, require
from crossdock.platform.server.serving.requests import CountRequests, UnderWay
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.server.tower import (
    PLACES,
    Desks,
    EventItem,
    EventsFirst,
    Ground,
    Health,
    board_router,
    bringing_router,
    commands_router,
    fleet_router,
    note_router,
    router,
    trends_router,
)
from crossdock.platform.store import read_network
from crossdock.platform.store.database import Store
from crossdock.platform.store.database.accounts import Accounts
from crossdock.platform.store.database.idempotency import KeptAnswers
from crossdock.platform.store.database.jobs import Jobs
from crossdock.platform.store.database.orders import OrdersStore
from crossdock.platform.store.database.plans import PlanEdits, PlansStore
from crossdock.platform.store.database.route_plans import RoutePlans

_LOG = logging.getLogger(__name__)
_ABOUT = """Orders and events in; plans, parcels, exceptions and figures out.

Send `Authorization: Bearer KEY`. Every error is `application/problem+json` (RFC 9457)."""
_FORGETS_EVERY_S = 600.0


def create_app(
    store: Store,
    settings: ServerSettings,
    *,
    now: Callable[[], dt.datetime],
    networks: Mapping[str, Path] | None = None,
    day: Day | None = None,
    ground: Ground | None = None,
) -> FastAPI:
    """The application over a store.

    Parameters
    ----------
    now
        The clock of who signs in and of what is asked for.
    networks
        Folders of network files that plans may name, beside the built-in network.
    day
        The day that the towers show, with a clock of its own; None: the world's.
    ground
        What towers stand on before a plan is released.
    """
    folders = dict(networks or {})
    day = day or WorldDay(now)
    jobs = Jobs(
        store.backend, now, lease_s=settings.job_lease_s, most_attempts=settings.job_attempts
    )
    orders = OrdersStore(store.backend, now)
    stored_plans = PlansStore(store.backend, now)
    runner = JobRunner(
        store,
        jobs,
        {**PLAN_FUNCTIONS, **PLAN_DAY_FUNCTIONS, **ROUTE_FUNCTIONS},
        context={name: str(path.resolve()) for name, path in folders.items()},
    )
    edits = PlanEdits(store.backend, now)
    plans = Plans(
        stored_plans,
        jobs,
        orders,
        edits=edits,
        networks=folders,
        on_asked=runner.wake,
        on_release=lambda tenant, _: _follow_release(app, tenant),
        on_override=lambda who, plan_id, told: _log_override(app, who, plan_id, told),
    )
    desks = Desks(
        store, settings, day.now, partial(_released, plans, stored_plans, ground or Ground())
    )
    kept = KeptAnswers(store.backend, now, kept=dt.timedelta(hours=settings.idempotency_kept_h))
    idempotency = Idempotency(kept)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncGenerator[None]:
        app.state.loop = asyncio.get_running_loop()
        runner.start()
        forgetting = asyncio.create_task(_forget_forever(desks, settings, day.now))
        yield
        forgetting.cancel()
        await run_in_threadpool(runner.stop)
        await desks.stop()

    app = FastAPI(
        title="Crossdock",
        version=version("crossdock"),
        description=_ABOUT,
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.state.settings = settings
    app.state.desks = desks
    app.state.idempotency = idempotency
    app.state.under_way = UnderWay()
    answer_errors(app)
    _add_health(app, store)
    app.include_router(bringing_router)
    app.include_router(router)
    app.include_router(day_router(day, require))
    app.include_router(commands_router())
    app.include_router(trends_router)
    app.include_router(board_router)
    app.include_router(fleet_router())
    app.include_router(note_router)
    intake = OrderIntake(
        orders, services=cache(partial(_services, folders)), most_items=settings.max_batch_items
    )
    app.include_router(orders_router(intake, idempotency, require))
    editing = PlanEditing(plans, edits, jobs, runner.wake)
    for routes_of_plans in (
        plans_router(plans, idempotency, require),
        plan_reading_router(plans, require),
        plan_editing_router(editing, idempotency, require),
    ):
        app.include_router(routes_of_plans)
    app.include_router(reports_router(Reports(plans), desks, require))
    app.include_router(jobs_router(jobs, idempotency, require, on_cancel=runner.wake))
    app.include_router(compliance_router(require))
    routes = RouteDesk(RoutePlans(store.backend, now), jobs, runner.wake)
    app.include_router(routing_router(routes, idempotency, require))
    install_pages(app)
    app.add_middleware(EventsFirst)
    app.add_middleware(CountRequests, under_way=app.state.under_way)
    install_security(app, store, settings, now)
    _document(app)
    return app


def _services(networks: Mapping[str, Path]) -> list[str]:
    """Services that some network sells."""
    # Imported when the first orders come: a server that only watches starts without it.
    from crossdock.simulate.builtin import builtin_network  # noqa: PLC0415

    sold = [builtin_network(), *(read_network(path).network for path in networks.values())]
    return sorted({name for network in sold for name in network["services"]["service"]})


def _add_health(app: FastAPI, store: Store) -> None:
    @app.get("/livez", response_model=Health, tags=["health"])
    async def live() -> dict[str, object]:
        """Whether the process answers."""
        return {"status": "ok"}

    @app.get("/readyz", response_model=Health, tags=["health"], responses={503: {"model": Health}})
    async def ready(request: Request, response: Response) -> Health:
        """Whether the store answers and every tenant's desk works."""
        reasons: list[str] = []
        try:
            await run_in_threadpool(store.check)
        except CrossdockError as error:
            reasons.append(error.message)
        under_way: UnderWay = request.app.state.under_way
        if under_way.draining:
            reasons.append("the server stops")
        desks: Desks = request.app.state.desks
        if not all(desk.works for desk in desks.open.values()):
            reasons.append("a desk has stopped; the log has the reason")
        response.status_code = 503 if reasons else 200
        return Health(status="failing" if reasons else "ok", reasons=reasons)


def _released(plans: Plans, stored: PlansStore, before: Ground, tenant: str) -> Ground:
    """The released plans of a tenant, the newest first; ``before`` where there is none."""
    released = stored.released(tenant)
    records = [plans.records(tenant, plan_id) for plan_id, _ in released]
    if not records:
        return before
    places = [each.network["facilities"].select(list(PLACES)) for each in records]
    views = [PlanView.of(each.tables, each.orders) for each in records]
    means = [Means.of(each.tables, each.network, each.orders) for each in records]
    released_at = [at for _, at in released]

    @lru_cache(maxsize=4)
    def ground_of(later: int) -> Ground:
        """Without so many of the newest plans."""
        return Ground(
            PlanView.together(views[later:]),
            pl.concat(places[later:]).unique("facility_id", keep="first", maintain_order=True),
            means=Means.together(means[later:]),
        )

    def known_at(at: dt.datetime) -> Ground:
        """What was released by then; all of it where that is nothing.

        The clock that a plan was released by need not be the desk's: that of a day that is played
        is behind.
        """
        later = sum(each > at for each in released_at)
        return ground_of(later if later < len(views) else 0)

    return replace(ground_of(0), known_at=known_at)


def _follow_release(app: FastAPI, tenant: str) -> None:
    """Have the tenant's desk follow the released plan, from the thread that released it."""
    desks: Desks = app.state.desks
    done = asyncio.run_coroutine_threadsafe(desks.released(tenant), app.state.loop)
    done.result()


def _log_override(app: FastAPI, who: Principal, plan_id: str, told: Mapping[str, str]) -> None:
    """Write down who answers for a fault that a plan goes out with."""
    accounts: Accounts = app.state.accounts
    accounts.audit.append(who.tenant, who.actor, "plan.override", plan_id, told)


async def _forget_forever(
    desks: Desks, settings: ServerSettings, now: Callable[[], dt.datetime]
) -> None:
    """Drop old messages now and then."""
    while True:
        await asyncio.sleep(_FORGETS_EVERY_S)
        before = now() - dt.timedelta(hours=settings.outbox_kept_h)
        for desk in list(desks.open.values()):
            try:
                await asyncio.to_thread(desk.outbox.forget, before)
            except CrossdockError as error:
                _LOG.warning("old messages stay: %s", error.message)


def _document(app: FastAPI) -> None:
    """Every error is a problem, and the bodies that are read by hand are shown too."""
    build = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = build()
            schemas = document["components"]["schemas"]
            schemas["EventItem"] = EventItem.model_json_schema(
                ref_template="#/components/schemas/{model}"
            )
            schemas["Problem"] = _PROBLEM
            for path in document["paths"].values():
                for operation in path.values():
                    operation["responses"].pop("422", None)
                    operation["responses"]["default"] = _ANY_PROBLEM
                    document_key(operation)
            schemas.pop("HTTPValidationError", None)
            schemas.pop("ValidationError", None)
        return app.openapi_schema or {}

    app.openapi = openapi


_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["location", "message"],
                "properties": {"location": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
_ANY_PROBLEM: dict[str, Any] = {
    "description": "What is wrong",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
