"""The rules of an order's fields: one rule, one expression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from crossdock.model.order.format import ADDRESS_PARTS
from crossdock.model.order.values import ISO_8601, NUMBER, NUMBER_UNITS
from crossdock.model.units import KG_PER_POUND

MAX_WEIGHT_KG = 150 * KG_PER_POUND
MAX_SIDE_CM = 108 * 2.54
MAX_LENGTH_AND_GIRTH_CM = 165 * 2.54
"""Parcel limits of UPS (Rate and Service Guide, "Maximum size and weight limits") and FedEx Ground:
150 lb, 108 in long, 165 in length and girth; beyond them a piece is freight."""

MAX_DECLARED_VALUE_USD = 1_000_000.0
MAX_PIECES = 999
YEARS = (2000, 2100)
MAX_ID_CHARACTERS = 64
MAX_TEXT_CHARACTERS = 500

_DAMAGED = r"[\x{FFFD}\x00]"
_CONTROL = r"[\x00-\x1F\x7F-\x9F]"
_CONTROL_BUT_BREAKS = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]"
_NOT_FINITE = r"(?i)^[+-]?(?:nan|inf|infinity|#n/a|#num!|#div/0!)$"
_SIDES = ("length_cm", "width_cm", "height_cm")
_LIMIT_REMEDY = "correct the measure, or ship it as freight"


class Rule(NamedTuple):
    """One rule of one field.

    Attributes
    ----------
    breaks
        True where a row breaks it; null counts as kept.
    reason, remedy
        Text of the reject.
    value
        The offending value; by default the field's text.
    """

    breaks: pl.Expr
    reason: pl.Expr
    remedy: pl.Expr
    value: pl.Expr | None = None


def order_rules(services: Sequence[str], known_zips: pl.Series) -> Mapping[str, tuple[Rule, ...]]:
    """Rules by field, each field's in the order in which they are tried."""
    rules: dict[str, tuple[Rule, ...]] = {
        "order_id": (*_text_rules("order_id"), _too_long("order_id", MAX_ID_CHARACTERS)),
        "created_at": (_missing("created_at"), *_instant_rules()),
        "merchant_id": (*_text_rules("merchant_id"), _too_long("merchant_id", MAX_ID_CHARACTERS)),
        "ship_from_zip": (_missing("ship_from_zip"), *_ship_from_rules(known_zips)),
        "recipient": (*_text_rules("recipient"), _too_long("recipient", MAX_TEXT_CHARACTERS)),
        **_address_rules(),
        "service": (_missing("service"), _unknown_service(services)),
        "weight_kg": (*_measure_rules("weight_kg"), _above("weight_kg", MAX_WEIGHT_KG, "kg")),
        **{side: (*_measure_rules(side), _above(side, MAX_SIDE_CM, "cm")) for side in _SIDES},
        "declared_value_usd": (
            *_number_rules("declared_value_usd"),
            _negative("declared_value_usd"),
            _above("declared_value_usd", MAX_DECLARED_VALUE_USD, "USD"),
        ),
        "pieces": (*_number_rules("pieces", needed=False), _not_whole("pieces")),
    }
    rules["length_cm"] = (*rules["length_cm"], _girth())
    return rules


def _missing(field: str) -> Rule:
    return Rule(pl.col(field).is_null(), pl.lit(f"{field} is missing"), pl.lit(f"fill in {field}"))


def _text_rules(field: str) -> tuple[Rule, ...]:
    return (_missing(field), _damaged(field), _control(field, _CONTROL))


def _damaged(field: str) -> Rule:
    return Rule(
        pl.col(field).str.contains(_DAMAGED),
        pl.lit("holds bytes that are not UTF-8 text"),
        pl.lit("save the file as UTF-8"),
    )


def _control(field: str, pattern: str) -> Rule:
    return Rule(
        pl.col(field).str.contains(pattern),
        pl.lit("holds control characters"),
        pl.lit("remove the unprintable characters"),
    )


def _too_long(field: str, characters: int) -> Rule:
    return Rule(
        pl.col(field).str.len_chars() > characters,
        pl.format("is {} characters long", pl.col(field).str.len_chars()),
        pl.lit(f"shorten it to {characters} characters"),
    )


def _instant_rules() -> tuple[Rule, ...]:
    text = pl.col("created_at")
    instant = pl.col("_created_at")
    shaped = text.str.contains(ISO_8601)
    offset = text.str.extract_groups(ISO_8601).struct["offset"]
    return (
        Rule(
            ~shaped,
            pl.lit("is not an ISO 8601 time"),
            pl.lit("write it like 2026-11-30T09:15:00-05:00"),
        ),
        Rule(
            offset.is_null(),
            pl.lit("has no UTC offset"),
            pl.lit("add the offset of the place, like -05:00, or Z"),
        ),
        Rule(
            instant.is_null(),
            pl.lit("is not a real date and time"),
            pl.lit("correct the date, time or offset"),
        ),
        Rule(
            ~instant.dt.year().is_between(*YEARS),
            pl.format("year {} is out of range", instant.dt.year()),
            pl.lit(f"write a year from {YEARS[0]} to {YEARS[1]}"),
        ),
    )


def _ship_from_rules(known_zips: pl.Series) -> tuple[Rule, ...]:
    text = pl.col("ship_from_zip")
    return (
        Rule(
            text.str.contains(r"^[0-9]{3,4}$"),
            pl.format("ZIP {} has lost its leading zero", text),
            pl.format("write {}", text.str.zfill(5)),
        ),
        Rule(
            pl.col("_ship_from_zip").is_null(),
            pl.lit("is not a ZIP"),
            pl.lit("write 5 digits or ZIP+4"),
        ),
        Rule(
            ~pl.col("_ship_from_zip").is_in(known_zips.implode()),
            pl.format("ZIP {} is not known", text),
            pl.lit("correct the ZIP"),
        ),
    )


def _address_rules() -> dict[str, tuple[Rule, ...]]:
    """The address is there, in one line or in columns, and is text that can be read."""
    in_columns = pl.any_horizontal(pl.col(*ADDRESS_PARTS, "line2").is_not_null())
    one_line = pl.col("address").is_not_null()
    absent = Rule(
        ~one_line & ~in_columns, pl.lit("address is missing"), pl.lit("fill in the address")
    )
    no_street = Rule(
        in_columns & ~one_line & pl.col("line1").is_null(),
        pl.lit("line1 is missing"),
        pl.lit("fill in house number and street"),
    )
    no_zip = Rule(
        in_columns & ~one_line & pl.col("zip").is_null(),
        pl.lit("zip is missing"),
        pl.lit("fill in the 5-digit ZIP"),
    )
    first = {"address": (absent,), "line1": (no_street,), "zip": (no_zip,)}
    return {
        field: (
            *first.get(field, ()),
            _damaged(field),
            _control(field, _CONTROL_BUT_BREAKS),
            _too_long(field, MAX_TEXT_CHARACTERS),
        )
        for field in ("address", "line1", "line2", "city", "state", "zip")
    }


def _unknown_service(services: Sequence[str]) -> Rule:
    return Rule(
        pl.col("_service").is_null(),
        pl.lit("is not a service of this network"),
        pl.lit(f"use one of {', '.join(services)}"),
    )


def _number_rules(field: str, *, needed: bool = True) -> tuple[Rule, ...]:
    text = pl.col(field)
    rules = (
        Rule(
            text.str.contains(_NOT_FINITE),
            pl.lit("is not a finite number"),
            pl.lit(f"write the number of {NUMBER_UNITS[field]}"),
        ),
        Rule(
            ~text.str.contains(NUMBER),
            pl.lit("is not a number"),
            pl.lit(f"write the {NUMBER_UNITS[field]} alone, with a decimal point"),
        ),
        Rule(
            pl.col(f"_{field}").is_null() | ~pl.col(f"_{field}").is_finite(),
            pl.lit("is not a finite number"),
            pl.lit(f"write the number of {NUMBER_UNITS[field]}"),
        ),
    )
    if needed:
        return (_missing(field), *rules)
    return tuple(rule._replace(breaks=text.is_not_null() & rule.breaks) for rule in rules)


def _measure_rules(field: str) -> tuple[Rule, ...]:
    zero = Rule(
        pl.col(f"_{field}") == 0,
        pl.lit("is zero"),
        pl.lit(f"write the {NUMBER_UNITS[field]} of the packed piece"),
    )
    return (*_number_rules(field), _negative(field), zero)


def _negative(field: str) -> Rule:
    return Rule(pl.col(f"_{field}") < 0, pl.lit("is negative"), pl.lit("correct the sign"))


def _above(field: str, limit: float, unit: str) -> Rule:
    return Rule(
        pl.col(f"_{field}") > limit,
        pl.lit(f"is above {limit:,.0f} {unit}"),
        pl.lit("correct the value" if unit == "USD" else _LIMIT_REMEDY),
    )


def _girth() -> Rule:
    """Length and girth: the longest side and the way around the other two."""
    sides = [pl.col(f"_{side}") for side in _SIDES]
    around = 2 * pl.sum_horizontal(sides) - pl.max_horizontal(sides)
    whole = pl.all_horizontal(
        *(side.is_not_null() & (side > 0) & (side <= MAX_SIDE_CM) for side in sides)
    )
    return Rule(
        whole & (around > MAX_LENGTH_AND_GIRTH_CM),
        pl.format(
            f"length and girth of {{}} cm are above {MAX_LENGTH_AND_GIRTH_CM:.0f} cm",
            around.round(0).cast(pl.Int64),
        ),
        pl.lit(_LIMIT_REMEDY),
        pl.concat_str(_SIDES, separator=" x "),
    )


def _not_whole(field: str) -> Rule:
    number = pl.col(f"_{field}")
    return Rule(
        (number != number.floor()) | ~number.is_between(1, MAX_PIECES),
        pl.lit(f"is not a whole number from 1 to {MAX_PIECES}"),
        pl.lit("write how many pieces the order has"),
    )
