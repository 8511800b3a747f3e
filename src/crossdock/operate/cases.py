"""What people did with an exception: who owns it, what it waits for, what was noted.

Each action is an event ``case_<what>`` with the exception's id and a version that grows by one, so
that two people who act on the same version cannot both be right: the log takes one of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import polars as pl

from crossdock.operate.readings import payload_of

ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "own": "case_owned",
        "acknowledge": "case_acknowledged",
        "snooze": "case_snoozed",
        "escalate": "case_escalated",
        "note": "case_noted",
        "resolve": "case_resolved",
        "reopen": "case_reopened",
        "undo": "case_undone",
    }
)
"""What can be done, and the event that tells of it. ``undo`` takes the last action back."""

DESK = "desk"
"""The source of what people do here; nobody else may use it."""


def from_desk() -> pl.Expr:
    """Whether an event tells of what people did here, or of what was done for them at once."""
    return (pl.col("source") == DESK) | pl.col("source").str.starts_with(f"{DESK}:")


STATES = ("open", "acknowledged", "snoozed", "resolved", "closed")
"""``resolved``: by a person; ``closed``: what was wrong is over."""


@dataclass(frozen=True)
class Act:
    """One action."""

    version: int
    kind: str
    by: str
    at: dt.datetime
    text: str
    until: dt.datetime | None
    owner: str


@dataclass(frozen=True)
class Case:
    """An exception as people left it.

    Attributes
    ----------
    version
        Of the last action; 0 before the first.
    acts
        What holds, in order; what was undone is not among them.
    """

    version: int = 0
    acts: tuple[Act, ...] = ()

    @property
    def owner(self) -> str | None:
        """Who answers for it."""
        return next((act.owner or act.by for act in self._back("case_owned")), None)

    @property
    def escalated(self) -> bool:
        """Whether somebody above was asked."""
        return any(True for _ in self._back("case_escalated"))

    def state(self, at: dt.datetime, *, over: bool) -> str:
        """One of `STATES` at an instant; ``over``: what was wrong is no more."""
        if over:
            return "closed"
        for act in reversed(self.acts):
            match act.kind:
                case "case_resolved":
                    return "resolved"
                case "case_reopened":
                    return "open"
                case "case_snoozed" if act.until is not None and act.until > at:
                    return "snoozed"
                case "case_acknowledged" | "case_owned" | "case_snoozed":
                    return "acknowledged"
                case _:
                    continue
        return "open"

    def _back(self, kind: str) -> list[Act]:
        return [act for act in reversed(self.acts) if act.kind == kind]

    def after(self, act: Act) -> Case:
        """The case after one more action; one of a version that was there changes nothing."""
        if act.version <= self.version:
            return self
        acts = self.acts[:-1] if act.kind == "case_undone" else (*self.acts, act)
        return Case(act.version, acts)


@dataclass(frozen=True)
class Cases:
    """The cases of one tenant by exception; a fold of ``case_*`` events in the order of versions.

    Attributes
    ----------
    early
        Actions that came before an earlier one of their case.
    """

    by_id: Mapping[str, Case] = field(default_factory=dict[str, Case])
    early: tuple[tuple[str, Act], ...] = ()

    def of(self, exception_id: str) -> Case:
        """The case of an exception; untouched where nobody acted."""
        return self.by_id.get(exception_id, Case())

    def after(self, events: pl.DataFrame) -> Cases:
        """The cases after ``events`` (columns `EVENTS`), in any order, any batch."""
        told = events.filter(
            (pl.col("source") == DESK) & pl.col("kind").is_in(list(ACTIONS.values()))
        )
        if told.is_empty():
            return self
        waiting = [*self.early, *filter(None, map(_act, told.to_dicts()))]
        waiting.sort(key=_in_order)
        cases, early = dict(self.by_id), list[tuple[str, Act]]()
        for case_id, act in waiting:
            case = cases.get(case_id, Case())
            if act.version > case.version + 1:
                early.append((case_id, act))
            else:
                cases[case_id] = case.after(act)
        return replace(self, by_id=cases, early=tuple(early))


def _in_order(acted: tuple[str, Act]) -> tuple[str, int]:
    case_id, act = acted
    return case_id, act.version


def _act(row: Mapping[str, Any]) -> tuple[str, Act] | None:
    """The action that an event tells of; None where it does not say of what case and version."""
    told = payload_of(row["payload"])
    if not isinstance(told.get("case_id"), str) or not isinstance(told.get("version"), int):
        return None
    until = told.get("until")
    return told["case_id"], Act(
        version=told["version"],
        kind=row["kind"],
        by=str(told.get("by", "")),
        at=row["occurred_at"],
        text=str(told.get("text", "")),
        until=dt.datetime.fromisoformat(until) if isinstance(until, str) else None,
        owner=str(told.get("owner", "")),
    )
