"""Delivery: which coverage rows count, when a partner takes over, when the door is reached."""

import datetime as dt

import polars as pl

from crossdock.model import Network
from crossdock.plan.delivery import Appointments, DeliveryDays, coverage_options, uncovered_orders

NEW_YORK = "America/New_York"
WEDNESDAY = dt.date(2026, 12, 2)
SATURDAY = dt.date(2026, 12, 5)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


def network(**tables: pl.DataFrame) -> Network:
    facilities = pl.DataFrame(
        {
            "facility_id": ["DC", "NJ"],
            "roles": [["destination_station"], ["origin_station"]],
            "latitude": [38.9, 40.7],
            "longitude": [-77.0, -74.1],
            "timezone": [NEW_YORK, NEW_YORK],
        }
    )
    return Network.of({"facilities": facilities} | tables)


def coverage(*rows: tuple[str, str, str, str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        rows, schema=["zip", "facility_id", "carrier_id", "mode", "entry_level"], orient="row"
    )


def test_five_digit_rows_replace_the_three_digit_rows_of_their_zip():
    plan = network(
        coverage=coverage(
            ("200", "DC", "US", "own", None),
            ("200", "DC", "USPS", "usps", "scf"),
            ("20001", "DC", "GIG", "crowd", None),
        )
    )
    options = coverage_options(plan, pl.Series(["20001", "20002"]))
    assert options.filter(zip5="20001")["mode"].to_list() == ["crowd"]
    assert options.filter(zip5="20002")["mode"].to_list() == ["own", "usps"]


def test_an_order_without_a_coverage_row_is_rejected_with_a_remedy():
    plan = network(coverage=coverage(("200", "DC", "US", "own", None)))
    orders = pl.DataFrame(
        {"row": [1, 2], "order_id": ["a", "b"], "zip5": ["20001", "99501"]},
        schema_overrides={"row": pl.Int64},
    )
    rejects = uncovered_orders(plan, orders)
    assert rejects.select("row", "field", "value").rows() == [(2, "zip", "99501")]
    assert "coverage" in rejects["remedy"][0]


def appointments(**row: object) -> Appointments:
    terms = {
        "facility_id": "DC",
        "partner_id": "USPS",
        "opens": dt.time(6),
        "closes": dt.time(10),
        "critical_entry": dt.time(8),
        "manifest_lead_min": 60.0,
    }
    return Appointments(network(appointments=pl.DataFrame([terms | row])))


def test_a_partner_without_appointments_takes_over_at_once():
    ready = at("2026-12-02T04:00-05:00")
    assert appointments().entry("DC", "ACME", ready).handoff_at == ready


def test_parcels_ready_early_wait_for_the_window_to_open():
    entry = appointments().entry("DC", "USPS", at("2026-12-02T04:00-05:00"))
    assert entry.handoff_at == at("2026-12-02T06:00-05:00")
    assert entry.critical_entry_at == at("2026-12-02T08:00-05:00")
    assert entry.manifest_due_at == at("2026-12-02T05:00-05:00")


def test_a_missed_critical_entry_takes_the_next_window():
    entry = appointments().entry("DC", "USPS", at("2026-12-02T08:01-05:00"))
    assert entry.handoff_at == at("2026-12-03T06:00-05:00")


def test_a_window_over_midnight_is_one_window():
    late = appointments(opens=dt.time(22), closes=dt.time(2), critical_entry=dt.time(1))
    entry = late.entry("DC", "USPS", at("2026-12-03T00:30-05:00"))
    assert entry.handoff_at == at("2026-12-03T00:30-05:00")
    assert late.entry("DC", "USPS", at("2026-12-03T01:30-05:00")).handoff_at == at(
        "2026-12-03T22:00-05:00"
    )


def test_no_partner_takes_over_on_a_closed_day():
    entry = appointments().entry("DC", "USPS", at("2026-12-05T09:00-05:00"))
    assert entry.handoff_at == at("2026-12-07T06:00-05:00")


def test_delivery_days_skip_sunday_and_count_partner_days():
    days = DeliveryDays(network())
    assert days.after("DC", None, SATURDAY, 1) == dt.date(2026, 12, 7)
    assert days.after("DC", "------U", SATURDAY, 0) == dt.date(2026, 12, 6)
    assert days.after("DC", None, WEDNESDAY, 2) == dt.date(2026, 12, 4)


def test_a_day_mask_is_kept_row_by_row():
    handoffs = pl.DataFrame(
        {
            "facility_id": ["DC", "DC", "DC"],
            "days": [None, "M-W-F--", None],
            "partner_days": [0, 1, 0],
            "date": [WEDNESDAY, WEDNESDAY, None],
        },
        schema_overrides={"partner_days": pl.Int64, "days": pl.String},
    )
    answer = DeliveryDays(network()).delivered_on(handoffs)
    assert answer.to_list() == [WEDNESDAY, dt.date(2026, 12, 4), None]
