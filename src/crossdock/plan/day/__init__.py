"""The main job: one day's orders, from address to door, as a plan."""

from crossdock.plan.day.plan import plan_day
from crossdock.plan.day.question import DayPlan, DayQuestion

__all__ = ["DayPlan", "DayQuestion", "plan_day"]
