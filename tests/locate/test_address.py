"""Addresses taken apart, checked against their ZIP, placed, and judged."""

from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.locate.address import locate_orders, parse_address, parse_columns
from crossdock.locate.address.scatter import zip_radii
from crossdock.locate.roads import great_circle_m
from crossdock.model.order import CHECKED_ORDERS
from crossdock.model.protocols import SerialEngine
from crossdock.model.tables import LOCATED_ORDERS, conform

ZIPS = pl.DataFrame(
    [
        ("07102", "STANDARD", "Newark", ["Ironbound"], "NJ", 40.735, -74.172),
        ("07103", "STANDARD", "Newark", [], "NJ", 40.737, -74.197),
        ("07104", "STANDARD", "Newark", [], "NJ", 40.766, -74.169),
        ("07105", "STANDARD", "Newark", [], "NJ", 40.728, -74.143),
        ("62701", "STANDARD", "Springfield", ["Saint John"], "IL", 39.8, -89.65),
        ("20500", "UNIQUE", "Washington", [], "DC", 38.898, -77.037),
        ("99501", "STANDARD", "Anchorage", [], "AK", 61.21, -149.88),
        ("09204", "MILITARY", "APO", [], "AE", None, None),
    ],
    schema={
        "zip5": pl.String,
        "zip_type": pl.String,
        "city": pl.String,
        "acceptable_cities": pl.List(pl.String),
        "state": pl.String,
        "latitude": pl.Float64,
        "longitude": pl.Float64,
    },
    orient="row",
).with_columns(timezone=pl.lit("America/New_York"))
REFERENCE = pl.DataFrame(
    {
        "line1": ["653 WEST SHORE RD", "500 BROAD ST"],
        "zip5": ["07102", "07102"],
        "latitude": [40.7301, 40.7402],
        "longitude": [-74.1701, -74.1702],
        "units": [0, 3],
    }
)


def lines(*addresses: str) -> pl.DataFrame:
    rows = {"row": range(1, len(addresses) + 1), "address": list(addresses)}
    return conform(
        pl.DataFrame(rows).with_columns(order_id=pl.format("O-{}", "row")), CHECKED_ORDERS
    )


def columns(**parts: str) -> pl.DataFrame:
    return conform(pl.DataFrame([{"row": 1, "order_id": "O-1", **parts}]), CHECKED_ORDERS)


def located(*addresses: str, reference: pl.DataFrame | None = REFERENCE) -> pl.DataFrame:
    placed, rejects = locate_orders(lines(*addresses), zips=ZIPS, reference=reference)
    assert rejects.is_empty()
    return placed


@pytest.mark.parametrize(
    ("written", "line1", "line2", "city"),
    [
        (
            "123 N Main Street Apt 4B, Springfield, IL 62701",
            "123 N MAIN ST",
            "APT 4B",
            "SPRINGFIELD",
        ),
        ("12 1/2 Elm St. #5 Newark, New Jersey 07102", "12 1/2 ELM ST", "# 5", "NEWARK"),
        (
            "1600 Pennsylvania Avenue NW Washington DC 20500-0003",
            "1600 PENNSYLVANIA AVE NW",
            "",
            "WASHINGTON",
        ),
        (
            "8500 VT Route 30, South Londonderry, VT 05155",
            "8500 VT ROUTE 30",
            "",
            "SOUTH LONDONDERRY",
        ),
        ("123 Main Street\nApt 4\nNewark NJ 07102 USA", "123 MAIN ST", "APT 4", "NEWARK"),
        ("p.o. box 12, Newark NJ 07102", "PO BOX 12", "", "NEWARK"),
        ("RR 2 Box 152, Newark, NJ 07102", "RR 2 BOX 152", "", "NEWARK"),
        ("5 Caf\xe9 Ln, Newark, NJ 07102", "5 CAFE LN", "", "NEWARK"),
    ],
)
def test_a_line_is_taken_apart_into_usps_form(
    written: str, line1: str, line2: str, city: str
) -> None:
    parsed = parse_address(written)
    assert (parsed.line1, parsed.line2, parsed.city) == (line1, line2, city)
    assert parsed.certain


def test_columns_keep_their_city_and_give_street_words_back() -> None:
    parsed = parse_columns("9 Madison Park", "Suite 4", "New York", "N.Y.", "10005-1234")
    assert parsed.line1 == "9 MADISON PARK"
    assert (parsed.line2, parsed.city, parsed.state) == ("STE 4", "NEW YORK", "NY")


@pytest.mark.parametrize("text", ["", ",,,", "n/a", "\x00", "12345", "????", "Mexico", "A1A 1A1"])
def test_any_text_is_parsed_without_an_error(text: str) -> None:
    assert parse_address(text).kind in ("street", "box", "none")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    assert parse_address(text).country in ("US", "CA", "MX")
    parse_columns(text, text, text, text, text)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("1 Elm St, Newark, NJ 00001", "ZIP 00001 is not known"),
        ("1 Elm St, Newark, NJ", "has no ZIP"),
        ("1 Elm St, Newark, NJ 7102", "lost its leading zero"),
        ("1 Elm St, Newark, ZZ 07102", "state ZZ is not known"),
        ("1 Elm St, Newark, IL 07102", "ZIP 07102 is in NJ, the address says IL"),
        ("Newark, NJ 07102", "no street"),
        ("1 Elm St, Anchorage, AK 99501", "Alaska is not covered by this network yet"),
        ("1 Elm St, Anchorage 99501", "Alaska is not covered by this network yet"),
        ("PSC 12 Box 5, APO AE 09204", "military post AE is not covered"),
        ("1 Calle Sol, San Juan, Puerto Rico 00901", "Puerto Rico is not covered"),
        ("200-1055 Hastings St W, Vancouver BC V6E 2E9", "Canada is not covered"),
        ("Av Gomez Morin 7331, Juarez, CHIH 32500 Mexico", "Mexico is not covered"),
    ],
)
def test_an_address_that_cannot_be_served_says_why(address: str, reason: str) -> None:
    placed, rejects = locate_orders(lines(address), zips=ZIPS)
    assert placed.is_empty()
    assert rejects["field"].to_list() == ["address"]
    assert reason in rejects["reason"][0]
    assert rejects["remedy"][0]


def test_columns_name_each_faulty_part() -> None:
    faulty = columns(line1="n/a", city="Newark", state="IL", zip="07102")
    _, rejects = locate_orders(faulty, zips=ZIPS)
    assert rejects.select("field", "value").rows() == [("state", "IL"), ("line1", "n/a")]


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("1 Elm St, Newark, NJ 07102", "ACCEPT"),
        ("1 Elm St, Ironbound, NJ 07102", "ACCEPT"),
        ("1 Elm St, St John, IL 62701", "ACCEPT"),
        ("PO Box 7, Newark, NJ 07102", "ACCEPT"),
        ("1 Elm St, Nwark, NJ 07102", "CONFIRM"),
        ("1 Elm St, 07102", "CONFIRM"),
        ("Elm St, Newark, NJ 07102", "CONFIRM"),
        ("500 Broad St, Newark, NJ 07102", "CONFIRM_ADD_SUBPREMISES"),
        ("500 Broad St Ste 2, Newark, NJ 07102", "ACCEPT"),
    ],
)
def test_the_verdict_follows_what_is_doubtful(address: str, verdict: str) -> None:
    assert located(address)["verdict"].to_list() == [verdict]


def test_city_and_state_that_are_left_out_are_those_of_the_zip() -> None:
    row = located("1 Elm St, 07102-1234").row(0, named=True)
    assert (row["city"], row["state"], row["zip5"]) == ("NEWARK", "NJ", "07102")


def test_a_known_premise_is_placed_where_it_stands_in_any_spelling() -> None:
    placed = located(
        "653 W Shore Road, Newark, NJ 07102", "653 West Shore Rd Apt 2, Newark, NJ 07102"
    )
    assert placed["precision"].to_list() == ["premise", "premise"]
    assert placed["latitude"].to_list() == [40.7301, 40.7301]
    assert placed["address_key"].n_unique() == 1


def test_unknown_premises_scatter_within_their_zip_and_never_move() -> None:
    numbers = [f"{number} Elm St, Newark, NJ 07102" for number in range(1, 201)]
    placed = located(*numbers)
    again = located(*numbers[100:])
    radius_m = zip_radii(ZIPS).filter(zip5="07102")["radius_m"].item()
    away_m = great_circle_m(40.735, -74.172, placed["latitude"], placed["longitude"])
    assert placed["precision"].unique().to_list() == ["zip"]
    assert placed.select("latitude", "longitude").is_unique().all()
    assert away_m.max() <= radius_m * 1.001
    assert away_m.mean() > radius_m * 0.5
    assert again["latitude"].equals(placed["latitude"][100:])


def test_boxes_of_a_zip_share_the_post_office() -> None:
    placed = located("PO Box 7, Newark, NJ 07102", "PO Box 8, Newark, NJ 07102")
    assert placed["address_key"].n_unique() == 1


def test_located_orders_keep_their_schema_also_when_there_are_none() -> None:
    placed, rejects = locate_orders(lines(), zips=ZIPS, reference=REFERENCE)
    assert placed.schema == pl.Schema(LOCATED_ORDERS)
    assert placed.is_empty()
    assert rejects.is_empty()


def test_the_engine_that_is_handed_in_parses_the_addresses() -> None:
    labels: list[str] = []

    class Counting(SerialEngine):
        def map(self, function, items, *, label, progress=None, names=None):  # type: ignore[no-untyped-def]
            labels.append(label)
            return super().map(function, items, label=label, progress=progress, names=names)

    locate_orders(lines("1 Elm St, Newark, NJ 07102"), zips=ZIPS, engine=Counting())
    assert labels == ["Addresses"]


POOL = [
    "1 Elm St, Newark, NJ 07102",
    "1 elm street, newark nj 07102",
    "2 Oak Ave, Newark, NJ 07103",
    "653 W Shore Rd, Newark, NJ 07102",
    "PO Box 1, Newark, NJ 07104",
    "1 Elm St, Newark, NJ 00000",
    "nowhere",
]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(POOL), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_row_order_and_company_change_no_answer(addresses: list[str], rng: random.Random) -> None:
    orders = lines(*addresses)
    order = list(range(orders.height))
    rng.shuffle(order)
    whole = locate_orders(orders, zips=ZIPS, reference=REFERENCE)
    shuffled = locate_orders(orders[order], zips=ZIPS, reference=REFERENCE)
    alone = locate_orders(orders.head(1), zips=ZIPS, reference=REFERENCE)
    for table, other, first in zip(whole, shuffled, alone, strict=True):
        assert table.equals(other)
        assert table.filter(row=1).equals(first)
    assert whole[0].height + whole[1]["row"].n_unique() == orders.height
