"""Addresses: parsed, brought to USPS form, checked against their ZIP, placed on the map."""

from crossdock.locate.address.locate import locate_orders
from crossdock.locate.address.parse import ParsedAddress, parse_address, parse_columns

__all__ = ["ParsedAddress", "locate_orders", "parse_address", "parse_columns"]
