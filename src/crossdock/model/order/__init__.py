"""An order as a merchant hands it over: its columns, and the rules that every field must pass."""

from crossdock.model.order.check import VALUE_CHARACTERS, check_orders, shown
from crossdock.model.order.format import (
    ADDRESS_LINE,
    ADDRESS_PARTS,
    CHECKED_ORDERS,
    OPTIONAL_COLUMNS,
    ORDER_COLUMNS,
    RAW_ORDERS,
    order_text,
)
from crossdock.model.order.rules import (
    MAX_DECLARED_VALUE_USD,
    MAX_LENGTH_AND_GIRTH_CM,
    MAX_SIDE_CM,
    MAX_WEIGHT_KG,
)

__all__ = [
    "ADDRESS_LINE",
    "ADDRESS_PARTS",
    "CHECKED_ORDERS",
    "MAX_DECLARED_VALUE_USD",
    "MAX_LENGTH_AND_GIRTH_CM",
    "MAX_SIDE_CM",
    "MAX_WEIGHT_KG",
    "OPTIONAL_COLUMNS",
    "ORDER_COLUMNS",
    "RAW_ORDERS",
    "VALUE_CHARACTERS",
    "check_orders",
    "order_text",
    "shown",
]
