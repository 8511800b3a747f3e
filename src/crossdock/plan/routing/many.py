"""Many problems at once, with a few iterations a stop: the days of all depots on one engine.

In each round every problem is cut into parts, and the parts of all are one list of work: many small
problems fill the workers as well as one large one does. A part is improved by the kernel from where
it stands and taken over only where it is cheaper. What is asked depends on the seed alone, so the
answer is the same for any number of workers.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from crossdock.model import Engine, InvalidValueError, Progress, stream
from crossdock.plan.routing.budget import Budget
from crossdock.plan.routing.clusters import ClusterKind
from crossdock.plan.routing.improve import improved
from crossdock.plan.routing.kernel_rules import refuse_unsupported
from crossdock.plan.routing.pace import BRISK, Pace
from crossdock.plan.routing.parted_plan import PartedPlan
from crossdock.plan.routing.parts import Numbering, Part
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.solution import Sequences

_STOPS_A_PART, _ROUTES_A_PART = 300, 4
"""What a part has at least: long routes need larger parts, or too few of them meet."""
_WHOLE_UP_TO = 450
"""Stops of a problem that is one part: all its iterations go into one round."""
_SMALL, _NEIGHBOURS_IF_SMALL = 300, 25
"""Stops of a problem that can afford a wider look. Measured on twelve days of 80 parcels with too
few drivers, three seeds: 190 parcels are left over where with 12 neighbours it were 197."""
_ROUND_SHARES = (0.6, 0.4)
_FEWEST = 20
"""Iterations of a part."""


@dataclass(frozen=True)
class Asked:
    """A problem, its name, and how many iterations of the search it gets.

    Attributes
    ----------
    name
        Of its random streams, and what progress calls it.
    """

    problem: Problem
    name: str
    iterations: int


@dataclass(frozen=True)
class _Work:
    """A group of routes of the problem ``owner`` as a problem of its own."""

    owner: int
    name: str
    group: Sequence[int]
    part: Part
    numbering: Numbering
    iterations: int


def solve_many(
    asked: Sequence[Asked],
    *,
    engine: Engine,
    seed: int = 0,
    progress: Progress | None = None,
    pace: Pace = BRISK,
) -> list[Sequences]:
    """Bare routes of each problem, which keep every limit.

    Returns
    -------
    list
        In the order of ``asked``. Stops that no route serves are in none.

    Raises
    ------
    InvalidValueError
        A problem has a feature that the kernel cannot keep.
    """
    for each in asked:
        refuse_unsupported(each.problem)
    plans = [
        PartedPlan(each.problem, routes)
        for each, routes in zip(asked, _first_routes(asked, engine, progress), strict=True)
    ]
    for number in range(len(_ROUND_SHARES)):
        work = [
            piece
            for owner, (each, plan) in enumerate(zip(asked, plans, strict=True))
            for piece in _of_round(owner, each, plan, number, seed, pace)
        ]
        label = f"Improving routes, round {number + 1}"
        for done, found in zip(work, _improved(work, engine, progress, label), strict=True):
            plans[done.owner].take_over(done.group, done.numbering, done.numbering.back(found))
        for plan in plans:
            plan.tidy()
    return [plan.routes for plan in plans]


def _is_whole(problem: Problem) -> bool:
    return len(problem.jobs) + len(problem.shipments) <= _WHOLE_UP_TO


def _first_routes(
    asked: Sequence[Asked], engine: Engine, progress: Progress | None
) -> list[Sequences]:
    """Savings where they apply."""
    return engine.map(
        _savings,
        [each.problem for each in asked],
        label="Building first routes",
        progress=progress,
        names=[each.name for each in asked],
    )


def _savings(problem: Problem) -> Sequences:
    from crossdock.plan.routing.savings import first_routes  # noqa: PLC0415 SciPy: slow to import

    with suppress(InvalidValueError):
        return first_routes(problem)
    return ()


def _of_round(
    owner: int, asked: Asked, plan: PartedPlan, number: int, seed: int, pace: Pace
) -> list[_Work]:
    """The parts of one problem in a round; a problem that is not cut has one round."""
    problem = asked.problem
    stops = len(problem.jobs) + len(problem.shipments)
    if not stops or not asked.iterations:
        return []
    random = stream(seed, "many", asked.name, number)
    if _is_whole(problem):
        if number:
            return []
        if stops <= _SMALL:
            pace = replace(pace, neighbours=max(pace.neighbours, _NEIGHBOURS_IF_SMALL))
        part = Part(problem, plan.routes, int(random.integers(1 << 31)), pace)
        every = Numbering(tuple(range(len(problem.nodes))), tuple(range(len(problem.vehicles))))
        group = list(range(len(plan.routes)))
        return [_Work(owner, asked.name, group, part, every, max(asked.iterations, _FEWEST))]
    if not plan.routes:
        return []
    target = max(_STOPS_A_PART, _ROUTES_A_PART * stops // len(plan.routes))
    groups = plan.groups(ClusterKind.NEAR, target, random)
    work: list[_Work] = []
    for at, (part, numbering) in enumerate(plan.parts(groups, random)):
        share = _ROUND_SHARES[number] * len(part.problem.jobs) / stops
        work.append(
            _Work(
                owner,
                f"{asked.name}, round {number + 1}, part {at + 1}",
                groups[at],
                replace(part, pace=pace),
                numbering,
                max(_FEWEST, round(share * asked.iterations)),
            )
        )
    return work


def _improved(
    work: Sequence[_Work], engine: Engine, progress: Progress | None, label: str
) -> list[Sequences]:
    """Better routes of each part; the longest work starts first."""
    order = sorted(range(len(work)), key=lambda at: (-work[at].iterations, at))
    found = engine.map(
        _improve,
        [(work[at].part, work[at].iterations) for at in order],
        label=label,
        progress=progress,
        names=[work[at].name for at in order],
    )
    answers = dict(zip(order, found, strict=True))
    return [answers[at] for at in range(len(work))]


def _improve(work: tuple[Part, int]) -> Sequences:
    part, iterations = work
    return improved(part, Budget(iterations=iterations))
