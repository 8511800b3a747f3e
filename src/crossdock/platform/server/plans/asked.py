"""What a plan is asked for, and what is said of one that is made."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from crossdock.model.seeds import DEFAULT_SEED

BUILT_IN = "builtin"
MOST_REJECTS = 1_000

OrderId = Annotated[str, Field(min_length=1, max_length=64)]


class PlanAsked(BaseModel):
    """Which orders to plan, and how; without anything, every order that no released plan carries.

    ``order_ids`` names them; ``ship_by`` leaves those for another plan that ship later.
    ``start_date`` is the first day on which anything ships, by default that of the earliest order.
    """

    model_config = ConfigDict(extra="forbid")

    order_ids: Annotated[list[OrderId], Field(min_length=1, max_length=1_000_000)] | None = None
    ship_by: dt.date | None = None
    start_date: dt.date | None = None
    seed: Annotated[int, Field(ge=0, lt=2**63)] = DEFAULT_SEED
    policy: Literal["crossdock", "baseline"] = "crossdock"
    network: Annotated[str, Field(min_length=1, max_length=100)] = BUILT_IN


class OverrideAsked(BaseModel):
    """A fault of the gates hours, documents or meal that who releases answers for, and why."""

    model_config = ConfigDict(extra="forbid")

    gate: Annotated[str, Field(min_length=1, max_length=40)]
    subject: Annotated[str, Field(min_length=1, max_length=200)]
    reason: Annotated[str, Field(min_length=4, max_length=500)]


class ReleaseAsked(BaseModel):
    """How to release a plan; without anything, only if every gate is passed."""

    model_config = ConfigDict(extra="forbid")

    overrides: Annotated[list[OverrideAsked], Field(max_length=100)] = []


class RejectedOrder(BaseModel):
    """A field for which an order could not be planned; ``row`` is its place among the orders."""

    row: int
    order_id: str
    field: str
    value: str
    reason: str
    remedy: str


class PlanKpi(BaseModel):
    """A figure of the plan over the whole network; null where there is nothing to divide by."""

    name: str
    value: float | None
    unit: str


class PlanSummary(BaseModel):
    """A plan in figures."""

    asked: PlanAsked
    start_date: str
    counts: dict[str, int]
    kpis: list[PlanKpi]
    linehaul: dict[str, Any]
    baseline: dict[str, Any] | None
    assumptions: list[str]
    rejects: list[RejectedOrder]
    rejects_left_out: int
