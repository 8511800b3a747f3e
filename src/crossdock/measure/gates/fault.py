"""A gate that is not passed: what, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from crossdock.measure.frames import Tables
from crossdock.model.network import Network

HOURS_REMEDY = "give the load to another driver, a relay or a team, or let it leave later"


@dataclass(frozen=True)
class GateFault:
    """One thing that is not legal or not whole.

    Attributes
    ----------
    gate
        Name of the gate.
    subject
        The parcel, load, route, driver, vehicle or carrier concerned.
    """

    gate: str
    subject: str
    what: str
    remedy: str

    def __str__(self) -> str:
        """One line for a terminal."""
        return f"[{self.gate}] {self.subject}: {self.what}; {self.remedy}"


Gate = Callable[[Tables, Network], list[GateFault]]


def faults(
    gate: str, rows: pl.DataFrame, subject: str, what: pl.Expr | str, remedy: str
) -> list[GateFault]:
    """One fault a row of ``rows``: ``what`` may be text or an expression over its columns."""
    text = pl.lit(what) if isinstance(what, str) else what
    told = rows.select(subject=pl.col(subject).cast(pl.String), what=text).sort("subject", "what")
    return [
        GateFault(gate, who or "(no id)", said or "not known", remedy)
        for who, said in told.iter_rows()
    ]
