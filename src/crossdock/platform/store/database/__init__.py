"""The store's database, SQLite or PostgreSQL: the event log, and what a server keeps beside it.

Imported by its own path, since it brings SQLAlchemy with it: planning does not wait for that.
"""

from crossdock.platform.store.database.log import Appended, EventLog
from crossdock.platform.store.database.opening import Store, open_database, open_store
from crossdock.platform.store.database.outbox import Message, Outbox

__all__ = ["Appended", "EventLog", "Message", "Outbox", "Store", "open_database", "open_store"]
