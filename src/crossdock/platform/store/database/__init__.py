"""The store's database, SQLite or PostgreSQL: the event log, and what a server keeps beside it.

Imported by its own path, since it brings SQLAlchemy with it: planning does not wait for that.
"""

from crossdock.platform.store.database.instants import microseconds
from crossdock.platform.store.database.log import Appended, AppendedRows, EventLog
from crossdock.platform.store.database.opening import Store, open_database, open_store
from crossdock.platform.store.database.outbox import Message, Outbox
from crossdock.platform.store.database.rows import EventRow, frame_of, rows_of

__all__ = [
    "Appended",
    "AppendedRows",
    "EventLog",
    "EventRow",
    "Message",
    "Outbox",
    "Store",
    "frame_of",
    "microseconds",
    "open_database",
    "open_store",
    "rows_of",
]
