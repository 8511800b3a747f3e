"""Plan again while a plan is under way: what has happened in, the rest of the day out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossdock.plan.routing import ChangeWeights, PlannedRoute, Replanned, replan
from crossdock.platform.routing.documents.building import RouteQuestion, question_of
from crossdock.platform.routing.documents.events_shape import RouteEvents
from crossdock.platform.routing.documents.plan_reading import (
    read_events,
    read_plan,
    sequences_of,
)
from crossdock.platform.routing.documents.planning import SearchAsked
from crossdock.platform.routing.documents.present import Present, present_of
from crossdock.platform.routing.documents.reading import read_object_of, read_rows
from crossdock.platform.routing.documents.writing import (
    SearchTold,
    changes_record,
    instant_text,
    plan_document,
)
from crossdock.platform.routing.trace import Trace

if TYPE_CHECKING:
    from crossdock.platform.roads import RoadSource


@dataclass(frozen=True)
class ReplannedDay:
    """The rest of a day, planned again.

    Attributes
    ----------
    problem
        The problem as it now is, as a document.
    document
        The plan of it.
    """

    problem: dict[str, Any]
    document: dict[str, Any]


def replan_files(
    problem_path: Path,
    plan_path: Path,
    events_path: Path,
    asked: SearchAsked,
    *,
    began_s: float | None = None,
    on_progress: Callable[[float, float], None] | None = None,
    roads: RoadSource | None = None,
) -> ReplannedDay:
    """Plan again what files tell.

    Raises
    ------
    FaultyDocumentError
        One of them has faults, or they are not of each other.
    """
    trace = Trace(time.perf_counter() if began_s is None else began_s, on_progress)
    return replan_day(
        read_object_of(problem_path),
        read_object_of(plan_path),
        read_object_of(events_path),
        asked,
        trace,
        names=(problem_path.name, plan_path.name, events_path.name),
        roads=roads,
    )


def replan_day(
    problem: Mapping[str, Any],
    plan: Mapping[str, Any],
    events: Mapping[str, Any],
    asked: SearchAsked,
    trace: Trace,
    *,
    names: Sequence[str] = ("problem", "plan", "events"),
    roads: RoadSource | None = None,
) -> ReplannedDay:
    """Plan the rest of a day again.

    Parameters
    ----------
    names
        Of the three documents, for errors.
    roads
        What distances of the kind ``roads`` are over.
    """
    before = read_rows(problem, names[0], roads=roads).document
    was = read_plan(plan, names[1])
    sequences_of(
        question_of(before, roads, all_pairs=False), was, names[1]
    )  # refuses a plan of another problem
    happened = read_events(events, names[2])
    present = present_of(before, was, happened)
    told = json.loads(present.document.model_dump_json(exclude_unset=True))
    rows = read_rows(told, "the problem as it now is", may_be_empty=True, roads=roads)
    question = question_of(rows.document, roads)
    found = _search(question, present.routes, happened, asked, trace)
    document = plan_document(
        question, found.solution, SearchTold(asked.seed, trace.passed_s(), trace.found)
    )
    return ReplannedDay(told, document | _more(question, present, happened, found))


def _search(
    question: RouteQuestion,
    routes: Sequence[PlannedRoute],
    happened: RouteEvents,
    asked: SearchAsked,
    trace: Trace,
) -> Replanned:
    weights = happened.weights
    return replan(
        question.problem,
        routes,
        asked.budget(trace.passed_s()),
        asked.seed,
        weights=ChangeWeights(weights.moved_usd, weights.eta_usd, weights.tolerance_s),
        on_progress=trace.add,
    )


def _more(
    question: RouteQuestion, present: Present, happened: RouteEvents, found: Replanned
) -> dict[str, Any]:
    """What a plan of a day under way says beside."""
    return {
        "as_of": instant_text(happened.now),
        "changes": changes_record(question, found.changes),
        "done": [
            {"vehicle": each.vehicle, "stops": [stop.id for stop in each.stops]}
            for each in present.done
        ],
        "lost": list(present.lost),
    }
