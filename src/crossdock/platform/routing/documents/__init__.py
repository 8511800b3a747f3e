"""Routing problems and plans as documents: read with every fault named, written with units."""

from crossdock.platform.routing.documents.building import RouteQuestion, question_of
from crossdock.platform.routing.documents.events_shape import RouteEvents, Weights
from crossdock.platform.routing.documents.explained_text import (
    difference_text,
    explanation_text,
    stop_text,
)
from crossdock.platform.routing.documents.explaining import (
    diff_plans,
    explain_plan,
    explain_stop_of,
)
from crossdock.platform.routing.documents.exporting import plan_csv, plan_geojson, plan_pdf
from crossdock.platform.routing.documents.faults import FaultyDocumentError, RowFault
from crossdock.platform.routing.documents.plan_reading import (
    read_events,
    read_plan,
    sequences_of,
)
from crossdock.platform.routing.documents.plan_shape import RoutePlan
from crossdock.platform.routing.documents.planning import (
    Planned,
    SearchAsked,
    plan_file,
    plan_rows,
)
from crossdock.platform.routing.documents.present import Present, present_of
from crossdock.platform.routing.documents.problem_shape import RouteProblem
from crossdock.platform.routing.documents.reading import (
    MOST_ROWS,
    RowsRead,
    object_of,
    read_object_of,
    read_rows,
)
from crossdock.platform.routing.documents.replanning import (
    ReplannedDay,
    replan_day,
    replan_files,
)
from crossdock.platform.routing.documents.schemas import DOCUMENTS, json_schema
from crossdock.platform.routing.documents.writing import (
    SearchTold,
    changes_record,
    instant_text,
    plan_document,
)

__all__ = [
    "DOCUMENTS",
    "MOST_ROWS",
    "FaultyDocumentError",
    "Planned",
    "Present",
    "ReplannedDay",
    "RouteEvents",
    "RoutePlan",
    "RouteProblem",
    "RouteQuestion",
    "RowFault",
    "RowsRead",
    "SearchAsked",
    "SearchTold",
    "Weights",
    "changes_record",
    "diff_plans",
    "difference_text",
    "explain_plan",
    "explain_stop_of",
    "explanation_text",
    "instant_text",
    "json_schema",
    "object_of",
    "plan_csv",
    "plan_document",
    "plan_file",
    "plan_geojson",
    "plan_pdf",
    "plan_rows",
    "present_of",
    "question_of",
    "read_events",
    "read_object_of",
    "read_plan",
    "read_rows",
    "replan_day",
    "replan_files",
    "sequences_of",
    "stop_text",
]
