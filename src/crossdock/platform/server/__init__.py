"""The live tower over HTTP. `serving` is the whole of it; roles and settings are light.

Rooms: ``tower`` (events in, the present, the stream), ``orders``, ``plans``, ``jobs``,
``security``, ``serving``.
"""

from crossdock.platform.server.principal import ROLES
from crossdock.platform.server.settings import ServerSettings

__all__ = ["ROLES", "ServerSettings"]
