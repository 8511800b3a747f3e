"""Each parcel's status events in event time, and which of them moved it.

Order: event time, then the order of a parcel's life, then source and event id. A parcel follows
its events in that order. What is terminal is left only by what `LEAVES_TERMINAL` names, so that a
late or early scan never undoes a delivery, and of two terminal events the first in event time
stands unless the second may follow it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.model.event import PARCEL_STATUSES, TERMINAL_STATUSES, follows
from crossdock.operate.readings import LIFE

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

LEAVES_TERMINAL: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        # A claim: the parcel is lost in truth, or the consignee sends it back.
        "delivered": frozenset({"returning", "returned", "lost"}),
        # Found again.
        "lost": frozenset({"arrived_facility", "delivered", "returning"}),
        "cancelled": frozenset({"returning", "returned"}),
        "returned": frozenset(),
        "destroyed": frozenset(),
    }
)
"""What moves a parcel on from a terminal status: `TRANSITIONS` without ``damaged``, which marks a
delivered parcel and does not move it, and with a claim that finds a delivered parcel lost."""

STATUS_NAMES = tuple(PARCEL_STATUSES)
_NAMED = pl.Series("status", STATUS_NAMES, dtype=pl.String)
_KEYS = (
    (pl.col("parcel_id").rank("dense") - 1).cast(pl.Int64).alias("parcel"),
    pl.col("at").to_physical(),
    pl.col("life"),
)
_TERMINAL = np.array([name in TERMINAL_STATUSES for name in STATUS_NAMES])
_MAY_FOLLOW = np.array(
    [
        [before == after or follows(before, after) for after in STATUS_NAMES]
        for before in STATUS_NAMES
    ]
)
_MAY_LEAVE = np.array(
    [
        [after in LEAVES_TERMINAL.get(before, frozenset()) for after in STATUS_NAMES]
        for before in STATUS_NAMES
    ]
)


@dataclass(frozen=True)
class Trail:
    """Status events sorted by parcel and event time; every array has one entry an event.

    Attributes
    ----------
    parcel_ids
        Known parcels, sorted.
    parcel
        Index into ``parcel_ids``.
    life
        Index into `STATUS_NAMES`.
    at_us
        Event time, microseconds since 1970.
    moved
        Whether the parcel followed the event.
    misstep
        Whether the step from the event before is one that `TRANSITIONS` does not allow.
    """

    parcel_ids: pl.Series
    parcel: Indices
    life: NDArray[np.int16]
    at_us: Indices
    moved: Mask
    misstep: Mask
    _steps: pl.DataFrame
    _order: Indices

    @property
    def latest_at(self) -> dt.datetime:
        """Event time of the latest event of all."""
        return EPOCH + dt.timedelta(microseconds=int(self.at_us.max()))

    def last(self, where: Mask) -> Indices:
        """For each parcel its last event ``where``; -1 without one."""
        found = np.full(len(self.parcel_ids), -1, dtype=np.int64)
        places = np.flatnonzero(where)
        found[self.parcel[places]] = places
        return found

    def first(self, where: Mask) -> Indices:
        """For each parcel its first event ``where``; -1 without one."""
        found = np.full(len(self.parcel_ids), -1, dtype=np.int64)
        places = np.flatnonzero(where)[::-1]
        found[self.parcel[places]] = places
        return found

    def count(self, where: Mask) -> Indices:
        """For each parcel the number of events ``where``."""
        return np.bincount(self.parcel[where], minlength=len(self.parcel_ids)).astype(np.int64)

    def column(self, name: str, places: Indices) -> pl.Series:
        """Values of a column of the steps at ``places``; null where that is -1."""
        # By [], which is one call; `gather` goes through a query.
        return self._padded[name][self._in_steps[places]]

    @cached_property
    def _padded(self) -> pl.DataFrame:
        """The steps and a last row of nulls, for the places of nothing."""
        return self._steps.vstack(_nothing(tuple(self._steps.schema.items())))

    @cached_property
    def _in_steps(self) -> Indices:
        """Each event's row of the steps; last, and so at -1, the row of nulls."""
        return np.append(self._order, self._steps.height)

    def rows(self, where: Mask, *columns: str) -> pl.DataFrame:
        """Events ``where``: ``parcel_id``, ``status``, ``at`` and the ``columns``."""
        places = np.flatnonzero(where)
        return pl.DataFrame(
            [
                self.column("parcel_id", places),
                self.statuses(places),
                self.column("at", places),
                *(self.column(name, places) for name in columns),
            ]
        )

    def statuses(self, places: Indices) -> pl.Series:
        """The status that each event of ``places`` brings."""
        return _NAMED[self.life[places].astype(np.int64)]

    def are(self, *statuses: str) -> Mask:
        """Whether the event brings one of ``statuses``."""
        wanted = np.zeros(len(STATUS_NAMES), dtype=np.bool_)
        wanted[[LIFE[name] for name in statuses]] = True
        return wanted[self.life]

    def until(self, instant: dt.datetime) -> Trail:
        """The trail as events up to and at ``instant`` tell it."""
        kept = self.at_us <= (instant - EPOCH) // dt.timedelta(microseconds=1)
        numbers, parcel = np.unique(self.parcel[kept], return_inverse=True)
        ids = self.parcel_ids.gather(pl.Series(numbers, dtype=pl.UInt32))
        return _followed(
            ids, parcel, self.life[kept], self.at_us[kept], self._steps, self._order[kept]
        )

    def present(self, column: str) -> Mask:
        """Whether the event has a value in ``column``."""
        values = self._steps[column]
        absent = values.null_count()
        if absent in (0, len(values)):
            return np.full(len(self.parcel), not absent, dtype=np.bool_)
        return values.is_not_null().to_numpy()[self._order]


def trail_of(steps: pl.DataFrame) -> Trail:
    """Trail of all ``steps``."""
    keys = steps.select(_KEYS)
    parcel, at_us, life = (keys[name].to_numpy() for name in ("parcel", "at", "life"))
    order = np.lexsort((life, at_us, parcel))
    parcel, at_us, life = parcel[order].astype(np.int64), at_us[order], life[order]
    _settle_ties(order, parcel, at_us, life, steps)
    _, first = np.unique(parcel, return_index=True)
    return _followed(steps["parcel_id"][order[first]], parcel, life, at_us, steps, order)


def _followed(
    ids: pl.Series,
    parcel: Indices,
    life: NDArray[np.int16],
    at_us: Indices,
    steps: pl.DataFrame,
    order: Indices,
) -> Trail:
    misstep = np.zeros(len(parcel), dtype=np.bool_)
    misstep[1:] = (parcel[1:] == parcel[:-1]) & ~_MAY_FOLLOW[life[:-1], life[1:]]
    return Trail(ids, parcel, life, at_us, _moved(parcel, life), misstep, steps, order)


def _settle_ties(
    order: Indices, parcel: Indices, at_us: Indices, life: NDArray[np.int16], steps: pl.DataFrame
) -> None:
    """Put the steps that are equal in parcel, time and life in the order of source and id."""
    equal = np.zeros(len(order), dtype=np.bool_)
    equal[1:] = (parcel[1:] == parcel[:-1]) & (at_us[1:] == at_us[:-1]) & (life[1:] == life[:-1])
    if not equal.any():
        return
    tied = equal.copy()
    tied[:-1] |= equal[1:]
    ties = steps.select("source", "source_event_id")[order[tied]].with_columns(
        group=(~equal).cumsum()[tied]
    )
    within = ties.select(pl.arg_sort_by("group", "source", "source_event_id")).to_series()
    order[tied] = order[tied][within.to_numpy()]


def _moved(parcel: Indices, life: NDArray[np.int16]) -> Mask:
    """Which events a parcel follows; only what comes after a terminal event is looked at."""
    moved = np.ones(len(parcel), dtype=np.bool_)
    ends = np.flatnonzero(_TERMINAL[life])
    _, first = np.unique(parcel[ends], return_index=True)
    starts = ends[first]
    stops = np.searchsorted(parcel, parcel[starts], side="right")
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        status = life[start]
        for place in range(start + 1, stop):
            if _TERMINAL[status] and not _MAY_LEAVE[status, life[place]]:
                moved[place] = False
            else:
                status = life[place]
    return moved


@cache
def _nothing(columns: tuple[tuple[str, pl.DataType], ...]) -> pl.DataFrame:
    """One row of nulls."""
    return pl.DataFrame(schema=dict(columns)).clear(1)
