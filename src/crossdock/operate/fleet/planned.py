"""The duties that a driver is planned for next, and whether the hours are there for them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from crossdock.comply.hos import DRIVING, RESTING, Segment, Violation, audit
from crossdock.operate.duty_logs import Piece
from crossdock.operate.fleet.hours import DriverHours
from crossdock.operate.fleet.resting import gone_on


@dataclass(frozen=True)
class PlannedDuty:
    """A duty that is under way or still to come.

    Attributes
    ----------
    load_ids
        In the order in which they are driven.
    drive_s
        Driving still to come.
    broken
        What of it is illegal by what is known now; None: nothing is known of the driver's hours.
    """

    duty_id: str | None
    starts_s: int
    ends_s: int
    load_ids: tuple[str, ...]
    drive_s: int
    broken: tuple[Violation, ...] | None


def planned_duties(hours: DriverHours) -> list[PlannedDuty]:
    """The duties in time order, each judged after those before it."""
    broken: list[Violation] | None = None
    if hours.clocks is not None:
        log = hours.log.timeline(hours.driver.timezone)
        whole = gone_on(log, [Segment(*each[:3]) for each in hours.log.planned])
        broken = audit(whole, hours.driver.rules)
    return [
        _duty(duty_id, list(pieces), hours.at_s, broken)
        for duty_id, pieces in groupby(hours.log.planned, key=lambda piece: piece.duty_id)
    ]


def _duty(
    duty_id: str | None, pieces: list[Piece], at_s: int, broken: list[Violation] | None
) -> PlannedDuty:
    working = [each for each in pieces if each.activity not in RESTING] or pieces
    starts_s, ends_s = working[0].start_s, working[-1].end_s
    loads = dict.fromkeys(each.load_id for each in pieces if each.load_id is not None)
    own = None
    if broken is not None:
        own = tuple(
            each for each in broken if each.start_s < ends_s and each.end_s > max(at_s, starts_s)
        )
    drive_s = sum(each.end_s - each.start_s for each in pieces if each.activity == DRIVING)
    return PlannedDuty(duty_id, starts_s, ends_s, tuple(loads), drive_s, own)
