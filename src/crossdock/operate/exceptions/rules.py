"""Thresholds and prices of the exceptions, as data (†: trade practice, not sourced)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from crossdock.model.prices import LATE_USD_PARCEL_DAY

SILENCE_H: Mapping[str, float] = MappingProxyType(
    {
        "label_created": 48.0,
        "pickup_failed": 30.0,
        "departed_facility": 30.0,
        "customs_released": 48.0,
        "handed_to_partner": 48.0,
        "delayed": 36.0,
        "damaged": 48.0,
        "out_for_delivery": 14.0,
        "attempt_failed": 48.0,
        "returning": 96.0,
        "unknown": 48.0,
    }
)
"""Hours without an event after which a parcel in this status is silent †."""

DWELL_H: Mapping[str, float] = MappingProxyType(
    {"picked_up": 24.0, "arrived_facility": 24.0, "missorted": 24.0}
)
"""Hours at a facility after which a parcel in this status has stalled †."""


@dataclass(frozen=True)
class Rules:
    """What opens an exception and what it is worth.

    Attributes
    ----------
    silence_h, dwell_h
        By status; a status in neither waits for a person or is over.
    grace_h
        After the planned next step of a parcel, before its silence counts.
    lost_h
        Silence after which a parcel that somebody holds is suspected lost.
    pickup_grace_h
        After the planned first departure, before a pick-up counts as missed.
    left_grace_h
        After a departure, for the departure scans of its parcels to come.
    late_usd
        Cost of a parcel that misses its promise: one day of the planner's price of lateness.
    incident_members
        Exceptions at a place that is not known to be dead, which make one incident.
    """

    silence_h: Mapping[str, float] = field(default_factory=lambda: SILENCE_H)
    dwell_h: Mapping[str, float] = field(default_factory=lambda: DWELL_H)
    grace_h: float = 6.0
    lost_h: float = 120.0
    pickup_grace_h: float = 2.0
    left_grace_h: float = 0.5
    late_usd: float = LATE_USD_PARCEL_DAY
    incident_members: int = 2
