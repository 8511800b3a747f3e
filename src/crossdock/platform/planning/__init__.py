"""From order file to run folder: the stages of a plan in their order."""

from crossdock.platform.planning.request import PlanOutcome, PlanRequest

__all__ = ["PlanOutcome", "PlanRequest"]
