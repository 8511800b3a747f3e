"""Decisions as a reader wants them: parsed alternatives, and what the choice saved."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import polars as pl

from crossdock.measure.frames import Tables, table


@dataclass(frozen=True)
class Alternative:
    """An option that was weighed."""

    option: str
    cost_usd: float | None
    service: str
    why_not: str


@dataclass(frozen=True)
class Decision:
    """A choice, its reason and what it beat.

    Attributes
    ----------
    saved_usd
        Cost of the best other option less the chosen one's; None where either is unknown. The
        best is the first: one that is cheaper and too late stands below it.
    """

    subject: str
    question: str
    chosen: str
    reason: str
    alternatives: tuple[Alternative, ...]
    saved_usd: float | None


def decisions_about(tables: Tables, subjects: Sequence[str]) -> list[Decision]:
    """Decisions on ``subjects``, in the order of the table; a lane is written ``LAX-DFW``."""
    rows = table(tables, "decisions").filter(subject_key().is_in(list(subjects)))
    return [read_decision(row) for row in rows.to_dicts()]


def subject_key() -> pl.Expr:
    """Subject of a decision; a lane, which planners write ``LAX->DFW``, as ``LAX-DFW``."""
    return pl.col("subject").str.replace("->", "-", literal=True)


def read_decision(row: dict[str, Any]) -> Decision:
    """A row of ``DECISIONS`` with its alternatives parsed; the chosen one is not among them."""
    options = _alternatives(row["alternatives"])
    chosen = str(row["chosen"])
    own_cost = next((each.cost_usd for each in options if each.option == chosen), None)
    beaten = tuple(each for each in options if each.option != chosen)
    best = next((each.cost_usd for each in beaten if each.cost_usd is not None), None)
    return Decision(
        subject=str(row["subject"]),
        question=str(row["question"]).replace("_", " "),
        chosen=chosen,
        reason=str(row["reason"] or ""),
        alternatives=beaten,
        saved_usd=None if own_cost is None or best is None else best - own_cost,
    )


def _alternatives(text: str | None) -> list[Alternative]:
    try:
        parsed = json.loads(text or "[]")
    except json.JSONDecodeError:
        return []
    if not isinstance(parsed, list):
        return []
    entries = [
        cast("dict[str, Any]", entry)
        for entry in cast("list[Any]", parsed)
        if isinstance(entry, dict)
    ]
    return [
        Alternative(
            option=str(entry.get("option", "")),
            cost_usd=_number(entry.get("cost_usd")),
            service=str(entry.get("service") or ""),
            why_not=str(entry.get("why_not") or ""),
        )
        for entry in entries
    ]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
