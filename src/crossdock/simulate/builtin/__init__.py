"""The built-in network: up to 45 US metros, in the format that a user's own network has."""

from crossdock.simulate.builtin.metros import LARGEST_METROS, metro_table
from crossdock.simulate.builtin.network import builtin_network

__all__ = ["LARGEST_METROS", "builtin_network", "metro_table"]
