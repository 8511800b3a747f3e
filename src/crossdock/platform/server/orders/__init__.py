"""Orders come in: read, checked one by one, stored once each."""

from crossdock.platform.server.orders.intake import OrderIntake, OrderVerdicts, orders_of
from crossdock.platform.server.orders.routes import orders_router

__all__ = ["OrderIntake", "OrderVerdicts", "orders_of", "orders_router"]
