"""Exceptions as the API shows them: what is wrong, and what people did about it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from crossdock.operate.cases import ACTIONS, Cases
from crossdock.operate.present import Present

_ORDER = ("severity", "money_at_risk_usd", "opened_at", "exception_id")
_DONE = {kind: action for action, kind in ACTIONS.items()}


def exception_rows(
    present: Present,
    cases: Cases,
    at: dt.datetime,
    *,
    state: str | None = None,
    kind: str | None = None,
    owner: str | None = None,
    parcel_id: str | None = None,
    start: int = 0,
    count: int,
) -> list[dict[str, Any]]:
    """Up to ``count`` exceptions from the place ``start`` on.

    Those that are not over come first, the worst first, with most at risk; then the others.
    """
    rows = present.standing_exceptions
    if kind is not None:
        rows = rows.filter(pl.col("kind") == kind)
    if parcel_id is not None:
        rows = rows.filter(pl.col("parcel_id") == parcel_id)
    if owner is not None:
        rows = rows.filter(_is_one_of(i for i, case in cases.by_id.items() if case.owner == owner))
    if state is not None:
        rows = rows.filter(_in_state(state, cases, at))
    page = rows.sort(
        pl.col("closed_at").is_not_null(),
        *_ORDER,
        descending=[False, False, True, False, False],
    ).slice(start, count)
    return [_shown(row, cases, at) for row in page.iter_rows(named=True)]


def _in_state(state: str, cases: Cases, at: dt.datetime) -> pl.Expr:
    over = pl.col("closed_at").is_not_null()
    if state == "closed":
        return over
    others = {i: case.state(at, over=False) for i, case in cases.by_id.items()}
    if state == "open":
        return ~over & ~_is_one_of(i for i, each in others.items() if each != "open")
    return ~over & _is_one_of(i for i, each in others.items() if each == state)


def _is_one_of(ids: Iterable[str]) -> pl.Expr:
    return pl.col("exception_id").is_in(pl.Series(list(ids), dtype=pl.String).implode())


def exception_detail(
    present: Present, cases: Cases, at: dt.datetime, exception_id: str
) -> dict[str, Any] | None:
    """One exception with its evidence and acts; None where there is none of this id."""
    rows = present.standing_exceptions.filter(pl.col("exception_id") == exception_id)
    if rows.is_empty():
        return None
    row = rows.row(0, named=True)
    case = cases.of(exception_id)
    return {
        **_shown(row, cases, at),
        "evidence": json.loads(row["evidence"] or "{}"),
        "acts": [
            {
                "version": act.version,
                "action": _DONE[act.kind],
                "by": act.by,
                "at": act.at,
                "text": act.text,
                "until": act.until,
                "owner": act.owner,
            }
            for act in case.acts
        ],
    }


def _shown(row: Mapping[str, Any], cases: Cases, at: dt.datetime) -> dict[str, Any]:
    case = cases.of(row["exception_id"])
    same = ("kind", "severity", "subject", "parcel_id", "load_id", "route_id", "vehicle_id",
            "facility_id", "carrier_id", "opened_at", "closed_at")  # fmt: skip
    return {
        "id": row["exception_id"],
        **{name: row[name] for name in same},
        "state": case.state(at, over=row["closed_at"] is not None),
        "owner": case.owner,
        "responsible": row["owner"],
        "escalated": case.escalated,
        "version": case.version,
        "promises_at_risk": row["promises_at_risk"] or 0,
        "money_at_risk_usd": row["money_at_risk_usd"] or 0.0,
    }
