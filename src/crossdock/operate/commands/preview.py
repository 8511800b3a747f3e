"""What a command would do: one answer for every kind of command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from crossdock.operate.commands.buying import add_load
from crossdock.operate.commands.command import (
    AddLoad,
    CancelLoad,
    Command,
    DivertLoad,
    DivertParcels,
    HoldDeparture,
    MoveStops,
    Reattempt,
)
from crossdock.operate.commands.doors import divert_parcels, reattempt
from crossdock.operate.commands.linehaul import cancel_load, divert_load, hold_departure
from crossdock.operate.commands.outlook import Outlook
from crossdock.operate.commands.scene import Scene
from crossdock.operate.commands.street import preview_move
from crossdock.operate.commands.verdict import Findings, Preview


def preview(command: Command, scene: Scene, at: dt.datetime) -> Preview:
    """What ``command`` would do if it were given at ``at``; nothing is changed by asking.

    The answer is an estimate by the rules of `crossdock.operate.commands.arrivals`: planned times,
    no chance, no knock-on beyond the parcels it touches. What cannot be done any more has
    ``legal`` False with the reason first.

    Raises
    ------
    NotFoundError
        What the command names does not exist.
    """
    return _ANSWERS[type(command)](command, Outlook(scene, at)).preview()


_ANSWERS: Mapping[type[Command], Callable[[Any, Outlook], Findings]] = MappingProxyType(
    {
        HoldDeparture: hold_departure,
        AddLoad: add_load,
        CancelLoad: cancel_load,
        MoveStops: preview_move,
        Reattempt: reattempt,
        DivertLoad: divert_load,
        DivertParcels: divert_parcels,
    }
)
