"""The map's projection: Albers equal-area conic over the lower 48 states.

The same as d3's ``geoAlbersUsa`` at scale 1300 (parallels 29.5 and 45.5, centre 38.7 N 96.6 W),
in which us-atlas draws its 975 x 610 outline: facilities and states share one plane.
"""

from __future__ import annotations

import math

MAP_WIDTH, MAP_HEIGHT = 975, 610

_SCALE = 1300.0
_MERIDIAN = math.radians(-96.0)
_PARALLELS = (math.radians(29.5), math.radians(45.5))
_CENTRE = (math.radians(-0.6), math.radians(38.7))
_CONE = (math.sin(_PARALLELS[0]) + math.sin(_PARALLELS[1])) / 2
_C = 1 + math.sin(_PARALLELS[0]) * (2 * _CONE - math.sin(_PARALLELS[0]))


def albers(latitude: float, longitude: float) -> tuple[float, float]:
    """Map units of a place, rounded to a tenth (Snyder, Map Projections, 1987, chapter 14)."""
    x, y = _raw(math.radians(longitude) - _MERIDIAN, math.radians(latitude))
    x0, y0 = _raw(*_CENTRE)
    return (
        round(MAP_WIDTH / 2 + _SCALE * (x - x0), 1),
        round(MAP_HEIGHT / 2 - _SCALE * (y - y0), 1),
    )


def on_map(x: float, y: float) -> bool:
    """Whether a point is on the drawn part of the map."""
    return 0 <= x <= MAP_WIDTH and 0 <= y <= MAP_HEIGHT


def _raw(longitude: float, latitude: float) -> tuple[float, float]:
    radius = math.sqrt(_C - 2 * _CONE * math.sin(latitude)) / _CONE
    pole = math.sqrt(_C) / _CONE
    return radius * math.sin(_CONE * longitude), pole - radius * math.cos(_CONE * longitude)
