"""The built-in network obeys its own format and covers the country."""

from __future__ import annotations

import polars as pl
import pytest

from crossdock.locate.roads import lane_table
from crossdock.locate.zips import SERVED_STATES, zip_table
from crossdock.model import Network, UsageError
from crossdock.simulate.builtin import builtin_network, metro_table

ORIGINS = ["DFW", "EWR", "LAX"]


@pytest.fixture(scope="module")
def whole() -> Network:
    return builtin_network()


def with_role(network: Network, role: str) -> list[str]:
    facilities = network["facilities"].filter(pl.col("roles").list.contains(role))
    return sorted(facilities["facility_id"])


def rows_of_zips(network: Network) -> pl.DataFrame:
    """Coverage rows of each served ZIP: those of its 5 digits, else of its 3."""
    zips = zip_table().filter(pl.col("state").is_in(SERVED_STATES)).select("zip5", "zip3")
    rows = network["coverage"]
    exact = zips.join(rows, left_on="zip5", right_on="zip")
    area = zips.join(exact, on="zip5", how="anti").join(rows, left_on="zip3", right_on="zip")
    columns = ["zip5", "facility_id", "carrier_id", "mode", "entry_level", "priority"]
    return pl.concat([exact.select(columns), area.select(columns)])


def test_45_metros_11_hubs_3_origins(whole: Network) -> None:
    assert len(with_role(whole, "destination_station")) == 45
    assert len(with_role(whole, "hub")) == 11
    assert with_role(whole, "origin_station") == ORIGINS


def test_every_zip_of_the_48_states_is_covered_by_usps_and_a_partner(whole: Network) -> None:
    rows = rows_of_zips(whole)
    served = zip_table().filter(pl.col("state").is_in(SERVED_STATES))
    by_zip = rows.group_by("zip5").agg(pl.col("mode").unique(), pl.col("entry_level"))
    assert by_zip.height == served.height
    assert by_zip["mode"].list.contains("usps").all()
    assert by_zip["mode"].list.contains("3pl").all()
    assert by_zip["entry_level"].list.count_matches("origin").eq(3).all()


def test_each_zip_has_one_station_and_own_delivery_only_near_it(whole: Network) -> None:
    rows = rows_of_zips(whole)
    at_station = rows.filter(pl.col("entry_level").ne_missing("origin"))
    assert (
        at_station.group_by("zip5").agg(pl.col("facility_id").n_unique())["facility_id"].max() == 1
    )
    own = set(rows.filter(pl.col("mode") == "own")["zip5"])
    assert "60601" in own
    assert "59718" not in own  # Bozeman, Montana


def test_lanes_cover_every_pair_and_name_relay_hubs_on_the_way(whole: Network) -> None:
    lanes = lane_table(whole)
    assert lanes.height == 45 * 44
    assert set(lanes["source"]) == {"file"}
    relayed = lanes.filter(pl.col("relay_facility_id").is_not_null())
    assert not relayed.is_empty()
    assert relayed["relay_facility_id"].is_in(with_role(whole, "hub")).all()
    assert relayed["drive_h_p50"].is_between(5, 10).all()


def test_los_angeles_to_new_york_is_never_a_ground_two_day(whole: Network) -> None:
    lanes = lane_table(whole)
    coast = lanes.filter(
        (pl.col("from_facility_id") == "LAX") & (pl.col("to_facility_id") == "EWR")
    )
    assert coast["drive_h_p50"].item() > 50


def test_every_van_has_a_driver_and_teams_are_mutual(whole: Network) -> None:
    vans = whole["vehicles"].filter(pl.col("carrier_id") == "XD-DELIVERY")
    assert vans.height == whole["drivers"].filter(pl.col("kind") == "last_mile").height
    teams = whole["drivers"].drop_nulls("team_with").select("driver_id", "team_with")
    swapped = teams.select(driver_id="team_with", team_with="driver_id")
    assert teams.sort("driver_id").equals(swapped.sort("driver_id"))


def test_scale_grows_the_fleet_with_the_parcels(whole: Network) -> None:
    large = builtin_network(scale=10.0)
    vans = pl.col("vehicle_type") == "cargo_van"
    ratio = large["vehicles"].filter(vans).height / whole["vehicles"].filter(vans).height
    assert 8 < ratio < 11


@pytest.mark.parametrize(
    ("metros", "facilities"),
    [
        (1, ["EWR"]),
        (2, ["EWR", "LAX"]),
        (3, ["EWR", "LAX", "DFW"]),
        (4, ["EWR", "LAX", "ORD", "DFW"]),
    ],
)
def test_the_origins_come_first_in_a_small_network(metros: int, facilities: list[str]) -> None:
    assert metro_table(metros)["facility_id"].to_list() == facilities
    assert with_role(builtin_network(metros), "origin_station")


@pytest.mark.parametrize("metros", [0, 46])
def test_more_metros_than_there_are_is_a_usage_error(metros: int) -> None:
    with pytest.raises(UsageError, match="metros"):
        builtin_network(metros)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan")])
def test_a_network_of_no_size_is_a_usage_error(scale: float) -> None:
    with pytest.raises(UsageError, match="scale"):
        builtin_network(2, scale=scale)
