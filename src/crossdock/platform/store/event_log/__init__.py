"""The event log: what happened, kept for good, in SQLite or PostgreSQL.

Imported by its own path, since it brings SQLAlchemy with it: planning does not wait for that.
"""

from crossdock.platform.store.event_log.log import Appended, EventLog
from crossdock.platform.store.event_log.opening import open_store

__all__ = ["Appended", "EventLog", "open_store"]
