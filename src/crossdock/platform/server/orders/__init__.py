"""Orders come in: read, checked one by one, stored once each."""

from crossdock.platform.server.orders.intake import OrderIntake, orders_of
from crossdock.platform.server.orders.routes import orders_router

__all__ = ["OrderIntake", "orders_of", "orders_router"]
