"""``/v1/commands``: what a dispatcher changes of the day, previewed before it is done."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Coroutine, Mapping
from http import HTTPStatus
from typing import Annotated, Any
from weakref import WeakKeyDictionary

import msgspec
import polars as pl
from fastapi import APIRouter, Body, Request, Response
from fastapi.concurrency import run_in_threadpool

from crossdock.model import InvalidValueError
from crossdock.operate.cases import DESK
from crossdock.operate.commands import (
    Command,
    FaultyCommandError,
    Preview,
    Scene,
    arguments_of,
    given_by_desk,
    name_of,
    preview,
    read_command,
)
from crossdock.operate.readings import payload_of
from crossdock.platform.server.idempotency import Idempotency, KeyedRequest, KeyNeeded, id_of
from crossdock.platform.server.page import (
    USUAL_ROWS,
    CursorText,
    LimitNumber,
    page_of,
    position_of,
)
from crossdock.platform.server.principal import Principal
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.server.tower.answers import json
from crossdock.platform.server.tower.command_shapes import (
    CommandAnswer,
    CommandAsked,
    CommandPage,
)
from crossdock.platform.server.tower.committing import Taken
from crossdock.platform.server.tower.desk import Desk
from crossdock.platform.server.tower.routes import Dispatcher
from crossdock.platform.server.tower.views import Reader, read_desk
from crossdock.platform.store.database import EventRow, microseconds

_ENCODER = msgspec.json.Encoder(order="deterministic")
_LATEST_US = 2**62
_TOLD_APART = ("by", "command")


def commands_router() -> APIRouter:
    """The routes of commands; of a tenant one command is judged and done at a time."""
    router = APIRouter(prefix="/v1/commands", tags=["commands"])
    turns: WeakKeyDictionary[Desk, asyncio.Lock] = WeakKeyDictionary()

    @router.post("", responses={200: {"model": CommandAnswer}})
    async def command(
        request: Request, who: Dispatcher, keyed: KeyNeeded, asked: Annotated[CommandAsked, Body()]
    ) -> Response:
        """Hold, add, cancel or divert a load, move stops, try a parcel again, or give it away.

        With `preview` nothing is changed. What cannot be done is 409 with `reasons`; as a preview
        it is answered with `legal` false.
        """
        wanted = _read(asked)
        desk = await read_desk(request, who)

        async def act(token: str) -> Response:
            if asked.preview:
                at = desk.now()
                found = await _previewed(desk, wanted, at)
                return json(_answer(desk, asked, found, at, None))
            async with turns.setdefault(desk, asyncio.Lock()):
                return json(await _done(desk, who, asked, wanted, id_of(token, "command")))

        return await _once(request, keyed, who, act)

    @router.get("", responses={200: {"model": CommandPage}})
    async def list_commands(
        request: Request, who: Reader, cursor: CursorText = None, limit: LimitNumber = USUAL_ROWS
    ) -> Response:
        """What was commanded, by whom and when; the newest first."""
        after = position_of(cursor, "commands", (int, str))
        desk = await read_desk(request, who)
        before = (_LATEST_US, "") if after is None else (int(after[0]), str(after[1]))
        rows = _given(desk.acted, before).head(limit + 1).iter_rows(named=True)
        items, following = page_of(
            [_shown(row) for row in rows],
            limit,
            "commands",
            lambda row: (microseconds(row["at"]), row["event_id"]),
        )
        return json({"items": items, "next_cursor": following})

    return router


def _read(asked: CommandAsked) -> Command:
    told = asked.model_dump(by_alias=True, exclude={"command", "preview"})
    try:
        return read_command(asked.command, told)
    except FaultyCommandError as error:
        raise RefusedError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            error.message,
            errors=[(f"body.{field}", said) for field, said in error.faults],
        ) from None


async def _once(request: Request, keyed: KeyedRequest, who: Principal, work: Any) -> Response:
    """What ``work`` answers to this key, now or the first time; it is given the key's token."""
    idempotency: Idempotency = request.app.state.idempotency
    loop = asyncio.get_running_loop()

    def answer(token: str) -> Response:
        asking: Coroutine[Any, Any, Response] = work(token)
        return asyncio.run_coroutine_threadsafe(asking, loop).result()

    return await run_in_threadpool(idempotency.answer, keyed, who, answer)


async def _previewed(desk: Desk, command: Command, at: dt.datetime) -> Preview:
    ground = desk.ground
    scene = Scene(desk.present, ground.plan, ground.means, desk.acted)
    return await run_in_threadpool(preview, command, scene, at)


async def _done(
    desk: Desk, who: Principal, asked: CommandAsked, command: Command, event_id: str
) -> Mapping[str, Any]:
    """Judge a command as its preview does, then have it obeyed and kept."""
    at = desk.now()
    found = await _previewed(desk, command, at)
    if not found.legal:
        raise _refused(asked, found.reasons)

    def row(at: dt.datetime) -> EventRow:
        return _event(who, command, found, event_id, at)

    taken = await _obeyed(desk, asked, row)
    await desk.heard(taken.last_sequence)
    return _answer(desk, asked, found, at, event_id)


async def _obeyed(desk: Desk, asked: CommandAsked, row: Any) -> Taken:
    if desk.obeyed_by is None:
        return await desk.take([row(desk.now())])
    try:
        return await desk.obeyed_by(row)
    except InvalidValueError as error:
        said = f"{error.message}; {error.remedy}" if error.remedy else error.message
        raise _refused(asked, (said,)) from error


def _event(
    who: Principal, command: Command, found: Preview, event_id: str, at: dt.datetime
) -> EventRow:
    name = name_of(command)
    told = {**found.told, **arguments_of(command)}
    # What was bought says more than what was asked for: space and instants of the load itself.
    told |= {key: found.told[key] for key in ("volume_m3", "departs_at") if key in found.told}
    payload = {**told, "by": who.name, "command": name}
    at_us = microseconds(at)
    return (
        who.tenant, DESK, event_id, f"command_{name}", told.get("parcel_id"), None, None, None,
        at_us, at_us, _ENCODER.encode(payload).decode(),
    )  # fmt: skip


def _answer(
    desk: Desk, asked: CommandAsked, found: Preview, at: dt.datetime, event_id: str | None
) -> Mapping[str, Any]:
    shown = {
        each.name: getattr(found, each.name)
        for each in dataclasses.fields(found)
        if each.name not in ("told", "load")
    }
    load = None if found.load is None else _load(desk, found.load)
    return {
        "command": asked.command,
        "preview": asked.preview,
        "at": at,
        "event_id": event_id,
        "load": load,
        **shown,
    }


def _load(desk: Desk, load: Mapping[str, Any]) -> dict[str, Any]:
    zones = desk.ground.means.network.timezones
    shown = ("load_id", "from", "to", "state", "departs_at", "expected_departs_at",
             "expected_arrives_at")  # fmt: skip
    return {name: load[name] for name in shown} | {"timezone": zones.get(load["from"], "UTC")}


def _refused(asked: CommandAsked, reasons: tuple[str, ...]) -> RefusedError:
    name = asked.command.replace("_", " ")
    return RefusedError(
        HTTPStatus.CONFLICT,
        f"{name} cannot be done: {reasons[0]}",
        more={"legal": False, "reasons": list(reasons)},
    )


def _given(acted: pl.DataFrame, before: tuple[int, str]) -> pl.DataFrame:
    """Commands before a place in the list, the newest first."""
    at_us, event_id = before
    at = pl.col("occurred_at").dt.epoch("us")
    earlier = (at < at_us) | ((at == at_us) & (pl.col("source_event_id") < event_id))
    return acted.filter(given_by_desk() & earlier).sort(
        "occurred_at", "source_event_id", descending=True
    )


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    payload = payload_of(row["payload"])
    return {
        "event_id": row["source_event_id"],
        "command": str(row["kind"]).removeprefix("command_"),
        "by": str(payload.get("by", "")),
        "at": row["occurred_at"],
        "arguments": {name: value for name, value in payload.items() if name not in _TOLD_APART},
    }
