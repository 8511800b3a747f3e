"""Why a stop is on no route: the first rule, of those a single vehicle must meet, that fails."""

from __future__ import annotations

from crossdock.plan.lastmile.day import FacilityDay, VehicleKind
from crossdock.plan.lastmile.schedule import DaySchedule, tour_of
from crossdock.plan.lastmile.stops import PARK_S


def unserved_reason(day: FacilityDay, schedule: DaySchedule, stop: int) -> str:
    """One plain sentence with the numbers that decide."""
    if not day.kinds:
        return f"no vehicle is offered at {day.facility_id} on that day"
    if any(tour_of(day, kind, [stop]) is not None for kind in range(len(day.kinds))):
        used, offered = len(schedule.tours), len(day.kind_of)
        return (
            f"no vehicle left: {used} of {offered} vehicles are out, and none of them has "
            f"{_hours(int(day.stops.handle_s[stop]) + PARK_S)} and the space to spare in time"
        )
    able = [kind for kind in day.kinds if _has_room(day, kind, stop)]
    if not able:
        return (
            f"over capacity: {day.stops.litres[stop] / 1000:.2f} m3 and "
            f"{day.stops.grams[stop] / 1000:.0f} kg, the largest vehicle takes "
            f"{max(kind.litres for kind in day.kinds) / 1000:.2f} m3 and "
            f"{max(kind.grams for kind in day.kinds) / 1000:.0f} kg"
        )
    alone_s = int(2 * day.depot_s[stop] + PARK_S + day.stops.handle_s[stop])
    if alone_s > max(kind.work_s for kind in able):
        return (
            f"too far: {_hours(alone_s)} out and back with its service, the longest duty leaves "
            f"{_hours(max(kind.work_s for kind in able))} beside its breaks"
        )
    return _too_late(day, able, stop, alone_s)


def _too_late(day: FacilityDay, able: list[VehicleKind], stop: int, alone_s: int) -> str:
    ready_s, closes_s = int(day.stops.ready_s[stop]), int(day.stops.closes_s[stop])
    leaves_s = max(ready_s, min(kind.starts_s for kind in able))
    done_s = leaves_s + alone_s - int(day.depot_s[stop])
    if done_s > closes_s:
        return (
            f"window: the parcels can leave at {_clock(leaves_s)} and be handed over at "
            f"{_clock(done_s)}, after {_clock(closes_s)}"
        )
    return (
        f"shift: leaving at {_clock(leaves_s)} the vehicle is back at "
        f"{_clock(leaves_s + alone_s)} before breaks, shifts end by "
        f"{_clock(max(kind.ends_s for kind in able))} and the window opens at "
        f"{_clock(int(day.stops.opens_s[stop]))}"
    )


def _has_room(day: FacilityDay, kind: VehicleKind, stop: int) -> bool:
    return (
        int(day.stops.litres[stop]) <= kind.litres
        and int(day.stops.grams[stop]) <= kind.grams
        and int(day.stops.pieces[stop]) <= kind.pieces
    )


def _hours(seconds: int) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"


def _clock(seconds: int) -> str:
    """Local time of day; later days count on (25:10)."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"
