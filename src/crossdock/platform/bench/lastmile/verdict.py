"""What routes cost and whether they may be driven, whoever found them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.plan.routing import PlanarMetric, Problem, Rounding, schedule

_LATE = {"windows.closes", "shift_ends", "max_duration", "max_distance"}
_HALF_UNIT = 0.0005

Sequences = Sequence[tuple[int, Sequence[int]]]


@dataclass(frozen=True)
class Verdict:
    """Cost by our own metric, and what is wrong.

    Attributes
    ----------
    wrong
        Empty if the plan is feasible.
    """

    cost: float
    wrong: str


def judge(problem: Problem, sequences: Sequences) -> Verdict:
    """Time, load and price every route anew and see that everything is served once.

    With real distances a solver that counts in thousandths may round each leg down by half of
    one; a route may be late by as much, which is nobody's fault.
    """
    rounds = isinstance(problem.metric, PlanarMetric) and problem.metric.rounding is Rounding.EXACT
    cost = 0.0
    visits: Counter[int] = Counter()
    used: Counter[int] = Counter()
    wrong: list[str] = []
    for vehicle, nodes in sequences:
        if not nodes:
            continue
        timed = schedule(problem, vehicle, nodes)
        slack = _HALF_UNIT * (len(nodes) + 1) if rounds else 0.0
        wrong += [
            f"{fault.limit} of {fault.of} by {fault.by:g}"
            for fault in timed.faults
            if fault.limit not in _LATE or fault.by > slack
        ]
        cost += timed.route.cost
        used[vehicle] += 1
        visits.update(node for node in nodes if node >= 0)
    for index, kind in enumerate(problem.vehicles):
        if kind.count is not None and used[index] > kind.count:
            wrong.append(f"{used[index]} vehicles {kind.id} of {kind.count}")
    wrong += [f"{problem.nodes.ids[node]} twice" for node, times in visits.items() if times > 1]
    left_wrong, prizes = _left(problem, visits)
    wrong += left_wrong
    more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    return Verdict(cost + prizes, wrong[0] + more if wrong else "")


def _left(problem: Problem, visits: Counter[int]) -> tuple[list[str], float]:
    """What is required and not served, and the prizes of what is not; of a group once."""
    rows = problem.nodes
    groups: Counter[str] = Counter()
    for node, job in enumerate(problem.jobs):
        if job.group is not None:
            groups[job.group] += visits[node]
    wrong = [f"group {group} {times} times" for group, times in groups.items() if times > 1]
    missing, prizes, counted = 0, 0.0, set[str]()
    for node in range(rows.jobs + rows.shipments):
        group = problem.jobs[node].group if node < rows.jobs else None
        served = groups[group] if group is not None else visits[node]
        if served or group in counted:
            continue
        if group is not None:
            counted.add(group)
        if rows.required[node]:
            missing += 1
        else:
            prizes += float(rows.prize[node])
    if missing:
        wrong.insert(0, f"{missing} not served" if visits else "no plan found")
    return wrong, prizes
