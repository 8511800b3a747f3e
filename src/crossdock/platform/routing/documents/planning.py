"""Plan the product's own problems: a document in, a document out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossdock.model import UsageError
from crossdock.plan.routing import Budget, Sequences, Solution, solve
from crossdock.platform.engine import LocalEngine
from crossdock.platform.routing.documents.building import RouteQuestion, question_of
from crossdock.platform.routing.documents.plan_reading import read_plan, sequences_of
from crossdock.platform.routing.documents.reading import RowsRead, read_object_of, read_rows
from crossdock.platform.routing.documents.writing import SearchTold, plan_document
from crossdock.platform.routing.trace import Trace

if TYPE_CHECKING:
    from crossdock.platform.roads import RoadSource

_LEAST_S = 0.05


@dataclass(frozen=True)
class SearchAsked:
    """How long and how a search goes.

    Attributes
    ----------
    seconds
        Of wall clock, reading included; None: none.
    iterations
        With these alone the same seed gives the same plan.
    workers
        Processes that search side by side.
    """

    seconds: float | None = None
    iterations: int | None = None
    seed: int = 0
    workers: int = 1

    def __post_init__(self) -> None:
        if self.seconds is None and self.iterations is None:
            raise UsageError("a search without an end", remedy="give --time or --iterations")

    def budget(self, passed_s: float) -> Budget:
        """What is left of it."""
        seconds = None if self.seconds is None else max(self.seconds - passed_s, _LEAST_S)
        return Budget(seconds, self.iterations)


@dataclass(frozen=True)
class Planned:
    """A plan, its problem and its document."""

    question: RouteQuestion
    solution: Solution
    document: dict[str, Any]


def plan_file(
    path: Path,
    asked: SearchAsked,
    *,
    start_path: Path | None = None,
    skip_bad: bool = False,
    began_s: float | None = None,
    on_progress: Callable[[float, float], None] | None = None,
    roads: RoadSource | None = None,
) -> Planned:
    """Plan the problem of a file.

    Parameters
    ----------
    start_path
        A plan to begin with.
    skip_bad
        Leave out bad rows; the plan lists them.
    began_s
        From when the seconds count, by `time.perf_counter`; None: from now.
    roads
        What distances of the kind ``roads`` are over.

    Raises
    ------
    FaultyDocumentError
        The problem has faults, or the start is no plan of it.
    """
    trace = Trace(time.perf_counter() if began_s is None else began_s, on_progress)
    rows = read_rows(read_object_of(path), path.name, skip_bad=skip_bad, roads=roads)
    start = None if start_path is None else read_object_of(start_path)
    what = "" if start_path is None else start_path.name
    return plan_rows(
        rows, asked, trace, start=start, start_name=what, strict_start=not skip_bad, roads=roads
    )


def plan_rows(
    rows: RowsRead,
    asked: SearchAsked,
    trace: Trace,
    *,
    start: Mapping[str, Any] | None = None,
    start_name: str = "start",
    strict_start: bool = True,
    roads: RoadSource | None = None,
) -> Planned:
    """Plan rows that were read."""
    question = question_of(rows.document, roads)
    routes: Sequences = ()
    if start is not None:
        plan = read_plan(start, start_name)
        routes = sequences_of(question, plan, start_name, strict=strict_start)
    with LocalEngine(asked.workers, imports=["crossdock.plan.routing"]) as engine:
        solution = solve(
            question.problem, asked.budget(trace.passed_s()), asked.seed, trace.add,
            engine=engine, workers=asked.workers, start=routes,
        )  # fmt: skip
    told = SearchTold(asked.seed, trace.passed_s(), trace.found)
    return Planned(question, solution, plan_document(question, solution, told, rows.skipped))
