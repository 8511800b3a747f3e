"""All gates, in the order in which a parcel meets them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crossdock.measure.frames import Tables
from crossdock.measure.gates.documents import documents_gate, documents_not_checked
from crossdock.measure.gates.fault import Gate, GateFault
from crossdock.measure.gates.handoffs import appointments_not_checked, handoff_gate
from crossdock.measure.gates.hours import hours_gate, hours_not_checked
from crossdock.measure.gates.linehaul import equipment_gate, load_gate
from crossdock.measure.gates.money import ledger_gate
from crossdock.measure.gates.paths import connection_gate, path_gate
from crossdock.measure.gates.routes import meal_gate, route_gate
from crossdock.model.network import Network

GATES: Mapping[str, Gate] = MappingProxyType(
    {
        "path": path_gate,
        "connection": connection_gate,
        "load": load_gate,
        "equipment": equipment_gate,
        "hours": hours_gate,
        "route": route_gate,
        "meal": meal_gate,
        "documents": documents_gate,
        "handoff": handoff_gate,
        "ledger": ledger_gate,
    }
)
"""Every gate by name."""


def release_gates(tables: Tables, network: Network) -> list[GateFault]:
    """Check a plan again, from its tables and network files alone.

    Parameters
    ----------
    tables
        Run tables.
    network
        The network the plan was made on.

    Returns
    -------
    list[GateFault]
        Everything that is not legal or not whole; empty means the plan can be released.
    """
    return [fault for gate in GATES.values() for fault in gate(tables, network)]


def not_checked(tables: Tables, network: Network) -> list[str]:
    """What the gates could not check for want of data, one sentence each; it does not block."""
    return [
        *hours_not_checked(tables, network),
        *documents_not_checked(tables, network),
        *appointments_not_checked(tables, network),
    ]
