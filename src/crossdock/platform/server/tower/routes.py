"""The tower's routes: parcels, exceptions, figures and the stream out (events in: `bringing`)."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
import polars as pl
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from crossdock.operate.cases import ACTIONS, STATES
from crossdock.operate.exceptions import incidents
from crossdock.operate.figures import figures, next_cutoff
from crossdock.platform.server.idempotency import (
    Idempotency,
    KeyedRequest,
    KeyNeeded,
)
from crossdock.platform.server.page import (
    USUAL_ROWS,
    CursorText,
    LimitNumber,
    page_of,
    position_of,
)
from crossdock.platform.server.principal import DISPATCH, Principal
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.server.security import require
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.server.tower import shapes
from crossdock.platform.server.tower.answers import json
from crossdock.platform.server.tower.chart import chart
from crossdock.platform.server.tower.desk import Desk
from crossdock.platform.server.tower.exceptions import exception_detail, exception_rows
from crossdock.platform.server.tower.intake import case_event
from crossdock.platform.server.tower.parcels import (
    event_rows,
    parcel_page,
    parcel_rows,
    planned_path,
)
from crossdock.platform.server.tower.paths import ID
from crossdock.platform.server.tower.streams import told
from crossdock.platform.server.tower.views import (
    Looked,
    Reader,
    View,
    Viewed,
    desk_of,
    view_now,
)

router = APIRouter(prefix="/v1", tags=["tower"])

Dispatcher = Annotated[Principal, Depends(require(DISPATCH))]
Filter = Annotated[str | None, Query(max_length=200)]


async def once(
    request: Request,
    keyed: KeyedRequest,
    who: Principal,
    work: Callable[[], Coroutine[Any, Any, Response]],
) -> Response:
    """What ``work`` answers; with an idempotency key, what it answered the first time."""
    if keyed.key is None:
        return await work()
    idempotency: Idempotency = request.app.state.idempotency
    loop = asyncio.get_running_loop()
    return await run_in_threadpool(
        idempotency.answer,
        keyed,
        who,
        lambda _: asyncio.run_coroutine_threadsafe(work(), loop).result(),
    )


@router.get("/parcels", responses={200: {"model": shapes.ParcelPage}})
async def list_parcels(
    view: Viewed,
    status: Filter = None,
    q: Filter = None,
    cursor: CursorText = None,
    limit: LimitNumber = USUAL_ROWS,
) -> Response:
    """Parcels by id; ``q`` is part of a parcel's or an order's id."""
    scope = f"parcels {status} {q}{view.mark}"
    after = position_of(cursor, scope, (str,))
    rows = parcel_page(
        view.present,
        view.plan,
        status=status,
        asked=q,
        after=None if after is None else str(after[0]),
        count=limit + 1,
    )
    items, following = page_of(rows, limit, scope, lambda row: (row["parcel_id"],))
    return json({"items": items, "next_cursor": following})


@router.get(f"/parcels/{{parcel_id:{ID}}}/events", responses={200: {"model": shapes.ParcelEvents}})
async def show_parcel_events(view: Viewed, parcel_id: str) -> Response:
    """The events of a parcel in event time."""
    events = view.log.events_of(parcel_id)
    if view.upto is not None:
        events = events.filter(pl.col("sequence") <= view.upto)
    if events.is_empty() and not parcel_rows(
        view.present, view.plan, pl.Series([parcel_id], dtype=pl.String)
    ):
        raise RefusedError(HTTPStatus.NOT_FOUND, f"there is no parcel {parcel_id!r}")
    return json({"items": event_rows(events)})


@router.get(f"/parcels/{{parcel_id:{ID}}}", responses={200: {"model": shapes.ParcelDetail}})
async def show_parcel(view: Looked, parcel_id: str) -> Response:
    """One parcel, its planned path and its exceptions."""
    rows = parcel_rows(view.present, view.plan, pl.Series([parcel_id], dtype=pl.String))
    if not rows:
        raise RefusedError(HTTPStatus.NOT_FOUND, f"there is no parcel {parcel_id!r}")
    found = exception_rows(view.present, view.cases, view.at, parcel_id=parcel_id, count=1_000)
    return json({**rows[0], "path": planned_path(view.plan, parcel_id), "exceptions": found})


@router.get("/exceptions", responses={200: {"model": shapes.ExceptionPage}})
async def list_exceptions(
    view: Looked,
    state: Filter = None,
    kind: Filter = None,
    owner: Filter = None,
    cursor: CursorText = None,
    limit: LimitNumber = USUAL_ROWS,
) -> Response:
    """Exceptions, those that are not over first, the worst of them first."""
    if state is not None and state not in STATES:
        said = f"use one of {', '.join(STATES)}"
        raise RefusedError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"there is no state {state!r}",
            errors=[("state", said)],
        )
    scope = f"exceptions {state} {kind} {owner}{view.mark}"
    after = position_of(cursor, scope, (int,))
    start = 0 if after is None else int(after[0])
    rows = exception_rows(
        view.present,
        view.cases,
        view.at,
        state=state,
        kind=kind,
        owner=owner,
        start=start,
        count=limit + 1,
    )
    items, following = page_of(rows, limit, scope, lambda _: (start + limit,))
    return json({"items": items, "next_cursor": following})


@router.get("/exceptions/{exception_id}", responses={200: {"model": shapes.ExceptionDetail}})
async def show_exception(view: Looked, exception_id: str) -> Response:
    """One exception with its evidence and what was done."""
    return json(_exception(view, exception_id))


@router.post(
    "/exceptions/{exception_id}/actions", responses={200: {"model": shapes.ExceptionDetail}}
)
async def act_on_exception(
    request: Request,
    who: Dispatcher,
    keyed: KeyNeeded,
    exception_id: str,
    action: shapes.Action,
) -> Response:
    """Own, acknowledge, snooze, escalate, note, resolve, reopen, or undo the last of these."""
    desk = await desk_of(request, who)

    async def act() -> Response:
        shown = _exception(view_now(desk), exception_id)
        _check_action(action, shown, who, desk.now())
        return json(await _acted(desk, who, exception_id, action))

    return await once(request, keyed, who, act)


async def _acted(
    desk: Desk, who: Principal, exception_id: str, action: shapes.Action
) -> dict[str, Any]:
    event = case_event(
        tenant=who.tenant,
        kind=ACTIONS[action.action],
        exception_id=exception_id,
        version=action.version + 1,
        by=who.name,
        at=desk.now(),
        text=action.text,
        until=action.until,
        owner=action.owner,
    )
    taken = await desk.take([event])
    await desk.heard(taken.last_sequence)
    now = _exception(view_now(desk), exception_id)
    if not taken.accepted:
        raise _changed(now)
    return now


@router.get("/incidents", responses={200: {"model": shapes.Incidents}})
async def list_incidents(view: Looked) -> Response:
    """Open exceptions by their cause, the worst first."""
    standing = view.present.standing_exceptions.filter(pl.col("closed_at").is_null())
    columns = [name for name in standing.columns if name not in ("withdrawn", "revision")]
    tracking = view.present.folded.tracking
    rows = incidents(standing.select(columns), view.plan, tracking, view.at)
    ordered = rows.sort(
        "severity", "money_at_risk_usd", "incident_id", descending=[False, True, False]
    )
    return json({"at": view.at, "items": ordered.to_dicts()})


@router.get("/kpis", responses={200: {"model": shapes.Kpis}})
async def show_kpis(view: Looked) -> Response:
    """The figures, and what of the plans comes next."""
    return json(
        {
            "at": view.at,
            "items": figures(view.present, view.plan, view.cases, view.at),
            "next_cutoff": _next_cutoff(view),
        }
    )


@router.get("/map", responses={200: {"model": shapes.Chart}})
async def show_map(view: Viewed) -> Response:
    """Facilities with what waits there, vehicles, and the lanes of the plans."""
    return json(chart(view.present, view.ground, view.at))


@router.get("/stream", responses={200: {"content": {"text/event-stream": {}}}})
async def stream(
    request: Request,
    who: Reader,
    last_event_id: Annotated[str | None, Header(max_length=40)] = None,
) -> Response:
    """What happens, as server-sent events.

    ``parcel``, ``exception``, ``case``, ``command``, ``duty``, ``position``, ``shift_note``.

    ``resync``: messages are missing, load anew.
    """
    settings: ServerSettings = request.app.state.settings
    desk = await desk_of(request, who)
    if desk.hub.of_actor(who.actor) >= settings.streams_per_actor:
        raise RefusedError(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"{settings.streams_per_actor} streams are open; close one",
            headers={"Retry-After": "5"},
        )
    return StreamingResponse(
        told(desk, who.actor, last_event_id, settings.heartbeat_s),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _next_cutoff(view: View) -> dict[str, Any] | None:
    coming = next_cutoff(view.present, view.plan, view.at)
    if coming is None:
        return None
    zones = dict(view.ground.facilities.select("facility_id", "timezone").iter_rows())
    return {**coming, "timezone": zones.get(coming["facility_id"])}


def _exception(view: View, exception_id: str) -> dict[str, Any]:
    found = exception_detail(view.present, view.cases, view.at, exception_id)
    if found is None:
        raise RefusedError(HTTPStatus.NOT_FOUND, f"there is no exception {exception_id!r}")
    return found


def _check_action(
    action: shapes.Action, shown: dict[str, Any], who: Principal, now: dt.datetime
) -> None:
    if action.version != shown["version"]:
        raise _changed(shown)
    fault: tuple[str, str] | None = None
    if action.action == "snooze":
        if action.until is None or action.until.tzinfo is None:
            fault = ("until", "say until when, with a time zone")
        elif action.until <= now:
            fault = ("until", "is past")
    elif action.action == "note" and not action.text.strip():
        fault = ("text", "say what is to be noted")
    elif action.action == "undo" and not shown["acts"]:
        fault = ("action", "there is nothing to undo")
    elif action.action == "undo" and shown["acts"][-1]["by"] != who.name:
        fault = ("action", f"the last action is {shown['acts'][-1]['by']}'s")
    if fault is not None:
        raise RefusedError(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"{fault[0]}: {fault[1]}", errors=[fault]
        )


def _changed(now: dict[str, Any]) -> RefusedError:
    last = now["acts"][-1] if now["acts"] else None
    said = "" if last is None else f": {last['by']} did {last['action']}"
    return RefusedError(
        HTTPStatus.CONFLICT,
        f"the exception changed meanwhile and is at version {now['version']}{said}",
        more={"current": msgspec.to_builtins(now)},
    )
