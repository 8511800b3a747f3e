"""The rest of a finished day planned anew: what is locked stays, what is cheaper is taken.

Tours that lie near each other are searched together from where they stand, a few at a time, and
what is found takes their place only where it costs less as `schedule.tour_of` times and prices it,
which is what a plan says that it costs. So the day never becomes dearer on the way, and may be left
at any moment.

Locks are exact. A locked tour is taken out with its vehicle and its parcels: nothing of the rest
depends on them. The vehicle of a pinned stop is a type of its own, of which there is one, and no
other may serve that stop; where on its tour it is served is free, like all that goes with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from crossdock.model import stream
from crossdock.plan.lastmile.moves import DayRoutes
from crossdock.plan.lastmile.neighbourhood import Neighbourhood, neighbours_of
from crossdock.plan.lastmile.question import routing_problem
from crossdock.plan.lastmile.schedule import Tour
from crossdock.plan.routing import Budget, Meter, improve

_SLICE_S, _SLICE_ITERATIONS = 1.5, 250
"""Of one search: long enough to find something, short enough to be left soon."""
_LEAST_USD, _LEAST_SHARE = 0.005, 0.01
_HAIR_USD = 1e-6


def replan_routes(
    routes: DayRoutes,
    budget: Budget,
    *,
    seed: int,
    on_better: Callable[[DayRoutes], None] | None = None,
    wants_end: Callable[[], bool] | None = None,
) -> DayRoutes | None:
    """Better routes for what is not locked, or None where none were found.

    Parameters
    ----------
    on_better
        Told the routes whenever they cost less than all before.
    wants_end
        Asked about every second whether to end with what is found so far.

    Raises
    ------
    KeyboardInterrupt
        The user stopped it.
    """
    if set(routes.tours) <= routes.locked:
        return None
    question = routing_problem(routes.day)
    meter = Meter(budget)
    best, turn = routes, 0
    covered: set[int] = set()
    while meter.spent() < 1.0 and not (wants_end is not None and wants_end()):
        free = [vehicle for vehicle in best.tours if vehicle not in best.locked]
        random = stream(seed, "replanning", turn)
        waiting = [vehicle for vehicle in free if vehicle not in covered]
        if not waiting:
            covered, waiting = set[int](), free
        first = waiting[int(random.integers(len(waiting)))]
        group = neighbours_of(best, first, free)
        covered.update(group)
        part = Neighbourhood.of(question, best, group, random)
        each = _slice(meter)
        found = improve(part.problem, part.start, each, int(random.integers(1 << 31)))
        meter.iterations += each.iterations or 0
        after = part.tours(best, found)
        if after is not None and _is_better(after.values(), part.before.values(), _HAIR_USD):
            kept = {row: tour for row, tour in best.tours.items() if row not in part.before}
            best = replace(best, tours=dict(sorted({**kept, **after}.items())))
            if on_better is not None:
                on_better(best)
        turn += 1
    return best if _is_better(best.tours.values(), routes.tours.values(), _LEAST_USD) else None


def _slice(meter: Meter) -> Budget:
    """The next of what is left."""
    left_s, left = meter.left_s(), meter.left_iterations()
    return Budget(
        seconds=None if left_s is None else min(left_s, _SLICE_S),
        iterations=None if left is None else min(left, _SLICE_ITERATIONS),
    )


def _is_better(after: Iterable[Tour], before: Iterable[Tour], least_usd: float) -> bool:
    """Cheaper; of the same cost, as where a carrier is paid by the parcel, clearly shorter."""
    now, was = _sums(after), _sums(before)
    saved_usd = was[0] - now[0]
    shorter = now[1] < (1.0 - _LEAST_SHARE) * was[1]
    return saved_usd > least_usd or (saved_usd > -_HAIR_USD and shorter)


def _sums(tours: Iterable[Tour]) -> tuple[float, float]:
    """Dollars and metres."""
    all_ = list(tours)
    return (
        sum(tour.cost_usd for tour in all_),
        sum(float(tour.distance_m.sum()) for tour in all_),
    )
