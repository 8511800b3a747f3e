"""Why the routes are as they are: what each beat, and what one vehicle fewer would ask for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crossdock.locate.roads import street_distance_m
from crossdock.model.units import miles
from crossdock.plan.lastmile.day import FacilityDay, whole_seconds
from crossdock.plan.lastmile.near import local_xy, nearest
from crossdock.plan.lastmile.schedule import Tour, fits


@dataclass(frozen=True)
class Decision:
    """One row of DECISIONS without its subject."""

    question: str
    chosen: str
    alternatives: str
    reason: str


@dataclass(frozen=True)
class Merger:
    """What one route for two would need: hours of work, and dollars against the two."""

    other: int
    work_s: int
    limit_s: int
    fits: bool
    cost_usd: float


def best_mergers(day: FacilityDay, tours: Sequence[Tour]) -> list[Merger | None]:
    """For each tour the merger with the neighbour whose centre is nearest; None if it is alone."""
    if len(tours) < 2:
        return [None] * len(tours)
    points = local_xy(day.latitude, day.longitude)[1:]
    centres = np.array([points[list(tour.sequence)].mean(axis=0) for tour in tours])
    pairs = nearest(centres, 2).tolist()
    others = [b if a == at else a for at, (a, b) in enumerate(pairs)]
    return [_merger(day, tours, at, other) for at, other in enumerate(others)]


def _merger(day: FacilityDay, tours: Sequence[Tour], at: int, other: int) -> Merger:
    """One tour after the other, joined where that is shorter."""
    a, b = tours[at], tours[other]
    kind = day.kinds[a.kind]
    joined = [_join(day, a, b), _join(day, b, a)]
    saved_s, saved_m = max(joined)
    work_s = a.work_s + b.work_s - saved_s
    distance_m = float(a.distance_m.sum() + b.distance_m.sum()) - saved_m
    stops = [*a.sequence, *b.sequence]
    pieces = int(day.stops.pieces[stops].sum())
    cost = kind.cost_usd(distance_m, work_s, len(stops), pieces)
    return Merger(other, work_s, kind.work_s, fits(day, kind, stops), cost)


def _join(day: FacilityDay, first: Tour, then: Tour) -> tuple[int, float]:
    """Seconds and metres saved by driving from the last stop of one to the first of the other."""
    here, there = first.sequence[-1] + 1, then.sequence[0] + 1
    direct_m = street_distance_m(
        day.latitude[here], day.longitude[here], day.latitude[there], day.longitude[there]
    )
    saved_m = float(first.distance_m[-1] + then.distance_m[0] - direct_m)
    saved_s = int(first.drive_s[-1] + then.drive_s[0] - whole_seconds(np.atleast_1d(direct_m))[0])
    return saved_s, saved_m


def route_decision(
    day: FacilityDay,
    tours: Sequence[Tour],
    at: int,
    merger: Merger | None,
    *,
    route_ids: Sequence[str],
    vehicle_id: str,
) -> Decision:
    """Why these stops ride together: their tour's numbers, and the merger it beat."""
    tour = tours[at]
    stops = len(tour.sequence)
    driven = f"{miles(float(tour.distance_m.sum())):.1f} mi"
    share = 100 * tour.work_s / max(day.kinds[tour.kind].work_s, 1)
    reason = (
        f"{stops} stops lie on one way round of {driven} and {tour.timeline.duty_s / 3600:.1f} h "
        f"({share:.0f} % of the duty that fits) at ${tour.cost_usd / stops:.2f} a stop."
    )
    alternatives: list[dict[str, object]] = []
    if merger is not None:
        other = route_ids[merger.other]
        apart = tour.cost_usd + tours[merger.other].cost_usd
        why_not = _why_not(merger, apart)
        alternatives.append(
            {
                "option": f"one route with {other}",
                "cost_usd": round(merger.cost_usd, 2),
                "service": "same day" if merger.work_s <= merger.limit_s else "not in one duty",
                "why_not": why_not,
            }
        )
        reason += f" Merging it with its neighbour {other} was not taken: {why_not}."
    return Decision(
        question="Why do these stops ride together?",
        chosen=f"{vehicle_id}: {stops} stops, {driven}, ${tour.cost_usd:.2f}",
        alternatives=json.dumps(alternatives, sort_keys=True),
        reason=reason,
    )


def _why_not(merger: Merger, apart_usd: float) -> str:
    if merger.work_s > merger.limit_s:
        need, limit = merger.work_s / 3600, merger.limit_s / 3600
        return f"{need:.1f} h of work where a duty has room for {limit:.1f} h"
    if not merger.fits:
        return "the parcels of both do not fit into the vehicle"
    change = merger.cost_usd - apart_usd
    if change >= 0:
        return f"it costs ${change:.2f} more than the two"
    return f"it would save ${-change:.2f}, but no order was found that keeps all windows and breaks"


def day_decision(day: FacilityDay, tours: Sequence[Tour], unserved: int) -> Decision:
    """How many vehicles go out: used against available, and what one fewer would ask for."""
    used, offered = len(tours), len(day.kind_of)
    cost = sum(tour.cost_usd for tour in tours)
    alternatives: list[dict[str, object]] = []
    reason = f"{used} of {offered} vehicles serve {len(day.stops) - unserved} stops at ${cost:.2f}."
    if used >= 2:
        smallest = min(tours, key=lambda tour: (tour.work_s, tour.sequence))
        spread_s = (sum(t.work_s for t in tours) - 2 * int(smallest.drive_s[-1])) / (used - 1)
        limit_s = max(day.kinds[tour.kind].work_s for tour in tours)
        spare_s = sum(day.kinds[t.kind].work_s - t.work_s for t in tours) - (
            day.kinds[smallest.kind].work_s - smallest.work_s
        )
        why_not = (
            f"the others have {spare_s / 3600:.1f} h to spare in all, in pieces, for its "
            f"{smallest.work_s / 3600:.1f} h; each would work {spread_s / 3600:.1f} h of "
            f"{limit_s / 3600:.1f} h"
        )
        alternatives.append(
            {
                "option": "1 vehicle" if used == 2 else f"{used - 1} vehicles",
                "cost_usd": round(cost - day.kinds[smallest.kind].fixed_usd, 2),
                "service": "same day" if spread_s <= limit_s else "stops left over",
                "why_not": why_not,
            }
        )
        reason += f" One fewer was not taken: {why_not}."
    if unserved:
        reason += f" {unserved} stops are on no route."
    return Decision(
        question="How many vehicles go out?",
        chosen=f"{used} of {offered} vehicles",
        alternatives=json.dumps(alternatives, sort_keys=True),
        reason=reason,
    )
