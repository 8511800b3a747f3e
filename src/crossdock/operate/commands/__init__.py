"""Commands of the day: what a dispatcher may change, and what each would do before it is done."""

from crossdock.operate.commands.command import (
    COMMAND_KINDS,
    COMMANDS,
    AddLoad,
    CancelLoad,
    Command,
    DivertLoad,
    DivertParcels,
    FaultyCommandError,
    HoldDeparture,
    MoveStops,
    Reattempt,
    arguments_of,
    given_by_desk,
    name_of,
    read_command,
)
from crossdock.operate.commands.preview import preview
from crossdock.operate.commands.scene import Means, Scene
from crossdock.operate.commands.verdict import Preview

__all__ = [
    "COMMANDS",
    "COMMAND_KINDS",
    "AddLoad",
    "CancelLoad",
    "Command",
    "DivertLoad",
    "DivertParcels",
    "FaultyCommandError",
    "HoldDeparture",
    "Means",
    "MoveStops",
    "Preview",
    "Reattempt",
    "Scene",
    "arguments_of",
    "given_by_desk",
    "name_of",
    "preview",
    "read_command",
]
