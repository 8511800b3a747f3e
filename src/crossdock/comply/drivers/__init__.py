"""Drivers: qualification for a trip, documents and their expiry (49 CFR 382, 383, 391)."""

from crossdock.comply.drivers.documents import (
    DOCUMENT_KINDS,
    Document,
    ExpiryAlert,
    expiry_alerts,
    good_through,
)
from crossdock.comply.drivers.qualification import Driver, driver_verdicts

__all__ = [
    "DOCUMENT_KINDS",
    "Document",
    "Driver",
    "ExpiryAlert",
    "driver_verdicts",
    "expiry_alerts",
    "good_through",
]
