"""What one dispatcher tells the next: notes with how the day stood, and who has read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, cast

import polars as pl

from crossdock.operate.cases import DESK, Cases
from crossdock.operate.loads_now import loads_now
from crossdock.operate.present import Present
from crossdock.operate.readings import payload_of
from crossdock.operate.tracking import PlanView

WRITTEN, READ = "shift_note", "shift_note_read"
KINDS = (WRITTEN, READ)
MOST_NAMED = 5


@dataclass(frozen=True)
class Standing:
    """How the day stands for who hands it over.

    Attributes
    ----------
    open, untouched
        Exceptions that are not over, and those of them that nobody has acted on.
    owned
        Those that the author owns; ``owned_ids``: the worst `MOST_NAMED` of them.
    held_loads
        Loads that a hold keeps at the dock.
    """

    open: int = 0
    untouched: int = 0
    owned: int = 0
    owned_ids: tuple[str, ...] = ()
    held_loads: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """As a payload has it."""
        return asdict(self)


def standing(
    present: Present, plan: PlanView, cases: Cases, at: dt.datetime, author: str
) -> Standing:
    """How the day stands at ``at`` for its ``author``."""
    rows = present.standing_exceptions.filter(pl.col("closed_at").is_null()).sort(
        "severity",
        "money_at_risk_usd",
        "exception_id",
        descending=[False, True, False],
        nulls_last=True,
    )
    open_ids: list[str] = rows["exception_id"].to_list()
    owned = [each for each in open_ids if cases.of(each).owner == author]
    # A hold that was released is one until the planned departure: the load is held no more.
    ever = present.folded.load_calls.holds()["load_id"]
    held = loads_now(present, plan, at, load_ids=ever).filter(pl.col("state") == "held")
    return Standing(
        open=len(open_ids),
        untouched=sum(cases.of(each).state(at, over=False) == "open" for each in open_ids),
        owned=len(owned),
        owned_ids=tuple(owned[:MOST_NAMED]),
        held_loads=tuple(held["load_id"]),
    )


@dataclass(frozen=True)
class Reading:
    """Who took a note over, and when."""

    by: str
    actor: str
    at: dt.datetime


@dataclass(frozen=True)
class ShiftNote:
    """One note.

    Attributes
    ----------
    by, actor
        Who wrote it: the name, and the user or key.
    to
        Whom it is for; empty: whoever comes next.
    standing
        How the day stood when it was written.
    """

    note_id: str
    by: str
    actor: str
    to: str
    text: str
    at: dt.datetime
    standing: Standing
    readings: tuple[Reading, ...] = ()

    def read_by(self, actor: str) -> bool:
        """Whether they need not be shown it any more: they read it, or wrote it."""
        return self.actor == actor or any(each.actor == actor for each in self.readings)


@dataclass(frozen=True)
class ShiftNotes:
    """The notes of a tenant; the same for any order and batch of their events.

    Attributes
    ----------
    early
        Readings of notes of which nothing was heard yet.
    """

    by_id: Mapping[str, ShiftNote] = field(default_factory=dict[str, ShiftNote])
    early: tuple[tuple[str, Reading], ...] = ()

    def newest(self, most: int) -> list[ShiftNote]:
        """Up to ``most`` notes, the newest first."""
        ordered = sorted(self.by_id.values(), key=lambda note: (note.at, note.note_id))
        return ordered[::-1][:most]

    def after(self, events: pl.DataFrame) -> ShiftNotes:
        """The notes after ``events`` (columns `EVENTS`)."""
        told = events.filter((pl.col("source") == DESK) & pl.col("kind").is_in(list(KINDS)))
        if told.is_empty():
            return self
        notes, readings = dict(self.by_id), list(self.early)
        for row in told.iter_rows(named=True):
            payload = payload_of(row["payload"])
            note_id = payload.get("note_id")
            if not isinstance(note_id, str):
                continue
            if row["kind"] == WRITTEN:
                notes.setdefault(note_id, _note(note_id, payload, row["occurred_at"]))
            else:
                readings.append((note_id, _reading(payload, row["occurred_at"])))
        early: list[tuple[str, Reading]] = []
        for note_id, reading in readings:
            if note_id in notes:
                notes[note_id] = _with_reading(notes[note_id], reading)
            else:
                early.append((note_id, reading))
        return replace(self, by_id=notes, early=tuple(early))


def _with_reading(note: ShiftNote, reading: Reading) -> ShiftNote:
    """Of several readings by one the first counts."""
    firsts: dict[str, Reading] = {}
    for each in sorted((*note.readings, reading), key=lambda one: (one.at, one.actor)):
        firsts.setdefault(each.actor, each)
    return replace(note, readings=tuple(firsts.values()))


def _note(note_id: str, payload: Mapping[str, Any], at: dt.datetime) -> ShiftNote:
    return ShiftNote(
        note_id=note_id,
        by=str(payload.get("by", "")),
        actor=str(payload.get("actor", "")),
        to=str(payload.get("to", "")),
        text=str(payload.get("text", "")),
        at=at,
        standing=_standing(payload.get("standing")),
    )


def _reading(payload: Mapping[str, Any], at: dt.datetime) -> Reading:
    return Reading(str(payload.get("by", "")), str(payload.get("actor", "")), at)


def _standing(told: object) -> Standing:
    if not isinstance(told, dict):
        return Standing()
    cells = cast("dict[str, Any]", told)
    return Standing(
        **{name: int(cells.get(name) or 0) for name in ("open", "untouched", "owned")},
        owned_ids=tuple(str(each) for each in cells.get("owned_ids") or ()),
        held_loads=tuple(str(each) for each in cells.get("held_loads") or ()),
    )
