"""Values of OpenStreetMap tags in one unit: speeds, measures, weights."""

from __future__ import annotations

import re

from crossdock.model.units import KG_PER_POUND, METERS_PER_MILE

_KMH_PER_MPH = METERS_PER_MILE / 1000
_METRES_PER_FOOT = 0.3048
_TONNES_PER_SHORT_TON = 2000 * KG_PER_POUND / 1000
_NUMBER = r"([0-9]+(?:[.,][0-9]+)?)"
_SPEED = re.compile(rf"{_NUMBER}\s*(km/h|kmh|kph|mph|knots)?$")
_FEET = re.compile(rf"{_NUMBER}\s*(?:'|ft|feet)(?:\s*{_NUMBER}\s*(?:\"|''|in|inches)?)?$")
_METRES = re.compile(rf"{_NUMBER}\s*(?:m|metres|meters)?$")
_WEIGHT = re.compile(rf"{_NUMBER}\s*(t|tonnes?|kg|lbs?|st|tons?|short tons?|cwt)?$")
_TONNES = {
    "t": 1.0, "kg": 0.001, "lb": KG_PER_POUND / 1000, "cwt": 0.05 * _TONNES_PER_SHORT_TON,
    "st": _TONNES_PER_SHORT_TON,
}  # fmt: skip
WALK_KMH = 7.0
SLOWEST_KMH, FASTEST_KMH = 5.0, 150.0


def speed_kmh(value: str) -> float | None:
    """Kilometers an hour of a ``maxspeed``; None where it names no number that can be."""
    said = value.partition(";")[0].strip().lower()
    if said == "walk":
        return WALK_KMH
    found = _SPEED.match(said)
    if found is None:
        return None
    unit = {"mph": _KMH_PER_MPH, "knots": 1.852}.get(found[2] or "", 1.0)
    kmh = _number(found[1]) * unit
    return kmh if SLOWEST_KMH <= kmh <= FASTEST_KMH else None


def metres(value: str) -> float | None:
    """Metres of a ``maxheight`` and the like: ``3.8``, ``12'6"``, ``12 ft``; else None."""
    said = value.partition(";")[0].strip().lower()
    feet = _FEET.match(said)
    if feet is not None:
        return (_number(feet[1]) + _number(feet[2] or "0") / 12) * _METRES_PER_FOOT
    found = _METRES.match(said)
    return _number(found[1]) if found is not None else None


def tonnes(value: str) -> float | None:
    """Tonnes of a ``maxweight``: ``3.5``, ``7000 lbs``, ``5 st`` (short tons); else None."""
    found = _WEIGHT.match(value.partition(";")[0].strip().lower())
    if found is None:
        return None
    unit = found[2] or "t"
    if unit.startswith(("ton", "short")) and not unit.startswith("tonne"):
        unit = "st"
    return (
        _number(found[1])
        * _TONNES["t" if unit.startswith("tonne") else "lb" if unit == "lbs" else unit]
    )


def _number(text: str) -> float:
    return float(text.replace(",", "."))
