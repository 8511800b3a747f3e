"""Restricted mixed-integer programs: re-deal a few dozen chunks exactly, the others held fixed.

A sub-problem lets its chunks choose among the paths whose departures the plan already drives (and
the few most promising besides), with whole vehicles on each departure. HiGHS starts from the plan
as it is. Sub-problems of a round have no chunk in common; their answers are merged in order and
each is kept only if the true objective falls: the result is the same for any number of workers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crossdock.model.mixed import MixedAnswer, solve_mixed
from crossdock.model.protocols import Engine, Progress
from crossdock.plan.linehaul.ladder import USD_CM3, IntArray
from crossdock.plan.linehaul.state import (
    Model,
    State,
    chosen_arcs,
    move,
    objective,
    state_of,
)
from crossdock.plan.linehaul.subproblem import SubProblem, build_subproblem

SUBPROBLEM_CHUNKS = 32
SUBPROBLEMS_A_ROUND = 4
NODES = 60
RELATIVE_GAP = 0.003
ROUNDS = ("hub", "origin", "destination")


@dataclass(frozen=True)
class Improved:
    """Choices after improvement; ``restricted_gap`` of the last round (null: nothing solved)."""

    choice: IntArray
    restricted_gap: float | None
    solved: int
    accepted: int
    guards_fired: int


def improve(
    model: Model, choice: IntArray, *, engine: Engine, progress: Progress, effort: float
) -> Improved:
    """Improve ``choice`` by rounds of disjoint restricted programs over ``engine``."""
    state = state_of(model, choice)
    gaps: list[float] = []
    solved = accepted = guards = 0
    most = round(SUBPROBLEMS_A_ROUND * effort)
    for kind in ROUNDS:
        groups = neighbourhoods(model, state, kind)[:most]
        programs = [build_subproblem(model, state, chunks) for chunks in groups]
        answers = engine.map(
            _solve, programs, label=f"line-haul: exact by {kind}", progress=progress
        )
        for program, answer in zip(programs, answers, strict=True):
            accepted += _accept(model, state, program, answer)
            guards += answer.guard_fired
        solved += len(answers)
        total = sum(answer.cost for answer in answers)
        if total > 0:
            open_usd = sum(answer.cost - max(answer.bound, 0.0) for answer in answers)
            gaps.append(max(0.0, open_usd / total))
    return Improved(state.choice.copy(), gaps[-1] if gaps else None, solved, accepted, guards)


def neighbourhoods(model: Model, state: State, kind: str) -> list[IntArray]:
    """Disjoint groups of chunks that could share vehicles, the most wasteful group first.

    Parameters
    ----------
    kind
        ``hub`` (same last stop before the destination), ``origin`` (same origin and first stop) or
        ``destination``.
    """
    chunks = np.arange(state.choice.size)
    arcs = chosen_arcs(model, state.choice)
    first = np.where(arcs[:, 0] >= 0, model.arc_to_wave[arcs[:, 0]], -1)
    last_arc = np.where(
        arcs[:, 2] >= 0, arcs[:, 2], np.where(arcs[:, 1] >= 0, arcs[:, 1], arcs[:, 0])
    )
    last = np.where(last_arc >= 0, model.arc_from_wave[last_arc], -1)
    keys = {
        "hub": (chunks, model.chunk_destination, last),
        "origin": (chunks, first, model.chunk_origin),
        "destination": (chunks, model.chunk_origin, model.chunk_destination),
    }
    order = np.lexsort(keys[kind])
    parts = max(1, -(-order.size // SUBPROBLEM_CHUNKS))
    groups = [np.sort(group).astype(np.int64) for group in np.array_split(order, parts)]
    waste = _waste(model, state, arcs)
    return sorted(
        (group for group in groups if group.size),
        key=lambda group: (-float(waste[group].sum()), int(group[0])),
    )


def _waste(model: Model, state: State, arcs: IntArray) -> np.ndarray:
    """Each chunk's share of what its departures cost above their best full rate."""
    best_rate = model.ladders.price[model.ladders.start[model.arc_ladder], USD_CM3]
    above = state.arc_usd - best_rate * state.arc_cm3
    share = above / np.maximum(state.arc_cm3, 1)
    return (np.where(arcs >= 0, share[arcs], 0.0).sum(axis=1)) * model.chunk_cm3


def _solve(sub: SubProblem) -> MixedAnswer:
    return solve_mixed(sub.program, nodes=NODES, relative_gap=RELATIVE_GAP)


def _accept(model: Model, state: State, sub: SubProblem, answer: MixedAnswer) -> int:
    """Apply an answer if the true objective falls; 1 if so."""
    before_usd = objective(model, state)
    before = state.choice[sub.chunks].copy()
    _move(model, state, sub.chunks, sub.paths_of(answer.point))
    if objective(model, state) < before_usd - 1e-6:
        return 1
    _move(model, state, sub.chunks, before)
    return 0


def _move(model: Model, state: State, chunks: IntArray, paths: IntArray) -> None:
    for chunk in chunks.tolist():
        move(model, state, chunk, int(state.choice[chunk]), -1)
    for chunk, path in zip(chunks.tolist(), paths.tolist(), strict=True):
        move(model, state, chunk, path, 1)
