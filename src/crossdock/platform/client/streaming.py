"""Server-sent events as they are read from a response."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class StreamEvent:
    """One message of the stream.

    Attributes
    ----------
    id
        To come back with; empty where the server gave none.
    event
        ``parcel``, ``exception``, ``case``, ``shift_note``, or ``resync``: load the state anew.
    """

    id: str
    event: str
    data: dict[str, Any]


def stream_events(lines: Iterable[str]) -> Iterator[StreamEvent]:
    """The messages in ``lines``; comments, such as signs of life, are left out."""
    told: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            told[name] = f"{told[name]}\n{value}" if name == "data" and name in told else value
        elif not line and "data" in told:
            yield StreamEvent(
                told.get("id", ""), told.get("event", "message"), json.loads(told["data"])
            )
            told = {}
        elif not line:
            told = {}
