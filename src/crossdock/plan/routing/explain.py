"""Why no route serves a job, and the cheapest change of one limit that would let one."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from crossdock.plan.routing.explain_stop import shipment_insertions
from crossdock.plan.routing.insert import Gaps, Insertion, insertions
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.schedule import incompatible, schedule, stop_of
from crossdock.plan.routing.solution import Fault, Relaxation, Unassigned

_SAID = {
    "count": "no vehicle of type {of} is left",
    "windows.closes": "the route would reach {of} {by:g} after its window closes",
    "shift_ends": "the route of a vehicle {of} would end {by:g} after its shift",
    "max_duration": "the route of a vehicle {of} would last {by:g} too long",
    "max_distance": "the route of a vehicle {of} would be {by:g} too long",
    "max_stops": "the route of a vehicle {of} would have {by:g} stops too many",
    "latest_start": "a vehicle {of} would start {by:g} too late",
    "hos_rules": "the hours and breaks of a vehicle {of} leave no time for it",
    "pinned": "the route that begins with {of} is settled",
    "relations.same_vehicle": "the route would leave out {of}, which belongs to it",
    "relations.order": "the route would reach {of} out of order",
    "relations.sequence": "the route would come to {of} not straight after the stop before it",
    "backhauls": "a vehicle {of} would collect before it has delivered",
}


def unassigned_of(
    problem: Problem,
    sequences: Sequence[tuple[int, Sequence[int]]],
    free: Mapping[int, int],
    left: Sequence[int],
    within_s: float | None = None,
) -> tuple[Unassigned, ...]:
    """Reasons for the jobs and shipments ``left``, against the routes as they are.

    Parameters
    ----------
    free
        Vehicles left by type.
    left
        Rows of `Nodes`; a shipment by its pickup.
    within_s
        After it the others are told without a reason; None: never.
    """
    if not left:
        return ()
    began_s = time.perf_counter()
    gaps = Gaps.of(problem, sequences)
    costs = [schedule(problem, vehicle, nodes).route.cost for vehicle, nodes in sequences]
    found: list[Unassigned] = []
    for node in left:
        if within_s is not None and time.perf_counter() - began_s > within_s:
            found.append(_untold(problem, node, len(left)))
            continue
        if node >= len(problem.jobs):
            tried = shipment_insertions(problem, sequences, free, node, costs)
        else:
            tried = insertions(problem, sequences, free, node, gaps, costs)
        found.append(_explained(problem, node, tried))
    return tuple(found)


def _untold(problem: Problem, node: int, count: int) -> Unassigned:
    stop = stop_of(problem, node)
    reason = f"one of {count:,} that no route serves: there was no time to say why of each"
    return Unassigned(stop.id, stop.required, reason, None)


def _explained(problem: Problem, node: int, tried: Sequence[Insertion]) -> Unassigned:
    job = stop_of(problem, node)
    if not tried:
        fields = {incompatible(job, kind) for kind in problem.vehicles}
        limit = min(fields)
        reason = f"no vehicle may serve it: {', '.join(sorted(fields))}"
        return Unassigned(job.id, job.required, reason, Relaxation(limit, job.id, 1.0, 0.0))
    feasible = [way for way in tried if not way.faults]
    if feasible:
        cost = min(way.cost for way in feasible)
        short = max(cost - job.prize, 0.0)
        reason = f"serving it would add {cost:g}, leaving it out costs {job.prize:g}"
        if short == 0 or job.required:
            reason = f"the search ended before it was placed, at a cost of {cost:g}"
        return Unassigned(job.id, job.required, reason, Relaxation("prize", job.id, short, cost))
    # One limit at a time: what breaks several is no single change.
    single = [way for way in tried if len({fault.limit for fault in way.faults}) == 1]
    nearest = min(single or tried, key=lambda way: (way.cost, len(way.faults)))
    reasons = "; ".join(_said(fault) for fault in nearest.faults)
    relaxation = None
    if single:
        worst = max(nearest.faults, key=lambda fault: fault.by)
        relaxation = Relaxation(worst.limit, worst.of, worst.by, nearest.cost)
    return Unassigned(job.id, job.required, reasons, relaxation, nearest.faults)


def _said(fault: Fault) -> str:
    if fault.limit.startswith("capacity."):
        dimension = fault.limit.removeprefix("capacity.")
        return f"a vehicle {fault.of} would carry {fault.by:g} of {dimension} too much"
    template = _SAID.get(fault.limit, "{limit} of {of} would be broken")
    return template.format(limit=fault.limit, of=fault.of, by=fault.by)
