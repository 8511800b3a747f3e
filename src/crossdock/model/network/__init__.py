"""The network as a user hands it over: files, columns, rules, defaults."""

from crossdock.model.network.network import Network
from crossdock.model.network.spec import (
    NETWORK_FILES,
    REQUIRED_FILES,
    Cell,
    Column,
    FileSpec,
)

__all__ = ["NETWORK_FILES", "REQUIRED_FILES", "Cell", "Column", "FileSpec", "Network"]
