"""Orders of a made-up day: seeded, in the format of an orders file."""

from crossdock.simulate.orders.generate import GeneratedOrders, generate_orders

__all__ = ["GeneratedOrders", "generate_orders"]
