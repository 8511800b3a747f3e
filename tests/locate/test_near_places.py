"""Places near a position, in the words of a driver's log."""

from __future__ import annotations

import pytest

from crossdock.locate.near_places import near_place


@pytest.mark.parametrize(
    ("latitude", "longitude", "place"),
    [
        (40.69, -89.59, "IL Peoria"),
        (34.05, -118.25, "CA Los Angeles"),
        (41.60, -87.95, "1mi ESE IL Homer Glen"),
    ],
)
def test_a_position_has_a_place(latitude: float, longitude: float, place: str):
    assert place in near_place(latitude, longitude)


def test_the_direction_is_that_from_the_place():
    """Due east of the coast of Oregon there is land; west of it the place lies to the east."""
    assert near_place(44.6, -124.6).split()[1] in {"W", "WNW", "WSW"}


@pytest.mark.parametrize(("latitude", "longitude"), [(30.0, -50.0), (91.0, 0.0), (0.0, 999.0)])
def test_nowhere_has_none(latitude: float, longitude: float):
    assert near_place(latitude, longitude) == ""
