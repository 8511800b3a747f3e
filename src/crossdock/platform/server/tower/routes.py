"""The tower's routes: events in; parcels, exceptions, figures and the stream out."""

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
from starlette.convertors import PathConvertor, register_url_convertor

from crossdock.operate.cases import ACTIONS, STATES
from crossdock.operate.exceptions import incidents
from crossdock.operate.figures import figures
from crossdock.platform.server.batches import JSON_TYPE, LINES_TYPE, Verdicts
from crossdock.platform.server.idempotency import (
    Idempotency,
    KeyedRequest,
    KeyNeeded,
    KeyWelcome,
)
from crossdock.platform.server.page import (
    USUAL_ROWS,
    CursorText,
    LimitNumber,
    page_of,
    position_of,
)
from crossdock.platform.server.principal import DISPATCH, INGEST, READ, Principal
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.server.security import require
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.server.tower import shapes
from crossdock.platform.server.tower.chart import chart
from crossdock.platform.server.tower.desk import Desk
from crossdock.platform.server.tower.exceptions import exception_detail, exception_rows
from crossdock.platform.server.tower.intake import case_event, read_events
from crossdock.platform.server.tower.parcels import (
    event_rows,
    parcel_page,
    parcel_rows,
    planned_path,
)
from crossdock.platform.server.tower.streams import told


class _AnyText(PathConvertor):
    """An id as carriers write them: slashes and line breaks too."""

    regex = r"[\s\S]*"


register_url_convertor("text", _AnyText())
router = APIRouter(prefix="/v1", tags=["tower"])

Reader = Annotated[Principal, Depends(require(READ))]
Bringer = Annotated[Principal, Depends(require(INGEST))]
Dispatcher = Annotated[Principal, Depends(require(DISPATCH))]
Filter = Annotated[str | None, Query(max_length=200)]

_CATCHES_UP_S = 2.0
_EVENTS_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON_TYPE: {
                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/EventItem"}}
            },
            LINES_TYPE: {"schema": {"type": "string"}},
        },
    }
}


def json(content: object, status: int = 200) -> Response:
    """``content`` as JSON: times in RFC 3339 with ``Z``."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


async def desk_of(request: Request, principal: Principal) -> Desk:
    """The desk of who asks."""
    return await request.app.state.desks.of(principal.tenant)


async def read_desk(request: Request, principal: Principal, *, looked: bool = False) -> Desk:
    """The desk of who asks, caught up with what was committed before they asked."""
    desk = await desk_of(request, principal)
    await desk.caught_up(_CATCHES_UP_S, looked=looked)
    return desk


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


@router.post("/events", responses={200: {"model": Verdicts}}, openapi_extra=_EVENTS_BODY)
async def take_events(request: Request, who: Bringer, keyed: KeyWelcome) -> Response:
    """Take events in for good; answered after they are on the disk, with a verdict on each."""
    settings: ServerSettings = request.app.state.settings
    desk = await desk_of(request, who)

    async def take() -> Response:
        rows, rejected = read_events(
            await request.body(),
            request.headers.get("content-type", ""),
            tenant=who.tenant,
            received_at=desk.now(),
            most=settings.max_batch_items,
        )
        taken = await desk.take(rows)
        return json(
            {
                "accepted": taken.accepted,
                "duplicates": taken.duplicates,
                "rejected": [each.model_dump() for each in rejected],
            }
        )

    return await once(request, keyed, who, take)


@router.get("/parcels", responses={200: {"model": shapes.ParcelPage}})
async def list_parcels(
    request: Request,
    who: Reader,
    status: Filter = None,
    q: Filter = None,
    cursor: CursorText = None,
    limit: LimitNumber = USUAL_ROWS,
) -> Response:
    """Parcels by id; ``q`` is part of a parcel's or an order's id."""
    scope = f"parcels {status} {q}"
    after = position_of(cursor, scope, (str,))
    desk = await read_desk(request, who)
    rows = parcel_page(
        desk.present,
        desk.plan,
        status=status,
        asked=q,
        after=None if after is None else str(after[0]),
        count=limit + 1,
    )
    items, following = page_of(rows, limit, scope, lambda row: (row["parcel_id"],))
    return json({"items": items, "next_cursor": following})


@router.get("/parcels/{parcel_id:text}/events", responses={200: {"model": shapes.ParcelEvents}})
async def show_parcel_events(request: Request, who: Reader, parcel_id: str) -> Response:
    """The events of a parcel in event time."""
    desk = await read_desk(request, who)
    events = desk.log.events_of(parcel_id)
    if events.is_empty() and not parcel_rows(
        desk.present, desk.plan, pl.Series([parcel_id], dtype=pl.String)
    ):
        raise RefusedError(HTTPStatus.NOT_FOUND, f"there is no parcel {parcel_id!r}")
    return json({"items": event_rows(events)})


@router.get("/parcels/{parcel_id:text}", responses={200: {"model": shapes.ParcelDetail}})
async def show_parcel(request: Request, who: Reader, parcel_id: str) -> Response:
    """One parcel, its planned path and its exceptions."""
    desk = await read_desk(request, who, looked=True)
    rows = parcel_rows(desk.present, desk.plan, pl.Series([parcel_id], dtype=pl.String))
    if not rows:
        raise RefusedError(HTTPStatus.NOT_FOUND, f"there is no parcel {parcel_id!r}")
    found = exception_rows(desk.present, desk.cases, desk.now(), parcel_id=parcel_id, count=1_000)
    return json({**rows[0], "path": planned_path(desk.plan, parcel_id), "exceptions": found})


@router.get("/exceptions", responses={200: {"model": shapes.ExceptionPage}})
async def list_exceptions(
    request: Request,
    who: Reader,
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
    scope = f"exceptions {state} {kind} {owner}"
    after = position_of(cursor, scope, (int,))
    start = 0 if after is None else int(after[0])
    desk = await read_desk(request, who, looked=True)
    rows = exception_rows(
        desk.present,
        desk.cases,
        desk.now(),
        state=state,
        kind=kind,
        owner=owner,
        start=start,
        count=limit + 1,
    )
    items, following = page_of(rows, limit, scope, lambda _: (start + limit,))
    return json({"items": items, "next_cursor": following})


@router.get("/exceptions/{exception_id}", responses={200: {"model": shapes.ExceptionDetail}})
async def show_exception(request: Request, who: Reader, exception_id: str) -> Response:
    """One exception with its evidence and what was done."""
    desk = await read_desk(request, who, looked=True)
    return json(_exception(desk, exception_id))


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
        shown = _exception(desk, exception_id)
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
    now = _exception(desk, exception_id)
    if not taken.accepted:
        raise _changed(now)
    return now


@router.get("/incidents", responses={200: {"model": shapes.Incidents}})
async def list_incidents(request: Request, who: Reader) -> Response:
    """Open exceptions by their cause, the worst first."""
    desk = await read_desk(request, who, looked=True)
    at, present = desk.now(), desk.present
    standing = present.standing_exceptions.filter(pl.col("closed_at").is_null())
    columns = [name for name in standing.columns if name not in ("withdrawn", "revision")]
    rows = incidents(standing.select(columns), desk.plan, present.folded.tracking, at)
    ordered = rows.sort(
        "severity", "money_at_risk_usd", "incident_id", descending=[False, True, False]
    )
    return json({"at": at, "items": ordered.to_dicts()})


@router.get("/kpis", responses={200: {"model": shapes.Kpis}})
async def show_kpis(request: Request, who: Reader) -> Response:
    """The figures of now."""
    desk = await read_desk(request, who, looked=True)
    at = desk.now()
    return json({"at": at, "items": figures(desk.present, desk.plan, desk.cases, at)})


@router.get("/map", responses={200: {"model": shapes.Chart}})
async def show_map(request: Request, who: Reader) -> Response:
    """Facilities with what waits there, vehicles, and the lanes of the plans."""
    desk = await read_desk(request, who)
    return json(chart(desk.present, desk.ground, desk.now()))


@router.get("/stream", responses={200: {"content": {"text/event-stream": {}}}})
async def stream(
    request: Request,
    who: Reader,
    last_event_id: Annotated[str | None, Header(max_length=40)] = None,
) -> Response:
    """What happens, as server-sent events.

    ``parcel``, ``exception``, ``case``, ``position``, ``shift_note``.

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


def _exception(desk: Desk, exception_id: str) -> dict[str, Any]:
    found = exception_detail(desk.present, desk.cases, desk.now(), exception_id)
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
