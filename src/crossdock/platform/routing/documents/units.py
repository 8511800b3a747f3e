"""Limits of the planner as documents name them, with their units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crossdock.plan.routing import Fault, Relaxation, Room

_NAMES: Mapping[str, tuple[str, str]] = {
    "windows.closes": ("windows.closes_at", "s"),
    "shift_ends": ("shift_ends_at", "s"),
    "latest_start": ("latest_start_at", "s"),
    "depots.closes": ("depots.closes_at", "s"),
    "max_duration": ("max_duration_s", "s"),
    "max_distance": ("max_distance_m", "m"),
    "max_stops": ("max_stops", "stops"),
    "max_reloads": ("max_reloads", "reloads"),
    "count": ("count", "vehicles"),
    "prize": ("prize_usd", "usd"),
    "territory": ("territory", ""),
    "hos_rules": ("hos_rules", "s"),
}
_SAID: Mapping[str, str] = {
    "count": "no vehicle {of} is left",
    "windows.closes": "the route would reach {of} {by} after its window closes",
    "shift_ends": "the route of {of} would end {by} after its shift",
    "max_duration": "the route of {of} would last {by} too long",
    "max_distance": "the route of {of} would be {by} too long",
    "max_stops": "the route of {of} would have {by} too many",
    "max_reloads": "the route of {of} would have {by} too many",
    "latest_start": "{of} would start {by} too late",
    "backhauls": "{of} would collect before it has delivered",
    "hos_rules": "the hours and breaks of {of} leave no time for it",
    "pinned": "the route that begins with {of} is settled",
    "relations.same_vehicle": "the route would leave out {of}, which belongs to it",
    "relations.order": "the route would reach {of} out of order",
    "relations.sequence": "{of} would not be straight after the stop before it",
    "skills": "{of} asks for skills that the vehicle has not",
    "allowed_vehicles": "{of} may not be served by that vehicle",
    "excluded_vehicles": "{of} may not be served by that vehicle",
}


@dataclass(frozen=True)
class Units:
    """The units of one document.

    Attributes
    ----------
    scale
        Units of the problem to one of the document, by dimension of capacity.
    """

    scale: Mapping[str, int]

    def limit(self, name: str) -> tuple[str, str]:
        """Name and unit of a limit in documents."""
        if name.startswith("capacity."):
            return name, name.removeprefix("capacity.")
        return _NAMES.get(name, (name, ""))

    def amount(self, name: str, value: float) -> float:
        """A value of a limit in its unit."""
        if name.startswith("capacity."):
            value /= self.scale[name.removeprefix("capacity.")]
        return tidy(value)

    def said(self, fault: Fault) -> str:
        """A broken limit as a sentence."""
        by = self._by(fault.limit, fault.by)
        if fault.limit.startswith("capacity."):
            return f"a vehicle {fault.of} would carry {by} too much"
        template = _SAID.get(fault.limit, "{limit} of {of} would be broken")
        return template.format(limit=self.limit(fault.limit)[0], of=fault.of, by=by)

    def relaxation(self, told: Relaxation) -> dict[str, object]:
        """The least change of a limit, as documents say it."""
        name, unit = self.limit(told.limit)
        by = self.amount(told.limit, told.by)
        return {"limit": name, "of": told.of, "by": by, "unit": unit, "cost_usd": tidy(told.cost)}

    def room(self, told: Room) -> dict[str, object]:
        """What is left of a limit, as documents say it."""
        name, unit = self.limit(told.limit)
        left = self.amount(told.limit, max(told.room, 0.0))
        return {"limit": name, "of": told.of, "left": left, "unit": unit}

    def _by(self, name: str, value: float) -> str:
        unit = self.limit(name)[1]
        if unit == "s":
            return span(value)
        if unit == "m":
            return f"{value / 1000:,.1f} km" if value >= 1000 else f"{value:,.0f} m"
        return f"{self.amount(name, value):,g} {unit}".strip()


def span(seconds: float) -> str:
    """A duration for people."""
    whole = max(round(seconds), 1) if seconds > 0 else 0
    if whole < 60:
        return f"{whole} s"
    minutes = -(-whole // 60)
    hours, minutes = divmod(minutes, 60)
    return " ".join(
        [*([f"{hours:,} h"] if hours else []), *([f"{minutes} min"] if minutes else [])]
    )


def tidy(value: float) -> float:
    """Without the dust of sums."""
    return round(value, 6)
