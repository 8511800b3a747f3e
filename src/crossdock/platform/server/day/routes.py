"""``/v1/day``: how the day stands, and how fast a played one passes."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from http import HTTPStatus

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from crossdock.model import InvalidValueError
from crossdock.platform.server.day.day import Day, State
from crossdock.platform.server.principal import DISPATCH, READ, Principal, Require
from crossdock.platform.server.problems import RefusedError

FASTEST = 600.0
"""Seconds of a played day in a second, at most."""


class DayShown(BaseModel):
    """How the day stands; see the attributes of `DayState`."""

    state: State
    now: dt.datetime
    speed: float | None
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    stage: str
    share_done: float


class DayPace(BaseModel, extra="forbid"):
    """How fast a played day is to pass; what is left out stays as it is."""

    speed: float | None = Field(None, ge=1.0, le=FASTEST)
    paused: bool | None = None


def day_router(day: Day, require: Require) -> APIRouter:
    """The routes of the day."""
    router = APIRouter(prefix="/v1/day", tags=["day"])
    reader, dispatcher = Depends(require(READ)), Depends(require(DISPATCH))

    @router.get("")
    async def show_day(_: Principal = reader) -> DayShown:
        """How the day stands: the world's, or one that a twin plays."""
        return _shown(day)

    @router.post("")
    async def pace_day(pace: DayPace, _: Principal = dispatcher) -> DayShown:
        """Change the speed of a played day, pause it, or let it go on."""
        try:
            day.go(speed=pace.speed, paused=pace.paused)
        except InvalidValueError as error:
            raise RefusedError(HTTPStatus.CONFLICT, error.message) from error
        return _shown(day)

    return router


def _shown(day: Day) -> DayShown:
    return DayShown.model_validate(asdict(day.shown()))
