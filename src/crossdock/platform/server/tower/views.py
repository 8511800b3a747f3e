"""What a reader's route answers from: the tower as it is, or as it was at an instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import AwareDatetime

from crossdock.operate.cases import Cases
from crossdock.operate.present import Present
from crossdock.operate.shift_notes import ShiftNotes
from crossdock.operate.tracking import PlanView
from crossdock.platform.server.principal import READ, Principal
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.server.security import require
from crossdock.platform.server.tower.desk import Desk
from crossdock.platform.server.tower.ground import Ground
from crossdock.platform.store.database import EventLog

Reader = Annotated[Principal, Depends(require(READ))]
Instant = Annotated[
    AwareDatetime | None,
    Query(
        description="What the tower knew then: of what was received by this instant, with the "
        "plans that were released by it. Without it, what it knows now."
    ),
]

_CATCHES_UP_S = 2.0
_FIRST_YEAR = 1970


@dataclass(frozen=True)
class View:
    """The tower at an instant.

    Attributes
    ----------
    upto
        Sequence of the last event that was received by a past instant; None: it is now.
    """

    present: Present
    cases: Cases
    notes: ShiftNotes
    ground: Ground
    at: dt.datetime
    log: EventLog
    upto: int | None = None

    @property
    def plan(self) -> PlanView:
        """What the released plans say."""
        return self.ground.plan

    @property
    def mark(self) -> str:
        """What tells the lists of this view from those of others."""
        return "" if self.upto is None else f" at {self.at.isoformat()}"


async def desk_of(request: Request, principal: Principal) -> Desk:
    """The desk of who asks."""
    return await request.app.state.desks.of(principal.tenant)


async def read_desk(request: Request, principal: Principal, *, looked: bool = False) -> Desk:
    """The desk of who asks, caught up with what was committed before they asked.

    Parameters
    ----------
    looked
        With the exceptions of that too, where they are found quickly.
    """
    desk = await desk_of(request, principal)
    await desk.caught_up(_CATCHES_UP_S, looked=looked)
    return desk


def view_now(desk: Desk) -> View:
    """The tower of a desk as it is."""
    return View(desk.present, desk.cases, desk.notes, desk.ground, desk.now(), desk.log)


def _viewed(*, looked: bool) -> Callable[..., Awaitable[View]]:
    async def view(request: Request, who: Reader, at: Instant = None) -> View:
        if at is not None:
            return await _then(await desk_of(request, who), at)
        return view_now(await read_desk(request, who, looked=looked))

    return view


Viewed = Annotated[View, Depends(_viewed(looked=False))]
"""Caught up with what was committed before it was asked for."""

Looked = Annotated[View, Depends(_viewed(looked=True))]
"""As `Viewed`, with the exceptions of what was committed, where they are found quickly."""


async def _then(desk: Desk, at: dt.datetime) -> View:
    """What the tower knew at a past instant.

    Raises
    ------
    RefusedError
        422: it is not past, or no instant of our time.
    """
    fault = None
    if at > desk.now():
        fault = f"is not past: it is {desk.now().isoformat()} here"
    elif at.year < _FIRST_YEAR:
        fault = "is not an instant of our time"
    if fault is not None:
        raise RefusedError(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"at {fault}", errors=[("query.at", fault)]
        )
    instant = at.astimezone(dt.UTC)
    moment = await desk.past.at(instant, desk.ground.then(instant))
    return View(
        moment.present, moment.cases, moment.notes, moment.ground, instant, desk.log,
        upto=moment.sequence,
    )  # fmt: skip
