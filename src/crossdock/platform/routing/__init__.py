"""Routing problems in files: benchmark instances in, solutions out."""

from crossdock.platform.routing.dispatching import dispatch_file
from crossdock.platform.routing.instance import Instance
from crossdock.platform.routing.reading import read_instance
from crossdock.platform.routing.running import Solved, solution_document, solve_file
from crossdock.platform.routing.trace import Trace

__all__ = [
    "Instance",
    "Solved",
    "Trace",
    "dispatch_file",
    "read_instance",
    "solution_document",
    "solve_file",
]
