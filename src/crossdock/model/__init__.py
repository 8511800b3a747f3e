"""What exists: the vocabulary that every other room speaks."""

from crossdock.model.errors import (
    CrossdockError,
    GateClosedError,
    InfeasibleError,
    InputUnusableError,
    InterruptedRunError,
    InvalidValueError,
    NotFoundError,
    ServiceUnavailableError,
    StoreUnavailableError,
    UsageError,
    WorkerFailedError,
)
from crossdock.model.ids import Prefix, joined_scope, sequential_ids
from crossdock.model.network import Network
from crossdock.model.protocols import (
    Clock,
    Engine,
    FixedClock,
    Progress,
    SerialEngine,
    SilentProgress,
    Stages,
    Task,
    UntimedStages,
)
from crossdock.model.seeds import stream, stream_seed

__all__ = [
    "Clock",
    "CrossdockError",
    "Engine",
    "FixedClock",
    "GateClosedError",
    "InfeasibleError",
    "InputUnusableError",
    "InterruptedRunError",
    "InvalidValueError",
    "Network",
    "NotFoundError",
    "Prefix",
    "Progress",
    "SerialEngine",
    "ServiceUnavailableError",
    "SilentProgress",
    "Stages",
    "StoreUnavailableError",
    "Task",
    "UntimedStages",
    "UsageError",
    "WorkerFailedError",
    "joined_scope",
    "sequential_ids",
    "stream",
    "stream_seed",
]
