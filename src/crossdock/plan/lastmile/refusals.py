"""Why a vehicle cannot drive a sequence: the limits of which each, if it were lifted, would do.

A limit is named only if that is so: the tour is timed again without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from crossdock.comply.breaks import Itinerary, Timeline, place_breaks
from crossdock.plan.lastmile.day import NO_LIMIT, FacilityDay, VehicleKind
from crossdock.plan.lastmile.schedule import itinerary_of

_LITRES, _GRAMS = 1_000.0, 1_000.0


@dataclass(frozen=True)
class Refusal:
    """A limit that forbids a tour.

    Attributes
    ----------
    limit
        volume, weight, parcels, window, duty, shift, hours (of service), breaks (no place for
        them is legal, whatever else is lifted), or what a caller forbids.
    over
        By how much it is exceeded, in ``unit``; 0 where that is no number.
    stop
        The stop whose window is missed.
    """

    limit: str
    said: str
    over: float = 0.0
    unit: str = ""
    stop: int | None = None


def refusals(day: FacilityDay, kind_index: int, sequence: Sequence[int]) -> tuple[Refusal, ...]:
    """Limits that keep a vehicle of the kind from ``sequence``; empty where it can be driven.

    One limit where lifting it alone is enough: then the first of several such.
    """
    full = tuple(_over_room(day, day.kinds[kind_index], list(sequence)))
    if not full and place_breaks(itinerary_of(day, kind_index, sequence)) is not None:
        return ()
    return limits_broken(day, kind_index, sequence)


def limits_broken(
    day: FacilityDay, kind_index: int, sequence: Sequence[int]
) -> tuple[Refusal, ...]:
    """`refusals` of a sequence that is known not to be legal: at least one."""
    kind = day.kinds[kind_index]
    full = tuple(_over_room(day, kind, list(sequence)))
    if full:
        return full
    itinerary = itinerary_of(day, kind_index, sequence)
    for limit, lift in _LIFTS.items():
        timeline = place_breaks(lift(itinerary))
        if timeline is not None:
            return (_broken(limit, kind, itinerary, timeline, sequence),)
    lifted = itinerary
    for lift in _LIFTS.values():
        lifted = lift(lifted)
    timeline = place_breaks(lifted)
    if timeline is None:
        return (Refusal("breaks", "its meal and rests fit nowhere"),)
    found = [_broken(limit, kind, itinerary, timeline, sequence) for limit in _LIFTS]
    broken = tuple(each for each in found if each.over > 0)
    return broken or (Refusal("breaks", "no order of it that was tried is legal"),)


_LIFTS: dict[str, Callable[[Itinerary], Itinerary]] = {
    "duty": lambda each: replace(each, max_duty_s=NO_LIMIT),
    "shift": lambda each: replace(each, back_by_s=NO_LIMIT),
    "window": lambda each: replace(each, closes_s=[NO_LIMIT] * len(each.closes_s)),
    "hours": lambda each: replace(each, hours=None),
}


def _over_room(day: FacilityDay, kind: VehicleKind, ids: list[int]) -> Iterator[Refusal]:
    stops = day.stops
    for limit, load, room, unit, scale in (
        ("volume", stops.litres, kind.litres, "m3", _LITRES),
        ("weight", stops.grams, kind.grams, "kg", _GRAMS),
        ("parcels", stops.pieces, kind.pieces, "parcels", 1.0),
    ):
        asked = int(load[ids].sum())
        if asked > room:
            said = f"{asked / scale:,.4g} {unit} in room for {room / scale:,.4g} {unit}"
            yield Refusal(limit, said, (asked - room) / scale, unit)


def _broken(
    limit: str,
    kind: VehicleKind,
    itinerary: Itinerary,
    timeline: Timeline,
    sequence: Sequence[int],
) -> Refusal:
    """By how much the timeline without ``limit`` breaks it; told minutes are rounded up."""
    if limit == "duty":
        over = timeline.duty_s - kind.max_duty_s
        said = f"{_hours(timeline.duty_s + 59)} of duty, {_hours(kind.max_duty_s)} allowed"
        return Refusal(limit, said, over, "s")
    if limit == "shift":
        over = timeline.returns_s - kind.ends_s
        said = f"back at {_clock(timeline.returns_s + 59)}, its shift ends at {_clock(kind.ends_s)}"
        return Refusal(limit, said, over, "s")
    if limit == "window":
        late = np.asarray(timeline.leaves_s) - np.asarray(itinerary.closes_s)
        worst = int(np.argmax(late))
        done, closes = _clock(timeline.leaves_s[worst] + 59), _clock(itinerary.closes_s[worst])
        said = f"stop {worst + 1} is done at {done}, its window closes at {closes}"
        return Refusal(limit, said, float(late[worst]), "s", sequence[worst])
    return Refusal(limit, f"the hours of service {kind.hos_ruleset} do not allow it")


def _hours(seconds: int) -> str:
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d}"


def _clock(seconds: int) -> str:
    """Local time of day; later days count on (25:10)."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"
