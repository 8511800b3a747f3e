"""Orders checked field by field: what passes, and why the rest does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from crossdock.model.order.format import CHECKED_ORDERS, RAW_ORDERS
from crossdock.model.order.rules import Rule, order_rules
from crossdock.model.order.values import NUMBER_UNITS, read_values
from crossdock.model.tables import REJECTS, conform, empty

VALUE_CHARACTERS = 80
"""How much of an offending value a reject shows."""

_CONTROL = r"[\x00-\x1F\x7F-\x9F]"


def check_orders(
    raw: pl.DataFrame, *, services: Sequence[str], known_zips: pl.Series
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Check every field of every order but the address itself, which `locate` judges.

    Parameters
    ----------
    raw
        Frame of `RAW_ORDERS`.
    services
        Services that are sold.
    known_zips
        Every five-digit ZIP.

    Returns
    -------
    orders, rejects : polars.DataFrame
        Frames of `CHECKED_ORDERS` and `REJECTS`, sorted by row. A row with any fault is rejected,
        once a faulty field with the first rule that the field breaks; every other row is an order.
    """
    text = _trimmed(raw)
    parsed = text.with_columns(read_values(services))
    rules = order_rules(services, known_zips)
    judged = parsed.with_columns(_first_broken(rules))
    fault_columns = [_fault_column(field) for field in rules]
    judged = judged.with_columns(
        pl.all_horizontal(pl.col(fault_columns).is_null()).alias("_sound")
    ).with_columns(_first_sound_row())
    judged = judged.with_columns(
        (pl.col("_first_row").is_not_null() & (pl.col("row") > pl.col("_first_row"))).alias(
            "_duplicate"
        )
    )
    orders = judged.filter(pl.col("_sound") & ~pl.col("_duplicate")).sort("row")
    return _checked(orders), _rejects(judged, rules)


def _trimmed(raw: pl.DataFrame) -> pl.DataFrame:
    """Text without blanks around it; an empty cell is null."""
    frame = conform(raw, RAW_ORDERS)
    trimmed = pl.col(pl.String).str.strip_chars()
    return frame.with_columns(pl.when(trimmed != "").then(trimmed).name.keep())


def _fault_column(field: str) -> str:
    return f"_fault_{field}"


def _first_broken(rules: Mapping[str, tuple[Rule, ...]]) -> list[pl.Expr]:
    """Number of the first rule that each field breaks, null where it breaks none."""
    return [
        pl.coalesce(
            *(
                pl.when(rule.breaks.fill_null(value=False)).then(pl.lit(number, pl.Int8))
                for number, rule in enumerate(field_rules)
            )
        ).alias(_fault_column(field))
        for field, field_rules in rules.items()
    ]


def _first_sound_row() -> pl.Expr:
    return pl.when(pl.col("_sound")).then(pl.col("row")).min().over("order_id").alias("_first_row")


def _checked(orders: pl.DataFrame) -> pl.DataFrame:
    by_columns = pl.col("line1").is_not_null() & pl.col("zip").is_not_null()
    renamed = orders.with_columns(
        pl.when(~by_columns).then(pl.col("address")).alias("address"),
        *(
            pl.when(by_columns).then(pl.col(name)).alias(name)
            for name in ("line1", "line2", "city", "state", "zip")
        ),
        pl.col("_created_at").alias("created_at"),
        pl.col("_ship_from_zip").alias("ship_from_zip"),
        pl.col("_service").alias("service"),
        *(pl.col(f"_{name}").alias(name) for name in NUMBER_UNITS if name != "pieces"),
        pl.col("_pieces").fill_null(1).cast(pl.Int64).alias("pieces"),
    )
    return conform(renamed, CHECKED_ORDERS)


def _rejects(judged: pl.DataFrame, rules: Mapping[str, tuple[Rule, ...]]) -> pl.DataFrame:
    faulty = judged.filter(~pl.col("_sound") | pl.col("_duplicate"))
    if faulty.is_empty():
        return empty(REJECTS)
    found = [
        _reject_rows(faulty.filter(pl.col(_fault_column(field)) == number), field, rule)
        for field, field_rules in rules.items()
        for number, rule in enumerate(field_rules)
    ]
    duplicate = Rule(
        pl.col("_duplicate"),
        pl.format("order_id is already used in row {}", pl.col("_first_row")),
        pl.lit("give each order its own id, or remove the repeated row"),
    )
    found.append(_reject_rows(faulty.filter(pl.col("_duplicate")), "order_id", duplicate))
    fields = pl.Enum(list(rules))
    return pl.concat(found).sort("row", pl.col("field").cast(fields), maintain_order=True)


def _reject_rows(broken: pl.DataFrame, field: str, rule: Rule) -> pl.DataFrame:
    value = pl.col(field) if rule.value is None else rule.value
    return broken.select(
        pl.col("row").cast(pl.Int64),
        shown(pl.col("order_id")).alias("order_id"),
        pl.lit(field).alias("field"),
        shown(value).alias("value"),
        rule.reason.alias("reason"),
        rule.remedy.alias("remedy"),
    ).cast(pl.Schema(REJECTS))


def shown(text: pl.Expr) -> pl.Expr:
    """Text as a reject shows it: cut to 80 characters, unprintable ones replaced, never null."""
    cut = text.cast(pl.String).fill_null("").str.slice(0, VALUE_CHARACTERS)
    return cut.str.replace_all(_CONTROL, "\N{REPLACEMENT CHARACTER}")
