"""The live tower of each tenant: takes events in, keeps the present, tells who listens."""

from crossdock.platform.server.tower.board_routes import board_router
from crossdock.platform.server.tower.bringing import EventsFirst
from crossdock.platform.server.tower.bringing import router as bringing_router
from crossdock.platform.server.tower.command_routes import commands_router
from crossdock.platform.server.tower.committing import Taken
from crossdock.platform.server.tower.desk import Desk, Obeyer
from crossdock.platform.server.tower.desks import Desks
from crossdock.platform.server.tower.fleet_routes import fleet_router
from crossdock.platform.server.tower.ground import PLACES, Ground
from crossdock.platform.server.tower.note_routes import note_router
from crossdock.platform.server.tower.routes import router
from crossdock.platform.server.tower.shapes import EventItem, Health
from crossdock.platform.server.tower.trends import router as trends_router

__all__ = [
    "PLACES",
    "Desk",
    "Desks",
    "EventItem",
    "EventsFirst",
    "Ground",
    "Health",
    "Obeyer",
    "Taken",
    "board_router",
    "bringing_router",
    "commands_router",
    "fleet_router",
    "note_router",
    "router",
    "trends_router",
]
