"""The day's answer as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from crossdock.plan.day.ground import Ground


@dataclass(frozen=True)
class DayPlan:
    """A draft plan.

    Attributes
    ----------
    tables
        Run tables by name, schemas of `crossdock.model.tables.RUN_TABLES`.
    facts
        What the manifest says of the plan: assumptions, bound and gap, counts.
    ground
        What it stands on; `replan_day` plans the same orders on it under another policy.
    """

    tables: Mapping[str, pl.DataFrame]
    facts: Mapping[str, Any]
    ground: Ground
