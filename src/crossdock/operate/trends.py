"""How the figures came to what they are: each at several instants, by what is known now.

A point tells what had happened by its instant as far as anybody knows today, by the time at which
things happened: an event that came late counts when it happened, a parcel whose delivery was taken
back counts no more. That is exact at any instant, costs one pass, and needs nothing that was kept
on the way. What the tower *knew* at an instant is another question: that is a fold of what was
received by then.

Three figures are less than that, since their past is not kept: promises and money at risk of an
exception are as they stand now (or stood at its end), and an action that was undone was never done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.operate.cases import Cases
from crossdock.operate.figures import load_times, with_space
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView

_Figures = NDArray[np.float64]
_MICROSECOND = dt.timedelta(microseconds=1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def trends(
    present: Present, plan: PlanView, cases: Cases, instants: Sequence[dt.datetime]
) -> list[dict[str, Any]]:
    """Figures at each of the ``instants``, which grow: ``name``, ``unit``, ``values``.

    The last of them, at the instant of `figures`, are those figures. ``first_attempt`` and
    ``parcels`` have no trend.
    """
    at = _Instants.of(instants)
    return [*_of_parcels(present, plan, at), *_of_exceptions(present, cases, at),
            *_of_loads(present, plan, at)]  # fmt: skip


def begins_at(present: Present) -> dt.datetime | None:
    """When the first thing happened that is known of a parcel; None before that."""
    first = present.folded.tracking.steps.whole["at"].min()
    return first if isinstance(first, dt.datetime) else None


@dataclass(frozen=True)
class _Instants:
    """Instants, and what was so by each of them."""

    told: Sequence[dt.datetime]
    at_us: NDArray[np.int64]

    @classmethod
    def of(cls, instants: Sequence[dt.datetime]) -> _Instants:
        at_us = [(each - _EPOCH) // _MICROSECOND for each in instants]
        return cls(instants, np.array(at_us, dtype=np.int64))

    def count(self, times: pl.Series) -> _Figures:
        """How many of ``times`` (null: never) had come by each instant."""
        return self.total(times, pl.repeat(1.0, len(times), eager=True))

    def total(self, times: pl.Series, amounts: pl.Series) -> _Figures:
        """The ``amounts`` (null: none) of those of ``times`` that had come by each instant."""
        rows = pl.DataFrame({"at": times.dt.epoch("us"), "amount": amounts.cast(pl.Float64)})
        rows = rows.filter(pl.col("at").is_not_null()).sort("at")
        sums = np.concatenate([[0.0], np.cumsum(rows["amount"].fill_null(0.0).to_numpy())])
        return sums[np.searchsorted(rows["at"].to_numpy(), self.at_us, side="right")]


def _of_parcels(present: Present, plan: PlanView, at: _Instants) -> list[dict[str, Any]]:
    tracking = present.folded.tracking
    told = pl.concat([part.whole.select("parcel_id", "at") for part in
                      (tracking.steps, tracking.mentions)])  # fmt: skip
    promises = plan.parcels.select("parcel_id", "promised_at")
    delivered = pl.col("status") == "delivered"
    parcels = (
        present.parcels.join(promises, on="parcel_id", how="left")
        .with_columns(
            over_at=pl.when("terminal").then("status_at"),
            delivered_at=pl.when(delivered).then("status_at"),
        )
        .with_columns(
            due_at=pl.when(pl.col("promised_at").is_not_null()).then(
                pl.min_horizontal("promised_at", "delivered_at")
            ),
            kept_at=pl.when(pl.col("delivered_at") <= pl.col("promised_at")).then("delivered_at"),
        )
    )
    first = told.group_by("parcel_id").agg(pl.col("at").min())["at"]
    return [
        _shares("on_time", at.count(parcels["kept_at"]), at.count(parcels["due_at"])),
        _amounts("under_way", at.count(first) - at.count(parcels["over_at"])),
        _amounts("delivered", at.count(parcels["delivered_at"])),
    ]


def _of_exceptions(present: Present, cases: Cases, at: _Instants) -> list[dict[str, Any]]:
    standing = present.standing_exceptions
    opened, closed = standing["opened_at"], standing["closed_at"]
    still_open = at.count(opened) - at.count(closed)

    def at_stake(column: str) -> _Figures:
        return at.total(opened, standing[column]) - at.total(closed, standing[column])

    return [
        _amounts("exceptions_open", still_open),
        _amounts("exceptions_untouched", still_open - _touched(standing, cases, at)),
        _amounts("promises_at_risk", at_stake("promises_at_risk"), "parcels"),
        # Sums of cents in another order: what is less than one is nothing.
        _amounts("money_at_risk", at_stake("money_at_risk_usd").round(2), "usd"),
    ]


def _touched(standing: pl.DataFrame, cases: Cases, at: _Instants) -> _Figures:
    """How many open exceptions somebody had taken, acknowledged, snoozed or resolved."""
    touched = np.zeros(len(at.told))
    acted = standing.filter(pl.col("exception_id").is_in(list(cases.by_id)))
    rows = acted.select("exception_id", "opened_at", "closed_at")
    for exception_id, opened_at, closed_at in rows.iter_rows():
        case = cases.of(exception_id)
        for place, instant in enumerate(at.told):
            if opened_at <= instant and (closed_at is None or instant < closed_at):
                then = replace(case, acts=tuple(act for act in case.acts if act.at <= instant))
                touched[place] += then.state(instant, over=False) != "open"
    return touched


def _of_loads(present: Present, plan: PlanView, at: _Instants) -> list[dict[str, Any]]:
    left = load_times(present, "load_departed")
    ended = load_times(present, "load_arrived", "load_cancelled").rename({"at": "ended_at"})
    # One that is told to have come in before it left has been rolling at no time.
    both = pl.max_horizontal("at", "ended_at")
    rolled = left.join(ended, on="load_id", how="left").with_columns(
        ended_at=pl.when(pl.col("ended_at").is_not_null()).then(both)
    )
    space = with_space(plan.loads.join(left, on="load_id", how="inner"))
    rolling = at.count(rolled["at"]) - at.count(rolled["ended_at"])
    return [
        _shares("loads_rolling", rolling, np.full(len(at.told), float(plan.loads.height))),
        _shares(
            "utilisation",
            at.total(space["at"], space["volume_m3"]),
            at.total(space["at"], space["space_m3"]),
        ),
    ]


def _shares(name: str, numerators: _Figures, denominators: _Figures) -> dict[str, Any]:
    pairs = zip(numerators.tolist(), denominators.tolist(), strict=True)
    return {
        "name": name,
        "unit": "share",
        "values": [numerator / each if each else None for numerator, each in pairs],
    }


def _amounts(name: str, values: _Figures, unit: str = "count") -> dict[str, Any]:
    return {"name": name, "unit": unit, "values": values.tolist()}
