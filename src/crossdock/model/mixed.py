# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
"""Typed door to HiGHS: one mixed-integer program, one thread, stopped by nodes."""

from __future__ import annotations

from dataclasses import dataclass

import highspy  # pyright: ignore[reportMissingTypeStubs]
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

GUARD_S = 120.0
"""Wall-clock guard against a solve that hangs; never the normal stop, reported when it fires."""


@dataclass(frozen=True)
class MixedProgram:
    """Minimise ``cost @ x`` with ``row_low <= A x <= row_high``, ``0 <= x <= high``.

    ``row_start, column, value``: A by rows; ``integer``: which columns are whole; ``start``: a
    feasible point.
    """

    cost: FloatArray
    high: FloatArray
    integer: IntArray
    row_low: FloatArray
    row_high: FloatArray
    row_start: IntArray
    column: IntArray
    value: FloatArray
    start: FloatArray


@dataclass(frozen=True)
class MixedAnswer:
    """Best point found (``start`` at worst), its cost, the proven bound, and how it stopped."""

    point: FloatArray
    cost: float
    bound: float
    guard_fired: bool


def solve_mixed(
    program: MixedProgram, *, nodes: int, relative_gap: float, guard_s: float = GUARD_S
) -> MixedAnswer:
    """Solve from a feasible start until ``relative_gap``, or ``nodes`` branch-and-bound nodes."""
    solver = highspy.Highs()
    solver.silent()
    for option, setting in (
        ("threads", 1),
        ("random_seed", 1),
        ("mip_max_nodes", nodes),
        ("mip_max_stall_nodes", max(1, nodes // 4)),
        ("mip_rel_gap", relative_gap),
        ("time_limit", guard_s),
    ):
        solver.setOptionValue(option, setting)
    solver.passModel(_linear_program(program))
    warm = highspy.HighsSolution()
    warm.col_value = program.start.tolist()
    solver.setSolution(warm)
    solver.run()
    cost = float(program.cost @ program.start)
    point = program.start
    values = np.asarray(solver.getSolution().col_value, dtype=np.float64)
    if values.size == point.size and float(program.cost @ values) < cost:
        point, cost = values, float(program.cost @ values)
    bound = float(solver.getInfo().mip_dual_bound)
    guard_fired = solver.getModelStatus() == highspy.HighsModelStatus.kTimeLimit
    return MixedAnswer(point, cost, bound if np.isfinite(bound) else -np.inf, guard_fired)


def _linear_program(program: MixedProgram) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_col_ = program.cost.size
    lp.num_row_ = program.row_low.size
    lp.col_cost_ = program.cost
    lp.col_lower_ = np.zeros(program.cost.size)
    lp.col_upper_ = program.high
    lp.row_lower_ = program.row_low
    lp.row_upper_ = program.row_high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_col_ = lp.num_col_
    lp.a_matrix_.num_row_ = lp.num_row_
    lp.a_matrix_.start_ = program.row_start.astype(np.int32)
    lp.a_matrix_.index_ = program.column.astype(np.int32)
    lp.a_matrix_.value_ = program.value
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[int(whole)] for whole in program.integer]
    return lp
