"""An explanation as data and as a page of text, and how its figures are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from crossdock.measure.decisions import Alternative, Decision


@dataclass(frozen=True)
class Section:
    """A titled list of plain sentences."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """Why the plan has this subject as it has it.

    Attributes
    ----------
    kind
        parcel, load, route, lane or facility.
    facts
        The same as data, JSON-able but for instants.
    """

    kind: str
    subject: str
    headline: str
    sections: tuple[Section, ...]
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def text(self) -> str:
        """The explanation for a terminal."""
        blocks = [f"{self.kind.capitalize()} {self.subject}: {self.headline}"]
        for section in self.sections:
            if section.lines:
                blocks.append("\n".join([section.title, *(f"  {line}" for line in section.lines)]))
        return "\n\n".join(blocks) + "\n"

    def as_dict(self) -> dict[str, Any]:
        """Plain data: kind, subject, headline, sections and facts."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "headline": self.headline,
            "sections": {section.title: list(section.lines) for section in self.sections},
            "facts": dict(self.facts),
        }


@dataclass(frozen=True)
class Clockface:
    """Writes instants in the time of a place, with its zone."""

    zones: Mapping[str, str]

    def at(self, instant: dt.datetime | None, facility_id: str | None) -> str:
        """``Tue 1 Dec 05:00 PST``; UTC where the facility's zone is not known."""
        if instant is None:
            return "no time"
        local = instant.astimezone(ZoneInfo(self.zones.get(facility_id or "", "UTC")))
        return f"{local:%a} {local.day} {local:%b %H:%M %Z}"


def decision_lines(decisions: Iterable[Decision]) -> tuple[str, ...]:
    """Each decision: what was chosen, why, and what each other option would have meant."""
    lines: list[str] = []
    for decision in decisions:
        saved = decision.saved_usd
        gain = "" if saved is None else f", {money(abs(saved))} {_than_next(saved)} the next option"
        asked = decision.question if decision.question.endswith("?") else f"{decision.question}:"
        lines.append(f"{asked} {decision.chosen}{gain}")
        if decision.reason:
            lines.append(f"  {decision.reason}")
        lines += [f"  - {_alternative(each)}" for each in decision.alternatives]
    return tuple(lines)


def decision_facts(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """Decisions as plain data."""
    return [
        {
            "subject": each.subject,
            "question": each.question,
            "chosen": each.chosen,
            "reason": each.reason,
            "saved_usd": each.saved_usd,
            "alternatives": [
                {"option": other.option, "cost_usd": other.cost_usd, "why_not": other.why_not}
                for other in each.alternatives
            ],
        }
        for each in decisions
    ]


def money(amount: float | None) -> str:
    """``$1,234.50``; a dash where it is not known."""
    if amount is None:
        return "-"
    return f"-${-amount:,.2f}" if amount < 0 else f"${amount:,.2f}"


def hours(duration: dt.timedelta) -> str:
    """``7 h 05 min``."""
    minutes = round(duration.total_seconds() / 60)
    sign, minutes = ("-" if minutes < 0 else ""), abs(minutes)
    return f"{sign}{minutes // 60} h {minutes % 60:02d} min"


def plural(count: int, noun: str) -> str:
    """``1 parcel``, ``2 parcels``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def shortened(values: Sequence[str], shown: int = 10) -> str:
    """The first ``shown`` values and how many more there are."""
    more = f" and {len(values) - shown:,} more" if len(values) > shown else ""
    return ", ".join(values[:shown]) + more


def _than_next(saved: float) -> str:
    return "less than" if saved >= 0 else "more than"


def _alternative(option: Alternative) -> str:
    parts = [option.option]
    if option.cost_usd is not None:
        parts.append(money(option.cost_usd))
    parts += [part for part in (option.service, option.why_not) if part]
    return "; ".join(parts)
