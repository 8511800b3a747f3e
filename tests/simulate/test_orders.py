"""Made-up orders: the same for a seed, valid, and shaped like a peak Monday."""

from __future__ import annotations

import datetime as dt
from functools import cache

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.locate.address import locate_orders
from crossdock.locate.zips import zip_table
from crossdock.model import InvalidValueError, Network
from crossdock.model.order import check_orders, order_text
from crossdock.simulate.builtin import builtin_network, metro_table
from crossdock.simulate.orders import GeneratedOrders, generate_orders
from minimal_network import MINIMAL, examined

MONDAY = dt.date(2026, 11, 30)
REFERENCE = pl.DataFrame(
    {
        "line1": [f"{number} REAL ST" for number in range(1, 41)],
        "city": ["NEWARK"] * 40,
        "state": ["NJ"] * 40,
        "zip5": ["07102"] * 20 + ["07104"] * 20,
        "latitude": [40.73] * 40,
        "longitude": [-74.17] * 40,
        "units": [0] * 40,
    }
)


@cache
def network(metros: int = 45) -> Network:
    return builtin_network(metros=metros)


def generated(
    parcels: int = 2_000, *, seed: int = 7, date: dt.date = MONDAY, metros: int = 45
) -> GeneratedOrders:
    return generate_orders(
        network(metros),
        parcels=parcels,
        start_date=date,
        seed=seed,
        zips=zip_table(),
        reference=REFERENCE,
    )


@pytest.fixture(scope="module")
def day() -> GeneratedOrders:
    return generated(20_000)


def test_no_generated_order_is_ever_rejected(day: GeneratedOrders) -> None:
    zips = zip_table()
    orders, faulty = check_orders(
        order_text(day.frame), services=["2-day", "3-day"], known_zips=zips["zip5"]
    )
    located, unlocated = locate_orders(orders, zips=zips, reference=REFERENCE)
    assert faulty.is_empty()
    assert unlocated.is_empty()
    assert located.height == 20_000
    assert located.filter(verdict="CONFIRM").height < 200


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 300))
def test_the_same_seed_gives_the_same_orders(seed: int, parcels: int) -> None:
    first, second = (generated(parcels, seed=seed, metros=3) for _ in range(2))
    assert first.frame.equals(second.frame)
    assert first.real_share_by_metro.equals(second.real_share_by_metro)


def test_another_seed_or_date_gives_other_orders_and_a_date_the_same_merchants() -> None:
    monday, other_seed = generated(500), generated(500, seed=8)
    tuesday = generated(500, date=MONDAY + dt.timedelta(days=1))
    assert not monday.frame["address"].equals(other_seed.frame["address"])
    assert not monday.frame["address"].equals(tuesday.frame["address"])
    sites = pl.concat([monday.frame, tuesday.frame]).select("merchant_id", "ship_from_zip").unique()
    assert sites["merchant_id"].is_unique().all()


def test_demand_follows_the_metros_people_and_an_eighth_lies_outside(day: GeneratedOrders) -> None:
    share = day.real_share_by_metro
    parcels = dict(zip(share["facility_id"], share["parcels"], strict=True))
    assert sum(parcels.values()) == 20_000
    assert parcels["outside"] == pytest.approx(2_400, rel=0.1)
    for row in metro_table().head(5).iter_rows(named=True):
        assert parcels[row["facility_id"]] == pytest.approx(17_600 * row["share"], rel=0.12)


def test_real_addresses_are_used_once_where_the_reference_has_them(day: GeneratedOrders) -> None:
    newark = day.real_share_by_metro.filter(facility_id="EWR").row(0, named=True)
    assert 0 < newark["real_addresses"] <= 45
    assert newark["real_share"] == newark["real_addresses"] / newark["parcels"]
    assert (
        day.real_share_by_metro.filter(pl.col("facility_id") != "EWR")["real_addresses"].sum() == 0
    )


def test_services_cut_off_and_measures_are_those_of_a_peak_monday(day: GeneratedOrders) -> None:
    frame = day.frame
    volume_m3 = frame.select(
        (pl.col("length_cm") * pl.col("width_cm") * pl.col("height_cm")).mean() / 1e6
    ).item()
    local_hour = frame["created_at"].str.slice(11, 2).cast(pl.Int64)
    assert frame["created_at"].str.slice(0, 10).unique().to_list() == ["2026-11-30"]
    assert (local_hour >= 16).mean() == pytest.approx(0.03, abs=0.006)
    assert (frame["service"] == "2-day").mean() == pytest.approx(0.6, abs=0.02)
    assert 0.011 < volume_m3 < 0.015
    assert 1.6 < frame["weight_kg"].mean() < 2.6
    assert frame["merchant_id"].n_unique() > 150


def test_some_parcels_share_a_door(day: GeneratedOrders) -> None:
    street = day.frame["address"].str.to_lowercase().str.replace(r", apt \d+", "")
    shared = pl.DataFrame({"street": street}).select((pl.len().over("street") > 1).mean()).item()
    assert 0.05 < shared < 0.09


def test_a_skipped_hour_of_the_spring_clock_change_is_no_hole() -> None:
    spring = generated(400, date=dt.date(2026, 3, 8), metros=3).frame
    assert spring["created_at"].null_count() == 0


def test_a_network_without_origins_or_an_empty_day_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="0 orders"):
        generated(0)
    nowhere = Network.of({})
    with pytest.raises(InvalidValueError, match="destination_station"):
        generate_orders(nowhere, parcels=1, start_date=MONDAY, seed=1, zips=zip_table())


def test_orders_go_only_where_the_network_delivers() -> None:
    small = examined(MINIMAL).network
    frame = generate_orders(small, parcels=400, start_date=MONDAY, seed=7, zips=zip_table()).frame
    assert set(frame["address"].str.extract(r"(\d{3})\d\d$")) == {"462", "482"}
