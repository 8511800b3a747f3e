"""The day that a server shows: the world's, or one that a twin plays."""

from crossdock.platform.server.day.day import Day, DayState, State, WorldDay
from crossdock.platform.server.day.routes import FASTEST, day_router

__all__ = ["FASTEST", "Day", "DayState", "State", "WorldDay", "day_router"]
