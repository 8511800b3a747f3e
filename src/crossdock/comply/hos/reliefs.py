"""Reliefs that a carrier claims for a tour: what they add to a limit, and which they lift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from crossdock.comply.hos.rules import Limit, Measure, Since
from crossdock.comply.hos.tours import Tour
from crossdock.model.errors import InvalidValueError

_TWO_HOURS = 2 * 3_600


@dataclass(frozen=True)
class ReliefKind:
    """What a relief does in the tour it is claimed for.

    Attributes
    ----------
    driving_s, window_s
        Added to the limits of driving and of elapsed time since the last reset.
    lifts_pause
        Whether no pause is due.
    lifts_all
        Whether the tour is not judged at all.
    """

    citation: str
    driving_s: int = 0
    window_s: int = 0
    lifts_pause: bool = False
    lifts_all: bool = False


RELIEF_KINDS = {
    "adverse_driving": ReliefKind("49 CFR 395.1(b)(1)", _TWO_HOURS, _TWO_HOURS),
    "short_haul_150": ReliefKind("49 CFR 395.1(e)(1)", lifts_pause=True),
    "short_haul_non_cdl": ReliefKind("49 CFR 395.1(e)(2)", window_s=_TWO_HOURS, lifts_pause=True),
    "short_haul_16h": ReliefKind("49 CFR 395.1(o)", window_s=_TWO_HOURS),
    "emergency": ReliefKind("49 CFR 390.23", lifts_all=True),
}
"""Planning uses none of them unless it is told to for a trip: whether a claim holds is judged by
the carrier, with evidence."""


class Relief(NamedTuple):
    """A relief that is claimed.

    ``tour_start_s`` is an instant of the tour, usually its first work; None: every tour.
    """

    kind: str
    tour_start_s: int | None = None


def checked(reliefs: Sequence[Relief]) -> tuple[Relief, ...]:
    """The reliefs.

    Raises
    ------
    InvalidValueError
        One is of a kind that is not known.
    """
    for relief in reliefs:
        if relief.kind not in RELIEF_KINDS:
            raise InvalidValueError(
                f"{relief.kind!r} is no relief from hours of service",
                remedy=f"known are {', '.join(RELIEF_KINDS)}",
            )
    return tuple(reliefs)


def kinds_of(tour: Tour, ends_s: int, reliefs: Sequence[Relief]) -> list[ReliefKind]:
    """What is claimed for a tour that ends (with its reset) before ``ends_s``."""
    return [
        RELIEF_KINDS[relief.kind]
        for relief in reliefs
        if relief.tour_start_s is None or tour.start_s <= relief.tour_start_s < ends_s
    ]


def relieved(limits: Sequence[Limit], kinds: Sequence[ReliefKind]) -> tuple[Limit, ...]:
    """Limits of a tour with what is claimed for it."""
    if not kinds:
        return tuple(limits)
    if any(kind.lifts_all for kind in kinds):
        return ()
    driving_s = max(kind.driving_s for kind in kinds)
    window_s = max(kind.window_s for kind in kinds)
    added = {Measure.DRIVING: driving_s, Measure.ELAPSED: window_s, Measure.ON_DUTY: 0}
    lifts_pause = any(kind.lifts_pause for kind in kinds)
    return tuple(
        replace(limit, limit_s=limit.limit_s + added[limit.measure])
        if limit.since is Since.REST
        else limit
        for limit in limits
        if not (lifts_pause and limit.since is Since.PAUSE)
    )
