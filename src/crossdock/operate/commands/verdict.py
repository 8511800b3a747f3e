"""The answer to "what if": who comes late, what it costs, whether it may be done, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.model.prices import LATE_USD_PARCEL_DAY
from crossdock.operate.commands.outlook import Change


@dataclass(frozen=True)
class Preview:
    """What a command would do.

    Attributes
    ----------
    late_parcels, late_parcels_before
        Parcels expected after their promise, with and without the command, among ``parcels``.
    parcels
        Parcels that the command touches.
    saved_parcels, lost_parcels
        Late without it and in time with it; the other way round.
    riders, riders_before
        Of a command on a load: planned parcels that make it, with and without the command.
    cost_usd
        Money of the command itself; below 0: it saves.
    late_cost_usd
        Change of late parcel-days, priced as the planner prices them.
    legal
        Whether it can be done: by the law, and at all.
    reasons
        Sentences for a dispatcher; where it is not legal the first ones say why.
    codes
        Of what it is refused for, where that has a code: the limit of a tour that it breaks, and
        the like (`plan.lastmile.ParcelMove`).
    load
        The load that it is about as it is now (`LOADS_NOW`), where there is one.
    told
        What the event of the command tells beside its arguments.
    """

    late_parcels: int
    late_parcels_before: int
    parcels: int
    saved_parcels: int
    lost_parcels: int
    riders: int | None
    riders_before: int | None
    cost_usd: float
    late_cost_usd: float
    legal: bool
    reasons: tuple[str, ...]
    codes: tuple[str, ...] = ()
    load: Mapping[str, Any] | None = None
    told: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass
class Findings:
    """What is found about a command, piece by piece."""

    barred: list[str] = field(default_factory=list[str])
    codes: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])
    cost_usd: float = 0.0
    changes: Sequence[Change] = ()
    load_id: str | None = None
    load: Mapping[str, Any] | None = None
    told: dict[str, Any] = field(default_factory=dict[str, Any])

    def bar(self, reason: str, code: str = "") -> None:
        """The command cannot be done, or may not."""
        self.barred.append(reason)
        if code:
            self.codes.append(code)

    def note(self, reason: str) -> None:
        """A fact to be known before it is done."""
        self.notes.append(reason)

    def preview(self) -> Preview:
        """All of it as one answer."""
        late = [(each.late_before, each.late_after) for each in self.changes]
        change_days = sum(after - before for before, after in late)
        return Preview(
            late_parcels=sum(after > 0 for _, after in late),
            late_parcels_before=sum(before > 0 for before, _ in late),
            parcels=len(late),
            saved_parcels=sum(before > 0 and not after for before, after in late),
            lost_parcels=sum(after > 0 and not before for before, after in late),
            riders=self._riders(after=True),
            riders_before=self._riders(after=False),
            cost_usd=round(self.cost_usd, 2),
            late_cost_usd=round(change_days * LATE_USD_PARCEL_DAY, 2),
            legal=not self.barred,
            reasons=(*self.barred, *self.notes),
            codes=tuple(self.codes),
            load=self.load,
            told=self.told,
        )

    def _riders(self, *, after: bool) -> int | None:
        load_id = self.load_id
        if load_id is None:
            return None
        return sum(
            load_id in (each.after if after else each.before).boards
            or (each.journey.custody == "load" and each.journey.holder == load_id)
            for each in self.changes
        )


def counted(number: int, one: str, many: str = "") -> str:
    """``1 parcel``, ``2 parcels``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def span(seconds: float) -> str:
    """A length of time as people say it: ``12 min``, ``2.5 h``."""
    minutes = round(abs(seconds) / 60)
    return f"{minutes} min" if minutes < 120 else f"{abs(seconds) / 3600:.1f} h"
