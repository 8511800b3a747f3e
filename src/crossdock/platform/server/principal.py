"""Who asks: a tenant's key or user, and what their role may do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

READ, INGEST, DISPATCH, PLAN, ADMINISTER = "read", "ingest", "dispatch", "plan", "administer"

ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "viewer": frozenset({READ}),
        "ingest": frozenset({INGEST}),
        "dispatcher": frozenset({READ, INGEST, DISPATCH}),
        "planner": frozenset({READ, INGEST, DISPATCH, PLAN}),
        "admin": frozenset({READ, INGEST, DISPATCH, PLAN, ADMINISTER}),
    }
)
"""What each role may do. ``ingest`` is for machines that only bring orders and events."""


@dataclass(frozen=True)
class Principal:
    """Who asks.

    Attributes
    ----------
    actor
        ``key:<id>`` or ``user:<id>``: what the audit log, the event log and limits name.
    name
        For people.
    csrf
        What a request of a browser session must repeat to change anything; empty with a key.
    """

    tenant: str
    actor: str
    name: str
    role: str
    csrf: str = ""

    def may(self, what: str) -> bool:
        """Whether the role allows ``what``."""
        return what in ROLES.get(self.role, frozenset())


Require = Callable[[str], Callable[..., Awaitable[Principal]]]
"""Makes a dependency of a route: who asks, if they may do what is named."""
