"""The main job: one day's orders, from address to door, as a plan."""

from crossdock.plan.day.answer import DayPlan
from crossdock.plan.day.plan import plan_day, replan_day
from crossdock.plan.day.question import DayQuestion

__all__ = ["DayPlan", "DayQuestion", "plan_day", "replan_day"]
