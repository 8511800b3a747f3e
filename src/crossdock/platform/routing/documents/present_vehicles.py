"""A vehicle under way as a vehicle of its own: what is left of its day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from crossdock.platform.routing.documents.problem_shape import (
    HoursUsedRow,
    Spot,
    VehicleRow,
)
from crossdock.platform.routing.documents.standing import Under


def goes_on(under: Under, start: Spot, next_stop: str | None) -> VehicleRow:
    """The vehicle of a route that has left, from where it is.

    Parameters
    ----------
    next_stop
        That it is on its way to, if it keeps to it.
    """
    row, progress, route = under.row, under.progress, under.route
    free_at = progress.free_at
    used_s = (free_at - route.starts_at).total_seconds()
    stops = sum(stop.kind != "reload" for stop in progress.done)
    reloads = len(progress.done) - stops
    ends_at = row.shift_ends_at
    over = ends_at is not None and ends_at <= free_at
    change: dict[str, Any] = {
        "id": route.vehicle,
        "count": 1,
        "start": start,
        "end": end_of(row),
        "shift_starts_at": free_at,
        "shift_ends_at": free_at if over else ends_at,
        "latest_start_at": None,
        "costs": row.costs.model_copy(update={"fixed_usd": 0.0}),  # it is paid for
        "regular_duration_s": _less(row.regular_duration_s, used_s),
        "max_duration_s": _less(row.max_duration_s, used_s),
        "max_distance_m": _less(row.max_distance_m, progress.driven_m),
        "max_stops": None if row.max_stops is None else max(row.max_stops - stops, 1),
        "max_reloads": None if row.max_reloads is None else max(row.max_reloads - reloads, 0),
        "on_board": {} if under.home else dict(under.extra),
        "pinned": [next_stop] if next_stop is not None and not over else [],
    }
    if row.hos_rules:
        change["hours_used"] = _hours_used(under)
    return row.model_copy(update=change)


def end_of(row: VehicleRow) -> Spot | None:
    """Where a vehicle ends its route, told outright."""
    if "end" in row.model_fields_set:
        return row.end
    return row.start if row.start.depot is not None else None


def not_left(
    rows: list[VehicleRow], now: dt.datetime, left: dict[str, int]
) -> Iterator[VehicleRow]:
    """Vehicles that have not left, no earlier than now.

    Parameters
    ----------
    left
        How many of a type have left, or are out.
    """
    for row in rows:
        count = None if row.count is None else row.count - left.get(row.id, 0)
        starts_at = max(row.shift_starts_at or now, now)
        too_late = any(
            each is not None and each < starts_at
            for each in (row.latest_start_at, row.shift_ends_at)
        )
        if (count is None or count > 0) and not too_late:
            yield row.model_copy(update={"count": count, "shift_starts_at": starts_at})


def _less(limit: float | None, used: float) -> float | None:
    return None if limit is None else max(limit - used, 0.0)


def _hours_used(under: Under) -> HoursUsedRow:
    """Hours of the driver's day so far; breaks are those of the plan."""
    progress, before = under.progress, under.row.hours_used or HoursUsedRow(
        on_duty_since_at=under.route.starts_at
    )  # fmt: skip
    over = [each for each in under.route.breaks if each.ends_at <= progress.free_at]
    since_s = progress.driven_s
    if over:
        ended = over[-1].ends_at
        behind = (progress.free_at - ended).total_seconds()
        since_s = min(since_s, behind)
    else:
        since_s += before.driven_since_pause_s
    return HoursUsedRow(
        on_duty_since_at=before.on_duty_since_at,
        driven_s=before.driven_s + progress.driven_s,
        driven_since_pause_s=since_s,
        meals=before.meals + sum(each.kind == "meal" for each in over),
        rests=before.rests + sum(each.kind == "rest" for each in over),
    )
