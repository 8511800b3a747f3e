"""Routes of shift notes: written by one dispatcher, read by the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Query, Request, Response

from crossdock.operate.shift_notes import READ, WRITTEN, ShiftNote, standing
from crossdock.platform.server.idempotency import KeyNeeded, id_of
from crossdock.platform.server.principal import Principal
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.server.tower import board_shapes as shapes
from crossdock.platform.server.tower.answers import json
from crossdock.platform.server.tower.desk import Desk
from crossdock.platform.server.tower.intake import desk_event
from crossdock.platform.server.tower.routes import Dispatcher, once
from crossdock.platform.server.tower.views import Looked, Reader, View, desk_of, view_now

note_router = APIRouter(prefix="/v1", tags=["shift notes"])

_MOST = 200


@note_router.post("/shift-notes", status_code=201, responses={201: {"model": shapes.ShiftNote}})
async def write_note(
    request: Request, who: Dispatcher, keyed: KeyNeeded, asked: shapes.NoteAsked
) -> Response:
    """Tell the next dispatcher; how the day stands now is kept with it."""
    if not asked.text.strip():
        said = "say what the next dispatcher is to know"
        raise RefusedError(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"text: {said}", errors=[("body.text", said)]
        )
    desk = await desk_of(request, who)
    # The key makes the id: a request that is sent again after a crash is the same event.
    note_id = id_of(f"{who.actor} {keyed.key}", "note")

    async def write() -> Response:
        await desk.caught_up(2.0, looked=True)
        at = desk.now()
        told = {
            "note_id": note_id,
            "by": who.name,
            "actor": who.actor,
            "to": asked.to,
            "text": asked.text,
            "standing": standing(desk.present, desk.ground.plan, desk.cases, at, who.name).told(),
        }
        await _tell(desk, who, WRITTEN, note_id, told, at)
        return json(_shown(view_now(desk), [_note(desk, note_id)], who)[0], status=201)

    return await once(request, keyed, who, write)


@note_router.get("/shift-notes", responses={200: {"model": shapes.ShiftNotes}})
async def list_notes(
    view: Looked, who: Reader, limit: Annotated[int, Query(ge=1, le=_MOST)] = 20
) -> Response:
    """The newest notes, with how the day stood then and what changed since."""
    return json({"at": view.at, "items": _shown(view, view.notes.newest(limit), who)})


@note_router.post("/shift-notes/{note_id}/read", responses={200: {"model": shapes.ShiftNote}})
async def read_note(request: Request, who: Dispatcher, keyed: KeyNeeded, note_id: str) -> Response:
    """Take a note over: who wrote it sees that, and it is shown to you no more."""
    desk = await desk_of(request, who)

    async def read() -> Response:
        if not _note(desk, note_id).read_by(who.actor):
            told = {"note_id": note_id, "by": who.name, "actor": who.actor}
            await _tell(desk, who, READ, f"{note_id}/{who.actor}", told, desk.now())
        return json(_shown(view_now(desk), [_note(desk, note_id)], who)[0])

    return await once(request, keyed, who, read)


async def _tell(
    desk: Desk, who: Principal, kind: str, event_id: str, told: dict[str, Any], at: dt.datetime
) -> None:
    event = desk_event(tenant=who.tenant, kind=kind, event_id=event_id, told=told, at=at)
    taken = await desk.take([event])
    await desk.heard(taken.last_sequence)


def _note(desk: Desk, note_id: str) -> ShiftNote:
    found = desk.notes.by_id.get(note_id)
    if found is None:
        raise RefusedError(HTTPStatus.NOT_FOUND, f"there is no shift note {note_id!r}")
    return found


def _shown(view: View, notes: Sequence[ShiftNote], who: Principal) -> list[dict[str, Any]]:
    exceptions = view.present.standing_exceptions
    stands = {
        author: standing(view.present, view.plan, view.cases, view.at, author).told()
        for author in {note.by for note in notes}
    }
    return [
        {
            **{name: getattr(note, name) for name in ("note_id", "by", "to", "text", "at")},
            "read": note.read_by(who.actor),
            "readings": [{"by": each.by, "at": each.at} for each in note.readings],
            "standing": note.standing.told(),
            "now": stands[note.by],
            "since": exceptions.select(
                opened=(pl.col("opened_at") > note.at).sum(),
                closed=(pl.col("closed_at") > note.at).sum(),
            ).row(0, named=True),
        }
        for note in notes
    ]
