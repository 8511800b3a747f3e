"""A tour as a strip of time: its parts are contiguous, and each is what the plan says it is."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from crossdock.locate.roads import drive_seconds
from crossdock.model.tables import BREAKS, ROUTES, TOURS, conform
from crossdock.plan.lastmile import TOUR_SEGMENTS, tour_segments

NOON = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
LEG_M = 6_000.0
LEG = dt.timedelta(seconds=int(np.ceil(drive_seconds(np.array([LEG_M]))[0])))
SERVICE, REST, WAIT = (dt.timedelta(minutes=each) for each in (3, 10, 25))


def day(
    stops: list[tuple[dt.datetime, int]], returns_at: dt.datetime, pauses: list[dt.datetime]
) -> pl.DataFrame:
    """Segments of one tour of equal legs: arrival and parcels of each stop, starts of rests."""
    tours = pl.DataFrame(
        {
            "route_id": ["R-1"],
            "departs_at": [NOON],
            "returns_at": [returns_at],
            "return_distance_m": [LEG_M],
        }
    )
    routes = pl.DataFrame(
        [
            {
                "route_id": "R-1",
                "sequence": number,
                "parcel_id": f"P-{number}-{parcel}",
                "arrives_at": arrives_at,
                "departs_at": arrives_at + SERVICE,
                "distance_m": 0.0 if parcel else LEG_M,
            }
            for number, (arrives_at, parcels) in enumerate(stops, 1)
            for parcel in range(parcels)
        ]
    )
    breaks = pl.DataFrame(
        [
            {"route_id": "R-1", "kind": "rest", "starts_at": start, "ends_at": start + REST}
            for start in pauses
        ]
    )
    return tour_segments(conform(tours, TOURS), conform(routes, ROUTES), conform(breaks, BREAKS))


def kinds(segments: pl.DataFrame) -> list[tuple[str, int | None]]:
    return list(zip(segments["kind"], segments["sequence"], strict=True))


def test_a_tour_drives_serves_and_comes_home():
    first = NOON + LEG
    second = first + SERVICE + LEG
    told = day([(first, 2), (second, 1)], second + SERVICE + LEG, [])
    assert kinds(told) == [
        ("drive", 1), ("service", 1), ("drive", 2), ("service", 2), ("drive", None),
    ]  # fmt: skip
    assert told.filter(pl.col("kind") == "service")["parcels"].to_list() == [2, 1]
    assert told["starts_at"][0] == NOON
    assert told["starts_at"][1:].to_list() == told["ends_at"][:-1].to_list()
    assert told.schema == pl.Schema(TOUR_SEGMENTS)


def test_what_is_left_before_a_stop_opens_is_waiting():
    arrives_at = NOON + LEG + WAIT
    told = day([(arrives_at, 1)], arrives_at + SERVICE + LEG, [])
    assert kinds(told)[:2] == [("drive", 1), ("wait", 1)]
    assert told["ends_at"][1] - told["starts_at"][1] == WAIT


def test_a_break_comes_before_the_drive_and_is_not_driving():
    first = NOON + LEG
    second = first + SERVICE + REST + LEG
    told = day([(first, 1), (second, 1)], second + SERVICE + LEG, [first + SERVICE])
    assert [kind for kind, _ in kinds(told)] == [
        "drive", "service", "break", "drive", "service", "drive",
    ]  # fmt: skip
    driven = told.filter(pl.col("kind") == "drive")
    assert (driven["ends_at"] - driven["starts_at"]).unique().to_list() == [LEG]


def test_a_break_within_a_drive_parts_it():
    arrives_at = NOON + LEG + REST
    told = day([(arrives_at, 1)], arrives_at + SERVICE + LEG, [NOON + LEG / 2])
    assert kinds(told)[:3] == [("drive", 1), ("break", None), ("drive", 1)]
    assert told["ends_at"][2] == arrives_at


def test_other_routes_and_a_tour_without_times_have_no_segments():
    tours = pl.DataFrame({"route_id": ["R-2"]})
    nothing = tour_segments(
        conform(tours, TOURS), conform(pl.DataFrame(), ROUTES), conform(pl.DataFrame(), BREAKS)
    )
    assert nothing.is_empty()


@pytest.mark.parametrize("returns_at", [NOON + 2 * LEG + SERVICE, NOON + dt.timedelta(hours=4)])
def test_the_way_home_ends_with_the_return(returns_at: dt.datetime):
    told = day([(NOON + LEG, 1)], returns_at, [])
    assert told["ends_at"][-1] == returns_at
    assert kinds(told)[-1] == ("drive", None)
