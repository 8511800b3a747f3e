"""The network as a user hands it over: files, columns, rules, defaults."""

from crossdock.model.network.check import (
    NetworkReading,
    RawTable,
    check_network,
    examine_network,
)
from crossdock.model.network.days import WEEKDAY_LETTERS, normalised_days, runs_on_weekday
from crossdock.model.network.faults import LONGEST_VALUE, Fault, all_faults, fault_table, one_fault
from crossdock.model.network.network import Network
from crossdock.model.network.rules import Geocode
from crossdock.model.network.spec import (
    NETWORK_FILES,
    REQUIRED_FILES,
    Cell,
    Column,
    FileSpec,
)

__all__ = [
    "LONGEST_VALUE",
    "NETWORK_FILES",
    "REQUIRED_FILES",
    "WEEKDAY_LETTERS",
    "Cell",
    "Column",
    "Fault",
    "FileSpec",
    "Geocode",
    "Network",
    "NetworkReading",
    "RawTable",
    "all_faults",
    "check_network",
    "examine_network",
    "fault_table",
    "normalised_days",
    "one_fault",
    "runs_on_weekday",
]
