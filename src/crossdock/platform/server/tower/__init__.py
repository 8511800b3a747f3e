"""The live tower of each tenant: takes events in, keeps the present, tells who listens."""

from crossdock.platform.server.tower.board_routes import board_router
from crossdock.platform.server.tower.desk import Desk
from crossdock.platform.server.tower.desks import Desks
from crossdock.platform.server.tower.ground import PLACES, Ground
from crossdock.platform.server.tower.note_routes import note_router
from crossdock.platform.server.tower.routes import router
from crossdock.platform.server.tower.shapes import EventItem, Health

__all__ = [
    "PLACES",
    "Desk",
    "Desks",
    "EventItem",
    "Ground",
    "Health",
    "board_router",
    "note_router",
    "router",
]
