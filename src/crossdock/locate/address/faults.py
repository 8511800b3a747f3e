"""Why an address cannot be delivered to: one rule, one expression."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from crossdock.locate.zips import SERVED_STATES, UNSERVED_STATES


class Fault(NamedTuple):
    """A rule that a parsed address breaks.

    Attributes
    ----------
    field
        Column of the structured form; a one-line address is named ``address``.
    fails
        True where the rule is broken.
    value, reason, remedy
        Text of the reject.
    """

    field: str
    fails: pl.Expr
    value: pl.Expr
    reason: pl.Expr
    remedy: pl.Expr


def place_faults() -> tuple[Fault, ...]:
    """Rules of state, ZIP and country in their order; a row is rejected for the first it breaks.

    The frame has ``state, zip, zip5, kind, country`` as parsed, ``zip_state`` as the ZIP table says
    (null: ZIP unknown).
    """
    zip_text, state, zip_state = pl.col("zip"), pl.col("state"), pl.col("zip_state")
    beyond = [*UNSERVED_STATES]
    return (
        Fault(
            "country",
            pl.col("country") != "US",
            pl.col("country"),
            pl.format("{} is not covered by this network yet", _place("country")),
            pl.lit("remove the order or hand it to a carrier that serves it"),
        ),
        Fault(
            "state",
            state.is_in(beyond),
            state,
            pl.format("{} is not covered by this network yet", _place("state")),
            pl.lit("remove the order or hand it to a carrier that serves it"),
        ),
        Fault(
            "zip",
            zip_text == "",
            zip_text,
            pl.lit("the address has no ZIP"),
            pl.lit("add the 5-digit ZIP"),
        ),
        Fault(
            "zip",
            zip_text.str.contains(r"^[0-9]{3,4}$"),
            zip_text,
            pl.format("ZIP {} has lost its leading zero", zip_text),
            pl.format("write {}", zip_text.str.zfill(5)),
        ),
        Fault(
            "zip",
            zip_state.is_null(),
            zip_text,
            pl.format("ZIP {} is not known", zip_text),
            pl.lit("correct the ZIP, 5 digits or ZIP+4"),
        ),
        Fault(
            "state",
            (state != "") & ~state.is_in([*SERVED_STATES, *beyond]),
            state,
            pl.format("state {} is not known", state),
            pl.lit("use the two-letter code of the state"),
        ),
        Fault(
            "state",
            (state != "") & (state != zip_state),
            state,
            pl.format("ZIP {} is in {}, the address says {}", pl.col("zip5"), zip_state, state),
            pl.lit("correct the ZIP or the state"),
        ),
        Fault(
            "zip",
            zip_state.is_in(beyond),
            zip_text,
            pl.format("{} is not covered by this network yet", _place("zip_state")),
            pl.lit("remove the order or hand it to a carrier that serves it"),
        ),
    )


def street_fault() -> Fault:
    """There must be something to drive to."""
    return Fault(
        "line1",
        pl.col("kind") == "none",
        pl.col("given_line1"),
        pl.lit("the address has no street"),
        pl.lit("add house number and street, or a PO box"),
    )


def _place(column: str) -> pl.Expr:
    names = {"CA": "Canada", "MX": "Mexico"} if column == "country" else _BEYOND_NAMES
    return pl.col(column).replace(list(names), list(names.values()))


_BEYOND_NAMES = {
    "AA": "military post AA",
    "AE": "military post AE",
    "AP": "military post AP",
    "AK": "Alaska",
    "HI": "Hawaii",
    "PR": "Puerto Rico",
    "GU": "Guam",
    "VI": "the Virgin Islands",
    "AS": "American Samoa",
    "MP": "the Northern Mariana Islands",
}
