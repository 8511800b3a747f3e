"""Which rows of the network files differ between two runs, cell by cell."""

from __future__ import annotations

import polars as pl

from crossdock.model.network import NETWORK_FILES, FileSpec, Network

INPUT_CHANGES = (
    "file",
    "row",
    "key",
    "field",
    "before",
    "after",
    "text",
)

_KEYS_OF_KEYLESS = {
    "rates": (
        "carrier_id",
        "mode",
        "vehicle_type",
        "from",
        "to",
        "zone",
        "entry_level",
        "weight_from_kg",
        "weight_to_kg",
        "basis",
    ),
    "appointments": ("facility_id", "partner_id", "days"),
    "duty_log": ("driver_id", "from"),
}


def network_changes(before: Network, after: Network) -> pl.DataFrame:
    """Cells that differ between two networks.

    Rows are matched by the key of their file (rates: everything but the amounts) and the date from
    which they hold; rows that share it, by their order.

    Returns
    -------
    pl.DataFrame
        ``file, row`` (1-based data row in ``after``; of a removed row, in ``before``), ``key,
        field`` (null: the whole row came or went), ``before, after``, and ``text``, for example
        ``rates row 12 (own linehaul): rate_usd 2.26 -> 2.6``.
    """
    changes = [
        _file_changes(spec, before[name], after[name]) for name, spec in NETWORK_FILES.items()
    ]
    return pl.concat(changes)


def _file_changes(spec: FileSpec, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    key = (*(spec.key or _KEYS_OF_KEYLESS[spec.name]), "effective_from")
    fields = [column for column in spec.schema if column not in key]
    both = _as_text(before, key).join(
        _as_text(after, key), on=["key", "nth"], how="full", suffix="_after", coalesce=True
    )
    came, went = pl.col("row").is_null(), pl.col("row_after").is_null()
    changed = pl.concat(
        [
            both.filter(came).select(_change_columns(None, pl.lit("no row"), pl.lit("added"))),
            both.filter(went).select(_change_columns(None, pl.lit("a row"), pl.lit("removed"))),
            *(
                both.filter(
                    ~came & ~went & pl.col(field).ne_missing(pl.col(f"{field}_after"))
                ).select(_change_columns(field, pl.col(field), pl.col(f"{field}_after")))
                for field in fields
            ),
        ]
    )
    return (
        changed.with_columns(file=pl.lit(spec.name))
        .with_columns(text=_change_text())
        .sort("row", "field", nulls_last=False, maintain_order=True)
        .select(*INPUT_CHANGES)
    )


def _as_text(frame: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """Every cell as text, with the row's number, its key, and its place among equal keys."""
    cells = [
        pl.col(name).list.join(";") if dtype == pl.List(pl.String) else pl.col(name).cast(pl.String)
        for name, dtype in frame.schema.items()
    ]
    return (
        frame.select(cells)
        .with_columns(
            row=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
            key=pl.concat_str([pl.col(name).fill_null("") for name in key], separator=" ")
            .str.replace_all(r"\s+", " ")
            .str.strip_chars(),
        )
        .with_columns(nth=pl.int_range(pl.len()).over("key"))
    )


def _change_columns(field: str | None, before: pl.Expr, after: pl.Expr) -> list[pl.Expr]:
    return [
        pl.coalesce("row_after", "row").alias("row"),
        pl.col("key"),
        pl.lit(field, dtype=pl.String).alias("field"),
        before.fill_null("").alias("before"),
        after.fill_null("").alias("after"),
    ]


def _change_text() -> pl.Expr:
    row = pl.format("{} row {} ({})", "file", "row", "key")
    cell = pl.format("{}: {} {} -> {}", row, "field", _or_empty("before"), _or_empty("after"))
    return pl.when(pl.col("field").is_null()).then(pl.format("{} {}", row, "after")).otherwise(cell)


def _or_empty(name: str) -> pl.Expr:
    return pl.when(pl.col(name) == "").then(pl.lit("(empty)")).otherwise(pl.col(name))
