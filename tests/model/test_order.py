"""Every rule of an order's fields, and what its rejects say."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model.order import CHECKED_ORDERS, RAW_ORDERS, check_orders, order_text

KNOWN_ZIPS = pl.Series(["07102", "90058"])
GOOD = {
    "order_id": "O-1",
    "created_at": "2026-11-30T09:15:00-05:00",
    "merchant_id": "M-1",
    "ship_from_zip": "07102",
    "recipient": "Mary Garcia",
    "address": "12 Main St, Newark, NJ 07102",
    "service": "2-day",
    "weight_kg": "1.5",
    "length_cm": "30",
    "width_cm": "20",
    "height_cm": "10",
    "declared_value_usd": "49.90",
}


def checked(*changes: dict[str, str | None]) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = [
        {"row": row, **GOOD, "order_id": f"O-{row}", **change}
        for row, change in enumerate(changes, start=1)
    ]
    raw = pl.DataFrame(rows, schema=pl.Schema(RAW_ORDERS))
    return check_orders(raw, services=["2-day", "3-day"], known_zips=KNOWN_ZIPS)


def test_a_good_order_is_typed_and_has_one_piece() -> None:
    orders, rejects = checked({})
    assert rejects.is_empty()
    assert orders.schema == pl.Schema(CHECKED_ORDERS)
    assert orders.row(0, named=True)["created_at"] == dt.datetime(
        2026, 11, 30, 14, 15, tzinfo=dt.UTC
    )
    assert orders["pieces"].to_list() == [1]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("order_id", None, "missing"),
        ("order_id", "x" * 65, "65 characters"),
        ("order_id", "a\tb", "control characters"),
        ("order_id", "caf\ufffd", "not UTF-8"),
        ("merchant_id", "  ", "missing"),
        ("recipient", None, "missing"),
        ("recipient", "Ann\x07", "control characters"),
        ("address", None, "missing"),
        ("address", "x" * 501, "501 characters"),
        ("created_at", "yesterday", "not an ISO 8601 time"),
        ("created_at", "2026-11-30T09:15:00", "no UTC offset"),
        ("created_at", "2026-02-30T09:15:00Z", "not a real date"),
        ("created_at", "2026-11-30T25:15:00Z", "not a real date"),
        ("created_at", "2026-11-30T09:15:00+15:00", "not a real date"),
        ("created_at", "1970-01-01T00:00:00Z", "year 1970"),
        ("created_at", "2926-01-01T00:00:00Z", "year 2926"),
        ("ship_from_zip", "7102", "lost its leading zero"),
        ("ship_from_zip", "00000", "not known"),
        ("ship_from_zip", "V6E 2E9", "not a ZIP"),
        ("service", "overnight", "not a service"),
        ("weight_kg", None, "missing"),
        ("weight_kg", "12kg", "not a number"),
        ("weight_kg", "1,5", "not a number"),
        ("weight_kg", "\u0661", "not a number"),
        ("weight_kg", "NaN", "not a finite number"),
        ("weight_kg", "inf", "not a finite number"),
        ("weight_kg", "1e999", "not a finite number"),
        ("weight_kg", "-1", "negative"),
        ("weight_kg", "0", "zero"),
        ("weight_kg", "1000", "above 68 kg"),
        ("length_cm", "275", "above 274 cm"),
        ("height_cm", "-3", "negative"),
        ("declared_value_usd", "-0.01", "negative"),
        ("declared_value_usd", "2000000", "above 1,000,000 USD"),
        ("pieces", "0", "whole number from 1 to 999"),
        ("pieces", "1.5", "whole number from 1 to 999"),
        ("pieces", "two", "not a number"),
    ],
)
def test_a_broken_field_is_rejected_with_its_reason(
    field: str, value: str | None, reason: str
) -> None:
    orders, rejects = checked({}, {field: value})
    assert orders["row"].to_list() == [1]
    reject = rejects.row(0, named=True)
    assert rejects.height == 1
    assert (reject["row"], reject["field"]) == (2, field)
    assert reason in reject["reason"]
    assert reject["remedy"]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-30T09:15Z", (9, 15, 0, 0)),
        ("2026-11-30 09:15:30.5+0530", (3, 45, 30, 500_000)),
        ("2026-11-30t09:15:00-08", (17, 15, 0, 0)),
        ("2026-11-30T09:15:00.123456789Z", (9, 15, 0, 123_456)),
    ],
)
def test_every_usual_form_of_iso_8601_is_read(text: str, utc: tuple[int, int, int, int]) -> None:
    orders, _ = checked({"created_at": text})
    assert orders["created_at"].to_list() == [dt.datetime(2026, 11, 30, *utc, tzinfo=dt.UTC)]


def test_a_zip_that_lost_its_zero_is_shown_with_the_zero() -> None:
    _, rejects = checked({"ship_from_zip": "7102"})
    assert rejects["remedy"].to_list() == ["write 07102"]


def test_zip_plus_four_and_any_case_of_a_service_are_read() -> None:
    orders, _ = checked({"ship_from_zip": "07102-1234", "service": "2-Day", "pieces": "2.0"})
    assert orders.select("ship_from_zip", "service", "pieces").row(0) == ("07102", "2-day", 2)


def test_length_and_girth_count_together() -> None:
    orders, rejects = checked({"length_cm": "150", "width_cm": "80", "height_cm": "80"})
    assert orders.is_empty()
    assert rejects["field"].to_list() == ["length_cm"]
    assert rejects["value"].to_list() == ["150 x 80 x 80"]


def test_each_faulty_field_of_a_row_has_its_own_reject() -> None:
    _, rejects = checked({"weight_kg": "12kg", "service": "air", "created_at": "?"})
    assert rejects["field"].to_list() == ["created_at", "service", "weight_kg"]


def test_the_first_of_two_equal_ids_is_kept() -> None:
    orders, rejects = checked({}, {"order_id": "O-1"}, {"order_id": "O-1"})
    assert orders["row"].to_list() == [1]
    assert rejects["row"].to_list() == [2, 3]
    assert set(rejects["reason"]) == {"order_id is already used in row 1"}


def test_an_id_whose_first_row_is_faulty_belongs_to_the_first_sound_row() -> None:
    orders, rejects = checked({"weight_kg": "0"}, {"order_id": "O-1"})
    assert orders["row"].to_list() == [2]
    assert rejects["field"].to_list() == ["weight_kg"]


def test_a_long_value_is_cut_in_its_reject() -> None:
    _, rejects = checked({"address": "y" * 5_000})
    assert rejects["value"].str.len_chars().to_list() == [80]


def test_columns_win_over_the_line_and_stay_text() -> None:
    orders, _ = checked({"line1": "9 Elm St", "city": "Newark", "state": "NJ", "zip": "07102"})
    assert orders.select("address", "line1", "zip").row(0) == (None, "9 Elm St", "07102")


def test_columns_without_street_or_zip_name_what_is_missing() -> None:
    _, rejects = checked(
        {"address": None, "city": "Newark", "state": "NJ", "zip": "07102"},
        {"address": None, "line1": "9 Elm St", "city": "Newark", "state": "NJ"},
    )
    assert rejects.select("row", "field").rows() == [(1, "line1"), (2, "zip")]


def test_typed_orders_become_text_without_loss() -> None:
    zone = "America/New_York"
    instant = dt.datetime(2026, 11, 30, 14, 15, 0, 250_000, tzinfo=dt.UTC)
    typed = pl.DataFrame(
        {
            "created_at": pl.Series([instant]).dt.convert_time_zone(zone),
            "weight_kg": [0.1 + 0.2],
            "ship_from_zip": [7102],
            "unknown": [1],
        }
    )
    text = order_text(typed).row(0, named=True)
    assert text["created_at"] == "2026-11-30T09:15:00.250000-05:00"
    assert float(text["weight_kg"]) == 0.1 + 0.2
    assert text["ship_from_zip"] == "7102"
    assert "unknown" not in text


def test_an_instant_without_zone_is_rejected_rather_than_guessed() -> None:
    typed = pl.DataFrame({**{name: [text] for name, text in GOOD.items()}}).with_columns(
        created_at=pl.datetime(2026, 11, 30)
    )
    _, rejects = check_orders(order_text(typed), services=["2-day"], known_zips=KNOWN_ZIPS)
    assert rejects["reason"].to_list() == ["has no UTC offset"]


cells = st.one_of(st.none(), st.text(max_size=12), st.sampled_from(sorted(GOOD.values())))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries({}, optional=dict.fromkeys((*GOOD, "pieces", "line1"), cells)),
        max_size=6,
    )
)
def test_every_row_is_either_an_order_or_rejected(changes: list[dict[str, str | None]]) -> None:
    orders, rejects = checked(*changes)
    rows = [*orders["row"], *rejects["row"].unique()]
    assert sorted(rows) == list(range(1, len(changes) + 1))
    assert orders["order_id"].is_unique().all()
    assert (
        orders.drop("address", "line1", "line2", "city", "state", "zip")
        .null_count()
        .sum_horizontal()
        .item()
        == 0
    )
