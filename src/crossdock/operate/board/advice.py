"""Hold or go: what waiting would save, and what it would cost."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_HOLD_MIN = 60
STEP_MIN = 5


@dataclass(frozen=True)
class Standing:
    """A load that has not left.

    Attributes
    ----------
    base_at
        When it would leave without a hold, now at the earliest.
    held_until
        Of the hold that stands; None without one.
    planned, in_sort, to_come
        Parcels that the plan puts on it, that wait for a wave here, that are not here yet.
    ready
        When those that still wait are ready, with their number, in order; who is not in it is
        ready at a time that nobody knows.
    slack_s
        What is left, leaving at ``base_at``, to the cut-off at the other end; None: no cut-off.
    hours_spare_h
        Of the driver who has the fewest, beyond the planned driving; None: not known.
    """

    base_at: dt.datetime
    held_until: dt.datetime | None
    planned: int
    in_sort: int
    to_come: int
    ready: Sequence[tuple[dt.datetime, int]]
    slack_s: int | None
    hours_spare_h: float | None


@dataclass(frozen=True)
class Advice:
    """What to do, and why."""

    action: str
    hold_min: int
    saves: int
    reason: str


def advise(load: Standing) -> Advice:
    """Hold a load as long as that saves parcels and breaks nothing; else let it go."""
    if load.held_until is not None:
        return _of_held(load, load.held_until)
    if load.planned == 0:
        return Advice("go", 0, 0, "no parcel is planned on it")
    missed = sum(count for at, count in load.ready if at > load.base_at)
    unknown = load.in_sort + load.to_come - sum(count for _, count in load.ready)
    if missed + unknown == 0:
        return Advice("go", 0, 0, _nobody_misses(load))
    waits = f"{_of(missed + unknown, load.planned)} {_where(load)}"
    if missed == 0:
        return Advice("go", 0, 0, f"{waits}, and nobody knows when they are ready")
    return _of_missed(load, waits)


def _of_missed(load: Standing, waits: str) -> Advice:
    """The longest hold that saves somebody and breaks nothing."""
    options = _options(load)
    if not options:
        first = math.ceil(
            min((at - load.base_at) for at, _ in load.ready if at > load.base_at).total_seconds()
            / 60
        )
        return Advice(
            "go", 0, 0, f"{waits}, ready {first} min after departure at the earliest: too late"
        )
    for minutes, saves, ready_min in reversed(options):
        if _breaks(load, minutes) is None:
            said = f"ready {ready_min} min after departure: hold {minutes} min saves {saves:,}"
            return Advice("hold", minutes, saves, f"{waits}, {said}")
    minutes, _, _ = options[0]
    return Advice("go", 0, 0, f"{waits}; a hold of {minutes} min {_breaks(load, minutes)}")


def _of_held(load: Standing, until: dt.datetime) -> Advice:
    saves = sum(count for at, count in load.ready if load.base_at < at <= until)
    if saves == 0:
        return Advice("go", 0, 0, "nothing that is ready by the end of the hold waits: release it")
    last = max(at for at, _ in load.ready if load.base_at < at <= until)
    spare = _minutes(until - last)
    held = f"held for {_of(saves, load.planned)}, ready {spare} min before it leaves"
    broken = _breaks(load, _minutes(until - load.base_at))
    if broken is not None:
        return Advice("go", 0, 0, f"{held}; but the hold {broken}")
    return Advice("hold", 0, saves, held)


def _options(load: Standing) -> list[tuple[int, int, int]]:
    """Holds that save somebody: minutes, parcels saved, minutes until the last of them is ready."""
    found: list[tuple[int, int, int]] = []
    saves = 0
    for at, count in load.ready:
        if at <= load.base_at:
            continue
        exact = (at - load.base_at).total_seconds() / 60
        minutes = STEP_MIN * math.ceil(exact / STEP_MIN)
        saves += count
        if minutes <= LONGEST_HOLD_MIN:
            found.append((minutes, saves, math.ceil(exact)))
    return found


def _breaks(load: Standing, minutes: int) -> str | None:
    """What a hold of so many minutes breaks."""
    if load.slack_s is not None and 0 <= load.slack_s < minutes * 60:
        over = math.ceil(minutes - load.slack_s / 60)
        return f"misses the cut-off at the other end by {over} min"
    # Hours that do not suffice as it is, or a cut-off that is missed, are not the hold's doing.
    if load.hours_spare_h is not None and 0 <= load.hours_spare_h * 60 < minutes:
        spare = math.floor(load.hours_spare_h * 60)
        return f"takes more than the {spare} min that the driver has to spare"
    return None


def _nobody_misses(load: Standing) -> str:
    if not load.ready:
        return "nobody is waited for"
    spare = _minutes(load.base_at - load.ready[-1][0])
    count = sum(count for _, count in load.ready)
    return f"{_of(count, load.planned)} {_where(load)}, ready {spare} min before it leaves"


def _where(load: Standing) -> str:
    if load.to_come == 0:
        return "still in sort"
    return "not here yet" if load.in_sort == 0 else f"not ready ({load.to_come} not here yet)"


def _of(count: int, planned: int) -> str:
    return f"{count:,} of {planned:,} parcels"


def _minutes(span: dt.timedelta) -> int:
    return math.floor(span.total_seconds() / 60)
