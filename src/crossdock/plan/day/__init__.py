"""The main job: one day's orders, from address to door, as a plan."""

from crossdock.plan.day.answer import DayPlan
from crossdock.plan.day.background import UnderWay, joined, under_way
from crossdock.plan.day.ledger import parcel_shares, split_ledger
from crossdock.plan.day.plan import plan_day, replan_day
from crossdock.plan.day.question import DayQuestion

__all__ = [
    "DayPlan",
    "DayQuestion",
    "UnderWay",
    "joined",
    "parcel_shares",
    "plan_day",
    "replan_day",
    "split_ledger",
    "under_way",
]
