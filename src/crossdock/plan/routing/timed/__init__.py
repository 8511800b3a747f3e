"""Plans for legs that take longer in the rush hour: constant times for the search, exact repair."""

from crossdock.plan.routing.timed.constant import Departures, constant_problem
from crossdock.plan.routing.timed.repair import Way, repaired
from crossdock.plan.routing.timed.rounds import search_by_hour

__all__ = ["Departures", "Way", "constant_problem", "repaired", "search_by_hour"]
