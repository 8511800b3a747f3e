"""Papers with an expiry: until when each kind is good, and which to renew soon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crossdock.comply.drivers.rules import (
    ALERT_DAYS,
    CLEARINGHOUSE_MONTHS,
    HAZMAT_TRAINING_MONTHS,
    MEDICAL_MONTHS,
    MVR_MONTHS,
)
from crossdock.comply.period import months_later
from crossdock.model import InvalidValueError

_MONTHS_BY_KIND = {
    "medical_certificate": MEDICAL_MONTHS,
    "mvr_review": MVR_MONTHS,
    "clearinghouse_query": CLEARINGHOUSE_MONTHS,
    "hazmat_training": HAZMAT_TRAINING_MONTHS,
}
"""Longest life of a document of each kind that a rule limits."""

DOCUMENT_KINDS = (
    "licence",
    *_MONTHS_BY_KIND,
    "application",
    "mvr_at_hire",
    "safety_history",
    "road_test",
)
"""Kinds of documents that a driver's file can hold."""


@dataclass(frozen=True)
class Document:
    """A paper of a driver.

    Attributes
    ----------
    kind
        One of `DOCUMENT_KINDS`.
    issued, expires
        First and last day on which it is good, as printed.
    evidence_hash
        Hash of the scan that proves it.

    Raises
    ------
    InvalidValueError
        An unknown kind, or an expiry before the issue.
    """

    kind: str
    issued: dt.date
    expires: dt.date | None = None
    evidence_hash: str = ""

    def __post_init__(self) -> None:
        if self.kind not in DOCUMENT_KINDS:
            raise InvalidValueError(
                f"document kind {self.kind!r} is unknown",
                remedy=f"use one of: {', '.join(DOCUMENT_KINDS)}",
            )
        if self.expires is not None and self.expires < self.issued:
            raise InvalidValueError(
                f"{self.kind} expires {self.expires} before it is issued {self.issued}",
                remedy="correct the dates of the document",
            )

    @property
    def last_day(self) -> dt.date:
        """Last day on which it is good: as printed or as its rule says, whichever is earlier."""
        limit = _MONTHS_BY_KIND.get(self.kind)
        ends = [self.expires] if self.expires else []
        if limit is not None:
            ends.append(months_later(self.issued, int(limit.value)))
        return min(ends, default=dt.date.max)


@dataclass(frozen=True)
class ExpiryAlert:
    """A document to renew.

    Attributes
    ----------
    threshold_days
        The tightest of `ALERT_DAYS` that has been reached; 0: it has expired.
    """

    kind: str
    last_day: dt.date
    days_left: int
    threshold_days: int


def good_through(documents: Iterable[Document], kind: str, first_day: dt.date) -> dt.date | None:
    """Last day of the unbroken time from ``first_day`` on in which the kind is good.

    None when none of the documents is good on ``first_day``. A renewal that follows without a gap
    prolongs the time.
    """
    own = [document for document in documents if document.kind == kind]
    reached: dt.date | None = None
    day = first_day
    while True:
        ends = [
            document.last_day for document in own if document.issued <= day <= document.last_day
        ]
        if not ends:
            return reached
        reached = max(ends)
        if reached == dt.date.max:
            return reached
        day = reached + dt.timedelta(days=1)


def expiry_alerts(
    documents: Sequence[Document], on: dt.date, *, thresholds: Sequence[int] = ALERT_DAYS
) -> tuple[ExpiryAlert, ...]:
    """Kinds of documents whose last good day is near or past, the most urgent first."""
    alerts: list[ExpiryAlert] = []
    for kind in sorted({document.kind for document in documents}):
        last = good_through(documents, kind, on)
        if last is None:
            past = [d.last_day for d in documents if d.kind == kind and d.last_day < on]
            if not past:
                continue  # issued later than today: nothing has expired
            last = max(past)
        days_left = (last - on).days
        reached = [days for days in thresholds if days_left <= days]
        if days_left < 0:
            alerts.append(ExpiryAlert(kind, last, days_left, 0))
        elif reached:
            alerts.append(ExpiryAlert(kind, last, days_left, min(reached)))
    return tuple(sorted(alerts, key=lambda alert: (alert.days_left, alert.kind)))
