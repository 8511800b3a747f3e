"""Commands of the day: what a dispatcher may change, and what each would do before it is done."""

from crossdock.operate.commands.command import (
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
    name_of,
    read_command,
)
from crossdock.operate.commands.loads_now import (
    COMMAND_KINDS,
    KEPT_KINDS,
    LOADS_NOW,
    given_by_desk,
    loads_now,
    payload_of,
)
from crossdock.operate.commands.preview import preview
from crossdock.operate.commands.scene import Means, Scene
from crossdock.operate.commands.verdict import Preview

__all__ = [
    "COMMANDS",
    "COMMAND_KINDS",
    "KEPT_KINDS",
    "LOADS_NOW",
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
    "loads_now",
    "name_of",
    "payload_of",
    "preview",
    "read_command",
]
