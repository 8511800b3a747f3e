"""The canonical statuses of a parcel and which may follow which.

The names and their meaning are those that carriers' codes are mapped to; a parcel event's kind is
one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class SlaClock(StrEnum):
    """What a status does to the clock that runs against the promise."""

    NOT_STARTED = "not_started"
    START = "start"
    RUN = "run"
    PAUSE_POLICY = "pause_policy"
    STOP = "stop"
    NONE = "none"


@dataclass(frozen=True)
class ParcelStatus:
    """One canonical status.

    Attributes
    ----------
    name
        Also the kind of the event that brings it.
    group
        Coarse phase, for boards and filters.
    terminal
        Nothing that moves the parcel on follows it.
    needs_action
        Somebody has to decide something.
    sla_clock
        Effect on the promise's clock.
    meaning
        For a person.
    """

    name: str
    group: str
    terminal: bool
    needs_action: bool
    sla_clock: SlaClock
    meaning: str


_ROWS = (
    ("label_created", "pre_transit", "", "not_started", "label exists, nobody holds the parcel"),
    ("pickup_failed", "pre_transit", "!", "not_started", "carrier was due and did not take it"),
    ("picked_up", "transit", "", "start", "first physical custody scan"),
    ("arrived_facility", "transit", "", "run", "arrived at a station, hub or delivery unit"),
    ("departed_facility", "transit", "", "run", "left a facility on a load"),
    ("handed_to_partner", "transit", "", "run", "given to another carrier for the last mile"),
    ("customs_hold", "exception", "!", "pause_policy", "held by customs or another agency"),
    ("customs_released", "transit", "", "run", "released by the agency"),
    ("delayed", "exception", "!", "run", "carrier states a later date"),
    ("missorted", "exception", "!", "run", "seen at or routed to a wrong facility"),
    ("damaged", "exception", "!", "run", "damage recorded"),
    ("address_issue", "exception", "!", "pause_policy", "address wrong or incomplete"),
    ("held", "exception", "!", "pause_policy", "held for payment, appointment or on request"),
    ("out_for_delivery", "out_for_delivery", "", "run", "on the final vehicle"),
    ("attempt_failed", "exception", "!", "run", "a delivery attempt failed, with its reason"),
    ("available_for_pickup", "pickup", "!", "pause_policy", "waits at a counter or locker"),
    ("delivered", "delivered", ".", "stop", "delivered, with proof"),
    ("returning", "return", "!", "stop", "on its way back"),
    ("returned", "return", ".", "stop", "back with the shipper"),
    ("lost", "exception", ".!", "stop", "declared lost, by a carrier or by policy"),
    ("destroyed", "exception", ".!", "stop", "disposed of"),
    ("cancelled", "closed", ".", "stop", "cancelled before or during transit"),
    ("unknown", "unknown", "", "none", "carrier's text or code has no mapping"),
)

PARCEL_STATUSES: Mapping[str, ParcelStatus] = MappingProxyType(
    {
        name: ParcelStatus(name, group, "." in marks, "!" in marks, SlaClock(clock), meaning)
        for name, group, marks, clock, meaning in _ROWS
    }
)
"""Every status by name, in the order of a parcel's life."""

TERMINAL_STATUSES = tuple(name for name, status in PARCEL_STATUSES.items() if status.terminal)

_ON_ITS_WAY = frozenset(
    name
    for name, status in PARCEL_STATUSES.items()
    if status.group not in {"pre_transit", "unknown", "closed"}
)
_BACK = frozenset({"returning", "returned", "arrived_facility", "departed_facility", "damaged"})

TRANSITIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "label_created": frozenset({"pickup_failed", "picked_up", "cancelled"}),
        "pickup_failed": frozenset({"pickup_failed", "picked_up", "cancelled"}),
        "returning": _BACK | {"lost", "destroyed", "delayed"},
        "unknown": frozenset(PARCEL_STATUSES),
        # A claim may still find a delivered parcel lost or on its way back.
        "delivered": frozenset({"returning", "returned", "damaged", "lost"}),
        "lost": frozenset({"arrived_facility", "delivered", "returning"}),
        "returned": frozenset(),
        "destroyed": frozenset(),
        "cancelled": frozenset({"returning", "returned"}),
        **{
            name: _ON_ITS_WAY | {"cancelled"}
            for name, status in PARCEL_STATUSES.items()
            if name in _ON_ITS_WAY and not status.terminal and name != "returning"
        },
    }
)
"""Statuses that may follow a status in event time; any other step is a fault of the data."""


def follows(before: str | None, after: str) -> bool:
    """Whether ``after`` may come after ``before`` (None: the parcel's first event)."""
    return before is None or after in TRANSITIONS[before] or after == "unknown"
