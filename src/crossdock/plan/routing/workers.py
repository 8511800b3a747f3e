"""What runs in a worker: one part, improved within its budget."""

from __future__ import annotations

from crossdock.plan.routing.budget import Budget
from crossdock.plan.routing.improve import improve
from crossdock.plan.routing.parts import Part
from crossdock.plan.routing.solution import Sequences


def improved(part: Part, budget: Budget) -> Sequences:
    """Routes of ``part`` that are no dearer than those it has."""
    return improve(part.problem, part.routes, budget, part.seed)
