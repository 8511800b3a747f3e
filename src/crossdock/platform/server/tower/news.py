"""News: what events that were committed come to, beside the present before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from crossdock.model.event import PARCEL_STATUSES
from crossdock.operate.present import Present
from crossdock.platform.server.tower.keeping import actions
from crossdock.platform.server.tower.messages import Told, event_messages
from crossdock.platform.store.database import AppendedRows, frame_of

_OF_PARCELS_ALONE = {*(kind for kind in PARCEL_STATUSES if kind != "unknown"), "position"}
"""After these it is enough to look at the parcels they name; ``unknown`` is a code without a
mapping, which is looked for beside the parcels."""


@dataclass(frozen=True)
class News:
    """What new events come to.

    Attributes
    ----------
    present
        After them.
    events
        How many there were.
    named
        The parcels that they name.
    acted
        Those of what people did.
    of_more
        Whether it takes more than a look at the named parcels to find what is wrong now.
    messages
        What subscribers are told of them.
    """

    present: Present
    events: int
    named: pl.Series
    acted: pl.DataFrame
    of_more: bool
    messages: list[Told]


def news_of(present: Present, commits: Sequence[AppendedRows]) -> News:
    """What the events of several commits come to after ``present``."""
    rows = [row for commit in commits for row in commit.rows]
    events = frame_of(rows, [at for commit in commits for at in commit.sequences])
    after, statuses = present.after(events)
    kinds = set(events["kind"].to_list())
    return News(
        present=after,
        events=events.height,
        named=statuses["parcel_id"],
        acted=actions(events),
        of_more=not kinds <= _OF_PARCELS_ALONE,
        messages=event_messages(events, statuses, after),
    )
