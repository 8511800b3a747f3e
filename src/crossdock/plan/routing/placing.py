"""Where the breaks of one route fall, and whether the day that comes of it is legal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from crossdock.plan.routing.breaks import NEVER, RESTS, Labels, Legs, with_breaks
from crossdock.plan.routing.breaks import no_labels as labels_for
from crossdock.plan.routing.hours import (
    DRIVING,
    LENGTH_S,
    MEAL,
    ON_DUTY,
    PAUSE,
    REST,
    Stretch,
    breach,
    row_of,
)
from crossdock.plan.routing.jobs import Window
from crossdock.plan.routing.solution import Break
from crossdock.plan.routing.vehicles import VehicleType


@dataclass(frozen=True)
class CallTimes:
    """A call as it is without breaks; the drive and parking are those to it."""

    drive: float
    parking: float
    service: float
    windows: Sequence[Window]
    begins: float


@dataclass(frozen=True)
class Placed:
    """Breaks before each leg, by call; the start that saves waiting."""

    starts: float
    kinds: tuple[tuple[tuple[str, float], ...], ...]

    def off(self, call: int) -> float:
        """Time off before the drive to a call."""
        return sum(lasts for _, lasts in self.kinds[call])

    def breaks(self, departs: Sequence[float]) -> Iterator[Break]:
        """The breaks, by when each call is left."""
        for call, kinds in enumerate(self.kinds):
            clock = departs[call - 1]
            for kind, lasts in kinds:
                yield Break(kind, clock, clock + lasts)
                clock += lasts


def place(kind: VehicleType, calls: Sequence[CallTimes]) -> Placed | None:
    """Breaks for a route that is in time without them; None where none are legal."""
    windows = [window for call in calls for window in call.windows]
    ends = np.cumsum([len(call.windows) for call in calls])
    legs = Legs(
        drive=np.array([call.drive for call in calls]),
        park=np.array([call.parking for call in calls]),
        serve=np.array([call.service for call in calls]),
        first=np.concatenate([[0], ends[:-1]]).astype(np.int64),
        last=ends.astype(np.int64),
        begins=np.array([call.begins for call in calls]),
        pause=np.zeros(len(calls)),
    )
    labels = labels_for(len(calls))
    opens = np.array([window.opens for window in windows])
    closes = np.array([window.closes for window in windows])
    start, end, label = with_breaks(
        legs, len(calls), opens, closes, kind.latest_start, row_of(kind), labels
    )
    return None if end >= NEVER else Placed(start, _kinds(labels, label, len(calls)))


def broken_hours(kind: VehicleType, starts: float, log: Sequence[Stretch]) -> str:
    """What of the hours of ``kind`` a route breaks; gaps of the log are on duty."""
    whole: list[Stretch] = []
    clock = starts
    for each in log:
        if each.starts > clock:
            whole.append(Stretch(ON_DUTY, clock, each.starts))
        whole.append(each)
        clock = each.ends
    return breach(kind, whole)


def driven(starts: float, ends: float) -> Stretch:
    """A drive."""
    return Stretch(DRIVING, starts, ends)


def _kinds(labels: Labels, label: int, calls: int) -> tuple[tuple[tuple[str, float], ...], ...]:
    """Breaks before each leg, back from the last label."""
    found: list[tuple[tuple[str, float], ...]] = [()] * calls
    for call in range(calls - 1, 0, -1):
        before = int(labels.came[call - 1, label])
        here: list[tuple[str, float]] = []
        here += [(MEAL, float(LENGTH_S[MEAL]))] * (label // RESTS - before // RESTS)
        here += [(REST, float(LENGTH_S[REST]))] * (label % RESTS - before % RESTS)
        paused = float(labels.paused[call - 1, label])
        here += [(PAUSE, paused)] if paused > 0 else []
        found[call] = tuple(here)
        label = before
    return tuple(found)
