"""Orders that came in over the API, and which released plan carries each."""

from crossdock.platform.store.database.orders.orders import (
    OrdersStore,
    StoredOrder,
    Verdict,
    orders_lock,
)

__all__ = ["OrdersStore", "StoredOrder", "Verdict", "orders_lock"]
