"""What happens: the events of a delivery network, their kinds, statuses and transitions."""

from crossdock.model.event.kinds import (
    EVENT_KINDS,
    EXCEPTION_KINDS,
    ExceptionKind,
    KindOfEvent,
    severity,
)
from crossdock.model.event.status import (
    PARCEL_STATUSES,
    TERMINAL_STATUSES,
    TRANSITIONS,
    ParcelStatus,
    SlaClock,
    follows,
)
from crossdock.model.event.table import (
    EVENTS,
    LONGEST_ID,
    LONGEST_PAYLOAD,
    NEEDED,
    check_events,
)

__all__ = [
    "EVENTS",
    "EVENT_KINDS",
    "EXCEPTION_KINDS",
    "LONGEST_ID",
    "LONGEST_PAYLOAD",
    "NEEDED",
    "PARCEL_STATUSES",
    "TERMINAL_STATUSES",
    "TRANSITIONS",
    "ExceptionKind",
    "KindOfEvent",
    "ParcelStatus",
    "SlaClock",
    "check_events",
    "follows",
    "severity",
]
