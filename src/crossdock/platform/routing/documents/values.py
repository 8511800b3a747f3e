"""Kinds of values that route documents are made of: ids, instants, places, amounts."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

MOST_AMOUNT = 1e9
MOST_SECONDS = 1e9
MOST_USD = 1e9
MOST_METRES = 1e9
MOST_LISTED = 1_000
"""Entries of a list inside a row."""


class Row(BaseModel):
    """An object of a document: fields that are not known are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def _instant(value: Any) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    try:
        found = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
        found = None if found is None or found.tzinfo is None else found.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise PydanticCustomError("instant", "is no instant with its zone")
    return found


Instant = Annotated[
    dt.datetime,
    BeforeValidator(_instant),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "description": "ISO 8601 with its zone, as 2026-03-02T08:00:00-06:00.",
        }
    ),
]
Id = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Name = Annotated[str, Field(max_length=500)]
Seconds = Annotated[float, Field(ge=0, le=MOST_SECONDS)]
Metres = Annotated[float, Field(ge=0, le=MOST_METRES)]
Usd = Annotated[float, Field(ge=0, le=MOST_USD)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Amounts = Annotated[dict[Id, Annotated[float, Field(ge=0, le=MOST_AMOUNT)]], Field(max_length=20)]
"""Amount by dimension, up to three decimals."""
Ids = Annotated[list[Id], Field(max_length=MOST_LISTED)]
