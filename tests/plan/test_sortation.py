"""Sortation: waves on real dates, and the wave an order enters on."""

import datetime as dt

import polars as pl
import pytest

from crossdock.model import InputUnusableError, Network
from crossdock.plan.delivery import earliest_reach
from crossdock.plan.sortation import delivery_dates, induct, ship_days, wave_calendar

MONDAY = dt.date(2026, 11, 30)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


def network(**changes: pl.DataFrame) -> Network:
    tables = {
        "facilities": pl.DataFrame(
            {
                "facility_id": ["NJ", "DC"],
                "roles": [["origin_station", "hub"], ["destination_station"]],
                "latitude": [40.7, 38.9],
                "longitude": [-74.1, -77.0],
                "timezone": ["America/New_York", "America/New_York"],
            }
        ),
        "sort_waves": pl.DataFrame(
            {
                "facility_id": ["NJ", "NJ", "DC"],
                "wave": ["twilight", "night", "preload"],
                "days": ["MTWTFS-", "MTWTFS-", None],
                "inbound_cutoff": [dt.time(19, 30), dt.time(2, 30), dt.time(5)],
                "starts": [dt.time(18), dt.time(23), dt.time(4)],
                "ends": [dt.time(22, 30), dt.time(3, 30), dt.time(8, 30)],
                "rate_per_h": [1000.0, 2000.0, 500.0],
                "ready_min": [30.0, 30.0, 0.0],
            }
        ),
        "services": pl.DataFrame(
            {
                "service": ["2-day"],
                "transit_days": [2],
                "order_cutoff": [dt.time(16)],
                "delivery_by": [dt.time(20)],
            }
        ),
    }
    return Network.of(tables | changes)


def waves(plan: Network) -> pl.DataFrame:
    return wave_calendar(plan, MONDAY, MONDAY + dt.timedelta(days=7))


def one(frame: pl.DataFrame, wave: str, date: dt.date) -> dict[str, object]:
    return frame.filter((pl.col("wave") == wave) & (pl.col("date") == date)).row(0, named=True)


def test_a_wave_over_midnight_ends_and_cuts_off_on_the_next_date():
    night = one(waves(network()), "night", MONDAY)
    assert night["starts_at"] == at("2026-11-30T23:00-05:00")
    assert night["inbound_cutoff_at"] == at("2026-12-01T02:30-05:00")
    assert night["ready_at"] == at("2026-12-01T04:00-05:00")
    assert night["capacity_parcels"] == pytest.approx(9000)


def test_masked_waves_rest_on_other_days_and_unmasked_ones_follow_the_calendar():
    calendar = waves(network())
    sundays = calendar.filter(pl.col("date") == dt.date(2026, 12, 6))
    assert sundays.is_empty()


def test_a_wave_keeps_its_clock_time_over_a_dst_night():
    autumn = wave_calendar(network(), dt.date(2026, 10, 30), dt.date(2026, 11, 2))
    cutoffs = autumn.filter(pl.col("wave") == "twilight")["inbound_cutoff_at"]
    local = cutoffs.dt.convert_time_zone("America/New_York").dt.time()
    assert local.unique().to_list() == [dt.time(19, 30)]


def test_preload_feeds_the_same_day_and_a_later_wave_the_next_open_day():
    plan = network()
    calendar = waves(plan)
    dates = calendar.with_columns(delivery_dates(plan, calendar))
    assert one(dates, "preload", MONDAY)["delivery_date"] == MONDAY
    assert one(dates, "twilight", dt.date(2026, 12, 5))["delivery_date"] == dt.date(2026, 12, 7)


def orders(*created: str) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "row": list(range(1, len(created) + 1)),
            "order_id": [f"o{number}" for number in range(len(created))],
            "created_at": [at(text) for text in created],
            "ship_from_zip": ["07102"] * len(created),
            "service": ["2-day"] * len(created),
        }
    )


ZIPS = pl.DataFrame({"zip5": ["07102"], "latitude": [40.73], "longitude": [-74.17]})


def test_an_order_at_the_cutoff_ships_that_day_and_a_minute_later_the_next():
    shipped = ship_days(network(), orders("2026-11-30T16:00-05:00", "2026-11-30T16:01-05:00"), ZIPS)
    assert shipped["ship_date"].to_list() == [MONDAY, dt.date(2026, 12, 1)]
    assert shipped["origin_facility_id"].to_list() == ["NJ", "NJ"]


def test_a_saturday_evening_order_ships_on_monday():
    shipped = ship_days(network(), orders("2026-12-05T20:00-05:00"), ZIPS)
    assert shipped["ship_date"].to_list() == [dt.date(2026, 12, 7)]


def test_the_pickup_feeds_the_first_wave_after_the_order_cutoff():
    plan = network()
    calendar = waves(plan)
    inducted = induct(plan, ship_days(plan, orders("2026-11-30T09:00-05:00"), ZIPS), calendar)
    entered = calendar.filter(pl.col("wave_index") == inducted.orders["origin_wave_index"][0])
    assert entered.select("wave", "date").row(0) == ("twilight", MONDAY)


def test_an_origin_without_waves_is_an_error_that_names_it():
    plan = network(sort_waves=network()["sort_waves"].filter(pl.col("facility_id") == "DC"))
    shipping = ship_days(plan, orders("2026-11-30T09:00-05:00"), ZIPS)
    with pytest.raises(InputUnusableError, match="NJ"):
        induct(plan, shipping, waves(plan))


def reach_dc(transit_h: float, p90_h: float, *, cautious: bool) -> dict[str, object]:
    plan = network()
    calendar = waves(plan)
    start = int(one(calendar, "twilight", MONDAY)["wave_index"])  # pyright: ignore
    offers = pl.DataFrame(
        {
            "from_facility_id": ["NJ"],
            "to_facility_id": ["DC"],
            "transit_s": [int(transit_h * 3600)],
            "transit_p90_s": [int(p90_h * 3600)],
        }
    )
    frame = earliest_reach(calendar, offers, ["NJ"], [start], cautious=cautious).frame
    index = frame.filter(pl.col("facility_id") == "DC")["wave_index"][0]
    return calendar.filter(pl.col("wave_index") == index).row(0, named=True)


def test_a_trailer_at_the_cutoff_makes_the_wave():
    assert reach_dc(6.0, 6.0, cautious=False)["date"] == dt.date(2026, 12, 1)


def test_a_trailer_after_the_cutoff_waits_for_the_next_wave():
    assert reach_dc(6.1, 6.2, cautious=False)["date"] == dt.date(2026, 12, 2)


def test_a_cautious_reach_counts_the_slow_day():
    assert reach_dc(5.5, 6.5, cautious=False)["date"] == dt.date(2026, 12, 1)
    assert reach_dc(5.5, 6.5, cautious=True)["date"] == dt.date(2026, 12, 2)
