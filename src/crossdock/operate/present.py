"""The present: parcels and exceptions kept up to date batch by batch, for a tower that watches.

What it holds is what a fold of the whole log gives. Only the cost differs: a batch costs its own
size. What time alone brings (silence, a promise that passes) is found by looking at everything
now and then, and `Present.with_found` takes that up.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import polars as pl

from crossdock.model.tables import Schema, empty
from crossdock.operate.exceptions import (
    OPERATED_EXCEPTIONS,
    Rules,
    exception_history,
    parcel_exception_history,
)
from crossdock.operate.folded import Folded
from crossdock.operate.layers import Layers, newest
from crossdock.operate.tracking import PARCEL_STATUS, PlanView, parcel_statuses

_REVISION = "revision"
_STATUSES: Schema = {**PARCEL_STATUS, _REVISION: pl.Int64}
_EXCEPTIONS: Schema = {**OPERATED_EXCEPTIONS, "withdrawn": pl.Boolean, _REVISION: pl.Int64}
_WITHDRAWN = pl.col("withdrawn")
_NO_CHANGES = empty({**OPERATED_EXCEPTIONS, "change": pl.String})


def _no_statuses() -> Layers:
    return Layers(_STATUSES, newest("parcel_id", _REVISION))


def _no_exceptions() -> Layers:
    return Layers(_EXCEPTIONS, newest("exception_id", _REVISION))


@dataclass(frozen=True)
class Present:
    """What is known now of one tenant's network.

    Attributes
    ----------
    folded
        The states that everything follows from.
    statuses
        Rows of `PARCEL_STATUS`, each with the ``revision`` in which it changed last.
    exceptions
        Rows of `OPERATED_EXCEPTIONS` with ``revision``; ``withdrawn`` where what was heard later
        shows that there was none.
    revision
        Grows with every change.
    """

    folded: Folded = field(default_factory=Folded)
    statuses: Layers = field(default_factory=_no_statuses)
    exceptions: Layers = field(default_factory=_no_exceptions)
    revision: int = 0

    @classmethod
    def of(cls, folded: Folded) -> Present:
        """The present of states that were folded before, without a look for exceptions."""
        rows = parcel_statuses(folded.tracking).with_columns(pl.lit(0, pl.Int64).alias(_REVISION))
        return cls(folded=folded, statuses=_no_statuses().with_rows(rows))

    def with_exceptions_of(self, other: Present) -> Present:
        """The same with the exceptions that another present has come to meanwhile."""
        revision = max(self.revision, other.revision)
        return replace(self, exceptions=other.exceptions, revision=revision)

    @property
    def parcels(self) -> pl.DataFrame:
        """The newest status of every parcel, in no particular order."""
        return self.statuses.whole

    @property
    def standing_exceptions(self) -> pl.DataFrame:
        """Every exception that was not withdrawn, open and closed."""
        return self.exceptions.whole.filter(~_WITHDRAWN)

    def after(self, events: pl.DataFrame) -> tuple[Present, pl.DataFrame]:
        """The present after ``events`` (columns `EVENTS`), and the parcels that they name.

        Returns
        -------
        tuple[Present, polars.DataFrame]
            The frame has `PARCEL_STATUS` of each parcel of the events.
        """
        folded = self.folded.after(events)
        named = events["parcel_id"].unique()
        statuses = parcel_statuses(folded.tracking.of_parcels(named))
        revision = self.revision + 1
        rows = statuses.with_columns(pl.lit(revision, pl.Int64).alias(_REVISION))
        return (
            replace(self, folded=folded, statuses=self.statuses.with_rows(rows), revision=revision),
            statuses,
        )

    def look_at(
        self,
        parcel_ids: pl.Series,
        plan: PlanView,
        at: dt.datetime,
        *,
        rules: Rules | None = None,
    ) -> pl.DataFrame:
        """Exceptions of these parcels at ``at``; see `with_found`."""
        some = self.folded.of_parcels(parcel_ids)
        return parcel_exception_history(
            some.exceptions, some.tracking, plan.of_parcels(parcel_ids), at, rules=rules
        )

    def look_around(
        self, plan: PlanView, at: dt.datetime, *, rules: Rules | None = None
    ) -> pl.DataFrame:
        """Every exception at ``at``; see `with_found`."""
        return exception_history(
            self.folded.exceptions, self.folded.tracking, plan, at, rules=rules
        )

    def with_found(
        self,
        found: pl.DataFrame,
        *,
        among: pl.Series | None = None,
        besides: pl.Series | None = None,
    ) -> tuple[Present, pl.DataFrame]:
        """The present with exceptions that were found, and what that changes.

        Parameters
        ----------
        found
            Rows of `OPERATED_EXCEPTIONS`.
        among
            The parcels that were looked at; None: everything was.
        besides
            Parcels of which more was heard since the look: theirs are left as they are.

        Returns
        -------
        tuple[Present, polars.DataFrame]
            Changed rows with ``change``: opened, changed, closed, withdrawn.
        """
        own = pl.col("subject").eq_missing(pl.col("parcel_id"))
        if among is None:
            known = self.standing_exceptions
        else:
            known = self.exceptions.of("parcel_id", among).whole.filter(~_WITHDRAWN & own)
            if found.is_empty() and known.is_empty():
                return self, _NO_CHANGES
        if besides is not None and len(besides):
            newer = (own & pl.col("parcel_id").is_in(besides.implode())).fill_null(value=False)
            known, found = known.filter(~newer), found.filter(~newer)
        changes = _changes(known, found)
        if changes.is_empty():
            return self, changes
        revision = self.revision + 1
        rows = changes.with_columns(
            pl.lit(revision, pl.Int64).alias(_REVISION), withdrawn=pl.col("change") == "withdrawn"
        )
        return (
            replace(self, exceptions=self.exceptions.with_rows(rows), revision=revision),
            changes,
        )


def _changes(known: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Rows of ``found`` that are new or differ, and rows of ``known`` that were not found."""
    key = "exception_id"
    same = found.join(
        known.select(list(OPERATED_EXCEPTIONS)),
        on=list(OPERATED_EXCEPTIONS),
        how="semi",
        nulls_equal=True,
    )
    differing = found.join(same.select(key), on=key, how="anti")
    before = known.select(key, was_closed=pl.col("closed_at").is_not_null())
    changed = differing.join(before, on=key, how="left", maintain_order="left").select(
        *OPERATED_EXCEPTIONS,
        change=pl.when(pl.col("closed_at").is_not_null())
        .then(pl.lit("closed"))
        .when(pl.col("was_closed").is_null() | pl.col("was_closed"))
        .then(pl.lit("opened"))
        .otherwise(pl.lit("changed")),
    )
    gone = known.join(found.select(key), on=key, how="anti").select(
        *OPERATED_EXCEPTIONS, change=pl.lit("withdrawn")
    )
    return pl.concat([changed, gone])
