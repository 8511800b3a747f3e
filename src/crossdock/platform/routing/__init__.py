"""Routing problems in files: benchmark instances in, solutions out."""

from crossdock.platform.routing.dispatching import dispatch_file
from crossdock.platform.routing.instance import Instance
from crossdock.platform.routing.planning import Planned, SearchAsked, plan_file, plan_rows
from crossdock.platform.routing.reading import read_instance
from crossdock.platform.routing.replanning import ReplannedDay, replan_day, replan_files
from crossdock.platform.routing.running import Solved, solution_document, solve_file
from crossdock.platform.routing.trace import Trace

__all__ = [
    "Instance",
    "Planned",
    "ReplannedDay",
    "SearchAsked",
    "Solved",
    "Trace",
    "dispatch_file",
    "plan_file",
    "plan_rows",
    "read_instance",
    "replan_day",
    "replan_files",
    "solution_document",
    "solve_file",
]
