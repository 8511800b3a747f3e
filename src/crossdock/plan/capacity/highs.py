"""Typed door to HiGHS for small mixed-integer problems."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
import numpy.typing as npt

from crossdock.model.errors import InfeasibleError

NODE_LIMIT = 2_000
RELATIVE_GAP = 1e-4


@dataclass
class Rows:
    """Constraint rows ``low <= sum(coefficient x column) <= high``, built one by one."""

    starts: list[int] = field(default_factory=lambda: [0])
    columns: list[int] = field(default_factory=list[int])
    coefficients: list[float] = field(default_factory=list[float])
    lows: list[float] = field(default_factory=list[float])
    highs: list[float] = field(default_factory=list[float])

    def add(self, terms: Sequence[tuple[int, float]], low: float, high: float) -> None:
        """Append one row."""
        self.columns += [column for column, _ in terms]
        self.coefficients += [coefficient for _, coefficient in terms]
        self.starts.append(len(self.columns))
        self.lows.append(low)
        self.highs.append(high)


def minimise(
    cost: npt.NDArray[np.float64],
    upper: npt.NDArray[np.float64],
    integer: npt.NDArray[np.bool_],
    rows: Rows,
) -> npt.NDArray[np.float64]:
    """Values of the columns, from 0 to ``upper``, at the least cost found.

    One thread, a node limit and no clock: the same problem has the same answer anywhere.

    Raises
    ------
    InfeasibleError
        No values keep the rows.
    """
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 0)
    solver.setOptionValue("mip_max_nodes", NODE_LIMIT)
    solver.setOptionValue("mip_rel_gap", RELATIVE_GAP)
    solver.passModel(_model(cost, upper, integer, rows))
    solver.run()
    solution = solver.getSolution()
    if not solution.value_valid:
        raise InfeasibleError(
            "carriers cannot be matched to movements: HiGHS found no feasible point",
            remedy="report the network: leaving a movement untaken is always feasible",
        )
    return np.asarray(solution.col_value, dtype=np.float64)


def _model(
    cost: npt.NDArray[np.float64],
    upper: npt.NDArray[np.float64],
    integer: npt.NDArray[np.bool_],
    rows: Rows,
) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_ = len(cost)
    model.num_row_ = len(rows.lows)
    model.col_cost_ = cost
    model.col_lower_ = np.zeros(len(cost))
    model.col_upper_ = upper
    model.row_lower_ = np.asarray(rows.lows)
    model.row_upper_ = np.asarray(rows.highs)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.asarray(rows.starts, dtype=np.int32)
    model.a_matrix_.index_ = np.asarray(rows.columns, dtype=np.int32)
    model.a_matrix_.value_ = np.asarray(rows.coefficients)
    model.integrality_ = [
        highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
        for whole in integer
    ]
    return model
