"""What is wrong: exceptions with their evidence and stakes, and incidents by their cause."""

from crossdock.operate.exceptions.history import (
    OPERATED_EXCEPTIONS,
    exception_history,
    exception_id,
    open_exceptions,
    parcel_exception_history,
)
from crossdock.operate.exceptions.incidents import (
    INCIDENTS,
    dead_facilities,
    incidents,
    with_incidents,
)
from crossdock.operate.exceptions.rules import DWELL_H, SILENCE_H, Rules
from crossdock.operate.exceptions.state import ExceptionState, empty_exceptions, fold, fold_read

__all__ = [
    "DWELL_H",
    "INCIDENTS",
    "OPERATED_EXCEPTIONS",
    "SILENCE_H",
    "ExceptionState",
    "Rules",
    "dead_facilities",
    "empty_exceptions",
    "exception_history",
    "exception_id",
    "fold",
    "fold_read",
    "incidents",
    "open_exceptions",
    "parcel_exception_history",
    "with_incidents",
]
