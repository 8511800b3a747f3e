"""Instants as the tables keep them: whole microseconds since 1970 in UTC."""

from __future__ import annotations

import datetime as dt
from typing import overload

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def microseconds(instant: dt.datetime) -> int:
    """``instant`` as a column keeps it."""
    return (instant - _EPOCH) // _MICROSECOND


@overload
def instant_of(kept: int) -> dt.datetime: ...
@overload
def instant_of(kept: int | None) -> dt.datetime | None: ...
def instant_of(kept: int | None) -> dt.datetime | None:
    """The instant that a column keeps, in UTC."""
    return None if kept is None else _EPOCH + kept * _MICROSECOND
