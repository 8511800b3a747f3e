"""ETA: spreads, due dates, quantiles, promises."""

import datetime as dt

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from crossdock.model.calendars import OperatingCalendar
from crossdock.model.network import NETWORK_FILES
from crossdock.model.tables import INSTANT, empty
from crossdock.predict.eta import (
    arrival_quantiles,
    due_dates,
    due_instants,
    p95_of,
    probability_within,
    promised_at,
)

CALENDAR = OperatingCalendar(empty(NETWORK_FILES["calendars"].schema))


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


def due(ship_date: dt.date, service: str) -> dt.date:
    shipments = pl.DataFrame(
        {"ship_date": [ship_date], "service": [service], "station_id": ["BOS"]}
    )
    days = {"2-day": 2, "3-day": 3}
    answer = due_dates(CALENDAR, shipments, days, dict.fromkeys(days), {"BOS": None})
    return answer[0]


def test_two_days_from_monday_is_wednesday():
    assert due(dt.date(2026, 11, 30), "2-day") == dt.date(2026, 12, 2)


def test_sunday_is_no_operating_day():
    assert due(dt.date(2026, 12, 4), "2-day") == dt.date(2026, 12, 7)


def test_christmas_is_no_operating_day():
    assert due(dt.date(2026, 12, 23), "3-day") == dt.date(2026, 12, 28)


def test_due_instant_is_local_time_at_the_destination():
    instants = due_instants(
        pl.Series([dt.date(2026, 12, 2)] * 2),
        [dt.time(20, 0)] * 2,
        ["America/New_York", "America/Phoenix"],
    )
    assert instants.to_list() == [at("2026-12-02T20:00-05:00"), at("2026-12-02T20:00-07:00")]


def test_ninety_percent_arrive_within_the_90th_percentile():
    within = probability_within(np.array([10.0]), np.array([12.0]), np.array([12.0]))
    assert abs(within[0] - 0.9) < 1e-9
    assert p95_of(np.array([10.0]), np.array([12.0]))[0] > 12.0


def arrivals(p_connect: float, spread_s: float = 1800.0) -> dict[str, dt.datetime]:
    planned = at("2026-12-02T14:00-05:00")
    frame = pl.DataFrame(
        {
            "planned_at": [planned],
            "next_day_at": [planned + dt.timedelta(days=1)],
            "second_day_at": [planned + dt.timedelta(days=2)],
            "p_connect": [p_connect],
            "spread_s": [spread_s],
        },
        schema_overrides=dict.fromkeys(["planned_at", "next_day_at", "second_day_at"], INSTANT),
    )
    return arrival_quantiles(frame).row(0, named=True)


def test_a_sure_connection_keeps_every_quantile_on_the_planned_day():
    eta = arrivals(1.0)
    assert eta["eta_p50"] == at("2026-12-02T14:00-05:00")
    assert eta["eta_p95"] < at("2026-12-02T16:00-05:00")


def test_a_likely_miss_moves_the_p95_to_the_next_day_and_leaves_the_median():
    eta = arrivals(0.85)
    assert eta["eta_p50"].date() == dt.date(2026, 12, 2)
    assert eta["eta_p95"] > at("2026-12-03T12:00-05:00")


@given(st.floats(0.0, 1.0), st.floats(1.0, 20_000.0))
def test_quantiles_never_cross(p_connect: float, spread_s: float):
    eta = arrivals(p_connect, spread_s)
    assert eta["eta_p50"] <= eta["eta_p80"] <= eta["eta_p95"]


def promise(*, offered: bool, eta_p95: str) -> dt.datetime:
    parcels = pl.DataFrame(
        {
            "service_offered": [offered],
            "service_due_at": [at("2026-12-02T20:00-05:00")],
            "eta_p95": [at(eta_p95)],
            "timezone": ["America/New_York"],
            "calendar_id": [None],
        },
        schema_overrides={"service_due_at": INSTANT, "eta_p95": INSTANT, "calendar_id": pl.String},
    )
    return promised_at(parcels, CALENDAR)[0]


def test_an_offered_service_promises_what_it_sells():
    assert promise(offered=True, eta_p95="2026-12-05T10:00-05:00") == at("2026-12-02T20:00-05:00")


def test_a_service_not_offered_promises_the_day_of_the_p95_eta():
    assert promise(offered=False, eta_p95="2026-12-04T10:00-05:00") == at("2026-12-04T20:00-05:00")


def test_a_promise_is_never_before_the_service_is_due():
    assert promise(offered=False, eta_p95="2026-12-01T10:00-05:00") == at("2026-12-02T20:00-05:00")


def test_a_p95_eta_after_hours_promises_the_next_operating_day():
    assert promise(offered=False, eta_p95="2026-12-05T21:00-05:00") == at("2026-12-07T20:00-05:00")
