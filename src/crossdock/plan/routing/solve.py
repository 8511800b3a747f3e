"""From a problem to a plan within a budget.

A first plan comes from savings where they apply, else from the kernel. Small problems are then
searched from several seeds at once, larger ones in parts side by side (`decompose`), on whatever
`Engine` there is. Under an iteration budget the answer is the same for any number of workers.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from crossdock.model import Engine, InterruptedRunError, SerialEngine, stream
from crossdock.model.errors import InvalidValueError
from crossdock.plan.routing.accept import SearchedRoutes, explained, kept
from crossdock.plan.routing.best import BestPlan
from crossdock.plan.routing.budget import Budget, Meter
from crossdock.plan.routing.decompose import improve_in_parts
from crossdock.plan.routing.improve import searched_lane
from crossdock.plan.routing.kernel import Kernel
from crossdock.plan.routing.kernel_rules import is_rich, refuse_unsupported
from crossdock.plan.routing.last_call import called_last
from crossdock.plan.routing.parts import Part
from crossdock.plan.routing.plain import is_plain
from crossdock.plan.routing.pool import recombined
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.rich import judging_s, search_rich
from crossdock.plan.routing.search import search
from crossdock.plan.routing.solution import Sequences, Solution

OnProgress = Callable[[float], None]
"""Told the cost of every feasible plan that is better than all before."""

MOST_STOPS = 1500
"""Of one search: its matrices grow with the square."""
STRUNG_FROM = 100
"""Stops from which a plain problem is first searched by strings."""
PARTED_FROM, RICH_PARTED_FROM = 600, 250
"""Stops from which parts are better than the whole: the kernel's, and those of our own search."""

_HOPE = 0.5
"""Share of the budget after which required jobs may be left out, if they never all fitted."""
_FIRST_SHARE = 0.2
"""Of the budget, for a first plan by the kernel before parts are improved."""
_WHOLE_SHARE, _PARTS_SHARE = 0.35, 0.6
"""Of what is then left, for the first search of the whole and for its parts."""
_STRINGS_SHARE = 0.6
_DISTRICTS_SHARE = 0.4
_LAST_CALL_SHARE = 0.02
_GLIMPSE = 0.02
_LANES = 2
_TURNS = 2
"""Searches side by side of a small problem, and how often all go on from the best of them."""
_JOINING_SHARE, _JOINING_S = 0.1, 1.5
"""Of searches side by side: what joining their routes may take, and how long at most."""
_WORTH_SHARING_S = 4.0
"""Below it, starting other processes costs more than they bring."""
_EXPLAINING_S, _EXPLAINING_SHARE = 0.5, 0.02
"""Over the time that was kept back, what saying why stops are left out may take."""


def solve(
    problem: Problem,
    budget: Budget,
    seed: int = 0,
    on_progress: OnProgress | None = None,
    *,
    start: Sequences = (),
    engine: Engine | None = None,
    workers: int = 1,
) -> Solution:
    """The best plan found within ``budget``; every route of it keeps every limit.

    Parameters
    ----------
    on_progress
        Called in this process while the search runs.
    start
        Bare routes to begin with; they need not serve everything, nor keep every limit.
    engine, workers
        Where parts are improved, and how many at once; None: here, one after the other.

    Returns
    -------
    Solution
        With everything required served, where such a plan was found (``complete``).

    Raises
    ------
    InvalidValueError
        Its relations contradict each other.
    """
    began_s = time.perf_counter()
    found = search_routes(
        problem, budget, seed, on_progress, start=start, engine=engine, workers=workers
    )
    within_s = None
    if budget.seconds is not None:
        left_s = budget.seconds - (time.perf_counter() - began_s)
        within_s = max(left_s, 0.0) + _EXPLAINING_S + _EXPLAINING_SHARE * budget.seconds
    return explained(
        problem, found.plan, found.iterations, interrupted=found.interrupted, within_s=within_s
    )


def search_routes(
    problem: Problem,
    budget: Budget,
    seed: int = 0,
    on_progress: OnProgress | None = None,
    *,
    start: Sequences = (),
    engine: Engine | None = None,
    workers: int = 1,
) -> SearchedRoutes:
    """The routes of `solve`, without a word on what they leave out."""
    if problem.speeds is not None:
        from crossdock.plan.routing.timed import search_by_hour  # noqa: PLC0415 it asks back here

        return search_by_hour(
            problem, budget, seed, on_progress or _tell_nobody, search_routes, start=start,
            engine=engine, workers=workers,
        )  # fmt: skip
    rich = is_rich(problem)
    if not rich:
        refuse_unsupported(problem)
    meter = Meter(budget, judging_s(problem))
    stops, seconds = len(problem.nodes), budget.seconds
    # The kernel may begin with routes that break limits; parts and strings may not.
    begin = start if stops <= MOST_STOPS and not rich else ()
    plan = BestPlan(problem, on_progress or _tell_nobody, begin, rich)
    engine = engine or SerialEngine()
    if start:
        plan.offer(start)
    shared = workers > 1 and (seconds is None or seconds >= _WORTH_SHARING_S)
    try:
        if stops > MOST_STOPS:
            _large(plan, meter, seed, engine, workers, seconds)
        elif not (shared or seconds is None):
            _alone(plan, meter, seed)
        elif stops >= STRUNG_FROM and not rich and is_plain(problem):
            _strung(plan, meter, seed, engine, workers)
        elif stops > (RICH_PARTED_FROM if rich else PARTED_FROM):
            _mixed(plan, meter, seed, engine, workers)
        else:
            _side_by_side(plan, meter, seed, engine)
    except (KeyboardInterrupt, InterruptedRunError):
        plan.interrupted = True
    found = kept(problem, plan.routes) if plan.judged is None else plan.judged
    return SearchedRoutes(found, meter.iterations, plan.interrupted)


def _alone(plan: BestPlan, meter: Meter, seed: int, share: float = 1.0) -> None:
    """One search of the whole, up to a share of the budget.

    Where required stops never all fitted, the rest of the budget goes into leaving out the dearest.
    """
    if plan.rich:
        _alone_rich(plan, meter, seed, share)
        return
    kernel = Kernel.of(plan.problem)
    found = search(
        kernel, meter, seed, plan.tell, start=plan.routes or None, give_up_at=_HOPE, until=share
    )
    plan.interrupted = found.interrupted
    complete = found.best is not None
    if not complete and not found.interrupted:
        kernel = Kernel.of(plan.problem, all_optional=True)
        found = search(kernel, meter, seed, _tell_nobody, start=plan.routes)
        plan.interrupted = found.interrupted
    if found.best is not None:
        plan.take(kernel.sequences(found.best), kernel.cost(found.best), complete=complete)
    if plan.interrupted:
        raise KeyboardInterrupt


def _alone_rich(plan: BestPlan, meter: Meter, seed: int, share: float) -> None:
    own = Meter(_share(meter, share))
    found = search_rich(plan.problem, own, seed, plan.tell, plan.routes)
    meter.iterations += own.iterations
    plan.interrupted = found.interrupted
    plan.offer(found.routes)
    if plan.interrupted:
        raise KeyboardInterrupt


def _in_lanes(
    plan: BestPlan,
    meter: Meter,
    seed: int,
    engine: Engine,
    share: float,
    name: str,
    *,
    afresh: int = 0,
) -> None:
    """Searches of the whole side by side, from different seeds, for a share of what is left.

    So many of them as ``afresh`` says do not begin with the routes so far.
    """
    each = _share(meter, share)
    too_short = each.seconds is not None and each.seconds < _WORTH_SHARING_S / 8
    if too_short or each.iterations == 0:
        return
    random = stream(seed, "lanes", name)
    seeds = random.integers(1 << 31, size=_LANES).tolist()
    lanes = [Part(plan.problem, plan.routes, each_seed) for each_seed in seeds]
    for at in range(afresh):
        lanes[-1 - at] = replace(lanes[-1 - at], routes=[])
    joining_s = None
    if each.seconds is not None:
        joining_s = min(each.seconds * _JOINING_SHARE, _JOINING_S)
        each = replace(each, seconds=each.seconds - joining_s)
    until_s = None if each.seconds is None else time.time() + each.seconds
    found = engine.map(
        partial(searched_lane, budget=each, until_s=until_s), lanes, label="searches"
    )
    for lane in found:
        plan.offer(lane.routes)
        plan.pool.add(lane.seen)
    if each.iterations is not None:
        meter.iterations += each.iterations
    if plan.cost < float("inf"):
        plan.offer(recombined(plan.problem, plan.pool, plan.routes, joining_s))


def _side_by_side(plan: BestPlan, meter: Meter, seed: int, engine: Engine) -> None:
    """A small problem: lanes that go on from the best of them.

    Our own search begins hot, unless it is given routes: what a glimpse found is not worth that.
    """
    given = bool(plan.routes)
    _alone(plan, meter, seed, share=_GLIMPSE)
    for turn in range(_TURNS):
        afresh = _LANES if plan.rich and not given and turn == 0 else 0
        _in_lanes(plan, meter, seed, engine, 1 / (_TURNS - turn), str(turn), afresh=afresh)


def _mixed(plan: BestPlan, meter: Meter, seed: int, engine: Engine, workers: int) -> None:
    """A middling problem: the whole, then parts, then the whole again."""
    _try_savings(plan)
    if plan.cost == float("inf"):
        _alone(plan, meter, seed, share=_FIRST_SHARE)
    _in_lanes(plan, meter, seed, engine, _WHOLE_SHARE, "first", afresh=1)
    in_parts = Meter(_share(meter, _PARTS_SHARE))
    _in_parts(plan, in_parts, seed, engine, workers)
    meter.iterations += in_parts.iterations
    _in_lanes(plan, meter, seed, engine, 1.0, "last")


def _large(
    plan: BestPlan, meter: Meter, seed: int, engine: Engine, workers: int, seconds: float | None
) -> None:
    """A large problem: savings or districts, then strings where they do, else parts alone."""
    if plan.cost == math.inf and not _try_savings(plan):
        _by_districts(plan, meter, seed, engine, workers)
    if plan.cost < float("inf") and not plan.rich and is_plain(plan.problem):
        _by_strings(plan, meter, seed, engine, workers)
    else:
        _in_parts(plan, meter, seed, engine, workers)
    if plan.judged is not None and plan.judged.left:
        until_s = time.perf_counter() + _LAST_CALL_SHARE * (seconds or math.inf)
        plan.offer(called_last(plan.problem, plan.judged, lambda: time.perf_counter() > until_s))


def _by_districts(plan: BestPlan, meter: Meter, seed: int, engine: Engine, workers: int) -> None:
    """Routes of every district by itself."""
    from crossdock.plan.routing.districts import districts_of  # noqa: PLC0415 SciPy: slow to import

    parts = districts_of(plan.problem, seed)
    turns = -(-len(parts) // workers)
    each = _share(meter, _DISTRICTS_SHARE)
    each = Budget(
        seconds=None if each.seconds is None else each.seconds / turns,
        iterations=None if each.iterations is None else each.iterations // len(parts),
    )
    found = engine.map(partial(_district, budget=each), [part for part, _ in parts], label="routes")
    routes = [
        way for (_, numbering), own in zip(parts, found, strict=True) for way in numbering.back(own)
    ]
    plan.offer(routes)
    if each.iterations is not None:
        meter.iterations += each.iterations * len(parts)


def _district(part: Part, budget: Budget) -> Sequences:
    return search_routes(part.problem, budget, part.seed).plan.sequences


def _strung(plan: BestPlan, meter: Meter, seed: int, engine: Engine, workers: int) -> None:
    """A plain problem of up to `MOST_STOPS`: strings, then the kernel from where they end."""
    plan.offer(_savings(plan.problem))
    if plan.cost < float("inf"):
        by_strings = Meter(_share(meter, _STRINGS_SHARE))
        _by_strings(plan, by_strings, seed, engine, workers)
        meter.iterations += by_strings.iterations
    else:
        _alone(plan, meter, seed, share=_FIRST_SHARE)
    _in_lanes(plan, meter, seed, engine, 1.0, "last")


def _by_strings(plan: BestPlan, meter: Meter, seed: int, engine: Engine, workers: int) -> None:
    """Ruin and recreate on strings."""
    from crossdock.plan.routing.strings import improve_by_strings  # noqa: PLC0415 as below

    done = improve_by_strings(
        plan.problem, plan.routes, meter, engine, seed, workers=workers, on_progress=plan.tell
    )
    plan.offer(done.routes)
    if done.interrupted:
        raise KeyboardInterrupt


def _try_savings(plan: BestPlan) -> bool:
    """Whether savings know all that the problem says; then their routes are offered."""
    if plan.rich:
        return False
    with suppress(InvalidValueError):
        plan.offer(_savings(plan.problem))
        return True
    return False


def _savings(problem: Problem) -> Sequences:
    from crossdock.plan.routing.savings import first_routes  # noqa: PLC0415 SciPy: slow to import

    return first_routes(problem)


def _in_parts(plan: BestPlan, meter: Meter, seed: int, engine: Engine, workers: int) -> None:
    done = improve_in_parts(
        plan.problem, plan.routes, meter, engine, seed, workers=workers,
        on_progress=plan.tell if plan.cost < float("inf") else None,
    )  # fmt: skip
    plan.offer(done.routes)
    plan.interrupted = done.interrupted
    if done.interrupted:
        raise KeyboardInterrupt


def _share(meter: Meter, share: float) -> Budget:
    """A share of what is left."""
    left_s, left = meter.left_s(), meter.left_iterations()
    return Budget(
        seconds=None if left_s is None else left_s * share,
        iterations=None if left is None else math.ceil(left * share),
    )


def _tell_nobody(_: float) -> None: ...
