"""The machine's own clock."""

from __future__ import annotations

import datetime as dt


class SystemClock:
    """A `crossdock.model.Clock` that tells the machine's time."""

    def now(self) -> dt.datetime:
        """Current instant, timezone-aware UTC."""
        return dt.datetime.now(dt.UTC)
