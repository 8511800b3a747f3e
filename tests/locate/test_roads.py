"""Distances, speeds and the lane table."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.locate.roads import (
    drive_seconds,
    great_circle_m,
    interstate_miles,
    lane_table,
    nearest_place,
    road_miles,
    street_distance_m,
)
from crossdock.model import Network
from crossdock.model.tables import LANES
from crossdock.model.units import meters, miles

LATITUDES = st.floats(-80, 80)
LONGITUDES = st.floats(-179, 179)
LEGS_M = st.floats(0, 500_000)


def network_of(*lanes: dict[str, Any]) -> Network:
    facilities = pl.DataFrame(
        {
            "facility_id": ["LAX", "PHX", "MERCHANT", "TWIN"],
            "roles": [["origin_station", "hub"], ["destination_station"], ["merchant"], ["usps"]],
            "latitude": [34.0466, 33.4944, 34.0, 33.4944],
            "longitude": [-118.2935, -112.074, -118.0, -112.074],
        }
    )
    tables = {"facilities": facilities}
    if lanes:
        tables["lanes"] = pl.DataFrame(lanes)
    return Network.of(tables)


def lane(lanes: pl.DataFrame, start: str, end: str) -> dict[str, Any]:
    return lanes.filter(
        (pl.col("from_facility_id") == start) & (pl.col("to_facility_id") == end)
    ).row(0, named=True)


def test_los_angeles_to_new_york_is_2448_miles_by_air() -> None:
    assert miles(float(great_circle_m(34.0522, -118.2437, 40.7128, -74.0060))) == pytest.approx(
        2446, abs=3
    )


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_distance_is_symmetric_and_zero_only_at_home(
    lat_1: float, lon_1: float, lat_2: float, lon_2: float
) -> None:
    there = great_circle_m(lat_1, lon_1, lat_2, lon_2)
    assert there == pytest.approx(great_circle_m(lat_2, lon_2, lat_1, lon_1))
    assert great_circle_m(lat_1, lon_1, lat_1, lon_1) == 0
    assert street_distance_m(lat_1, lon_1, lat_2, lon_2) >= there


def test_distances_broadcast_to_a_matrix() -> None:
    latitude, longitude = np.array([34.0, 40.0, 41.0]), np.array([-118.0, -74.0, -87.0])
    matrix = road_miles(latitude[:, None], longitude[:, None], latitude, longitude)
    assert matrix.shape == (3, 3)
    assert np.all(np.diag(matrix) == 0)


@given(LEGS_M, LEGS_M)
def test_a_longer_leg_takes_longer_at_a_higher_speed(leg_1: float, leg_2: float) -> None:
    short, long = sorted([leg_1, leg_2])
    assert drive_seconds(short) <= drive_seconds(long)
    if short > 1:
        assert long / drive_seconds(long) >= short / drive_seconds(short) - 1e-9


@pytest.mark.parametrize(("leg_miles", "mph"), [(0.3, 18), (2, 25), (8, 35), (40, 50), (90, 50)])
def test_speed_follows_the_published_profile(leg_miles: float, mph: float) -> None:
    hours = float(drive_seconds(meters(leg_miles))) / 3600
    assert leg_miles / hours == pytest.approx(mph, rel=0.03)


def test_lanes_join_every_ordered_pair_of_linehaul_facilities() -> None:
    lanes = lane_table(network_of())
    pairs = list(lanes.select("from_facility_id", "to_facility_id").iter_rows())
    ends = ("LAX", "PHX", "TWIN")
    assert pairs == [(start, end) for start in ends for end in ends if start != end]
    assert lanes.schema == pl.Schema(LANES)
    assert set(lanes["source"]) == {"computed"}


def test_a_computed_lane_is_driven_at_50_mph_with_a_slower_p90() -> None:
    computed = lane(lane_table(network_of()), "LAX", "PHX")
    assert computed["miles"] == pytest.approx(427, abs=3)
    assert computed["drive_h_p50"] == pytest.approx(computed["miles"] / 50)
    assert computed["drive_h_p90"] == pytest.approx(computed["drive_h_p50"] * 1.12)


def test_facilities_at_one_place_are_still_some_minutes_apart() -> None:
    assert lane(lane_table(network_of()), "PHX", "TWIN")["drive_h_p50"] > 0


def test_a_row_of_the_file_wins_and_its_empty_cells_follow_from_it() -> None:
    given_lanes = [
        {"from": "LAX", "to": "PHX", "miles": 372.0, "toll_usd": 4.5, "transit_h_p50": None},
        {"from": "PHX", "to": "LAX", "miles": None, "toll_usd": None, "transit_h_p50": 9.0},
    ]
    lanes = lane_table(network_of(*given_lanes))
    by_miles, by_hours = lane(lanes, "LAX", "PHX"), lane(lanes, "PHX", "LAX")
    assert (by_miles["drive_h_p50"], by_miles["toll_usd"]) == (pytest.approx(7.44), 4.5)
    assert by_hours["drive_h_p90"] == pytest.approx(10.08)
    assert by_hours["miles"] == pytest.approx(427, abs=3)
    assert (by_miles["source"], by_hours["source"]) == ("file", "file")


@given(st.lists(st.tuples(LATITUDES, LONGITUDES), min_size=1, max_size=8), LATITUDES, LONGITUDES)
def test_no_place_is_nearer_than_the_nearest(
    places: list[tuple[float, float]], latitude: float, longitude: float
) -> None:
    latitudes, longitudes = (np.array(degrees) for degrees in zip(*places, strict=True))
    [found] = nearest_place([latitude], [longitude], latitudes, longitudes)
    distance_m = great_circle_m(latitude, longitude, latitudes, longitudes)
    assert distance_m[found] <= distance_m.min() + 1.0


CITIES = {
    "Atlanta": (33.749, -84.388), "Boston": (42.360, -71.058), "Chicago": (41.879, -87.636),
    "Dallas": (32.780, -96.800), "Denver": (39.740, -104.985), "Detroit": (42.331, -83.046),
    "El Paso": (31.760, -106.487), "Houston": (29.760, -95.370), "Kansas City": (39.100, -94.578),
    "Las Vegas": (36.170, -115.140), "Los Angeles": (34.052, -118.244),
    "Memphis": (35.150, -90.049), "Miami": (25.774, -80.194), "Minneapolis": (44.978, -93.265),
    "Nashville": (36.163, -86.781), "New Orleans": (29.951, -90.072),
    "New York": (40.713, -74.006), "Philadelphia": (39.953, -75.165),
    "Pittsburgh": (40.440, -79.996), "Portland": (45.515, -122.679),
    "Salt Lake City": (40.761, -111.891), "San Antonio": (29.424, -98.494),
    "San Francisco": (37.775, -122.419), "Seattle": (47.606, -122.332),
    "St Louis": (38.627, -90.199),
}  # fmt: skip
PUBLISHED_MILES = [
    ("New York", "Los Angeles", 2790), ("New York", "Chicago", 790), ("Boston", "New York", 215),
    ("Los Angeles", "San Francisco", 382), ("Chicago", "Denver", 1003),
    ("Dallas", "Houston", 239), ("Atlanta", "Miami", 662), ("Seattle", "Portland", 174),
    ("Denver", "Salt Lake City", 520), ("Chicago", "St Louis", 297),
    ("Atlanta", "Nashville", 249), ("Dallas", "Atlanta", 781), ("Houston", "New Orleans", 348),
    ("Minneapolis", "Chicago", 409), ("Detroit", "Chicago", 283),
    ("Philadelphia", "Pittsburgh", 305), ("Kansas City", "Denver", 605),
    ("Memphis", "Nashville", 212), ("Salt Lake City", "Las Vegas", 421),
    ("El Paso", "San Antonio", 551), ("New York", "Miami", 1281),
]  # fmt: skip
"""From general knowledge, rounded; centre to centre, some by roads that are no Interstates."""


def test_interstate_miles_are_near_the_published_ones() -> None:
    names = sorted(CITIES)
    miles_between = interstate_miles(*np.array([CITIES[name] for name in names]).T)
    assert miles_between == pytest.approx(miles_between.T)
    error, estimated = [], []
    for start, end, published in PUBLISHED_MILES:
        error.append(miles_between[names.index(start), names.index(end)] / published - 1)
        estimated.append(float(road_miles(*CITIES[start], *CITIES[end])) / published - 1)
    assert np.abs(error).mean() < 0.025
    assert np.abs(error).max() < 0.08
    assert np.abs(error).mean() < np.abs(estimated).mean() / 2


def test_interstates_know_no_shorter_way_than_the_great_circle() -> None:
    latitude, longitude = np.array(list(CITIES.values())).T
    straight = great_circle_m(latitude[:, None], longitude[:, None], latitude, longitude)
    by_road = interstate_miles(latitude, longitude)
    assert (by_road >= straight / 1609.344 - 1e-6).all()
    assert (np.diag(by_road) == 0).all()
    assert interstate_miles([], []).shape == (0, 0)


def test_lanes_may_follow_the_interstates() -> None:
    computed = lane(lane_table(network_of(), interstate_miles), "LAX", "PHX")
    assert computed["miles"] == pytest.approx(373, rel=0.03)
    assert computed["drive_h_p50"] == pytest.approx(computed["miles"] / 50)
