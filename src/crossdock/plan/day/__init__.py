"""The main job: one day's orders, from address to door, as a plan."""

from crossdock.plan.day.answer import DayPlan
from crossdock.plan.day.background import UnderWay, joined, under_way
from crossdock.plan.day.exchange import RouteExchange, exchange_routes
from crossdock.plan.day.ledger import parcel_shares, split_ledger
from crossdock.plan.day.plan import plan_day, replan_day
from crossdock.plan.day.question import DayQuestion
from crossdock.plan.day.standing import StandingRoutes, standing_routes

__all__ = [
    "DayPlan",
    "DayQuestion",
    "RouteExchange",
    "StandingRoutes",
    "UnderWay",
    "exchange_routes",
    "joined",
    "parcel_shares",
    "plan_day",
    "replan_day",
    "split_ledger",
    "standing_routes",
    "under_way",
]
