"""The tables of a run folder and of its network, as Polars frames."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

REQUIRED = (
    "orders", "parcels", "legs", "loads", "duties", "routes", "tours", "breaks", "fleet",
    "handoffs", "exceptions", "predictions", "decisions", "ledger", "kpis",
)  # fmt: skip
BACKGROUND = ("parcels", "orders", "loads", "state", "ledger")
"""Tables ``background_*`` of a run that began with parcels under way."""
OWN_KINDS = ("loaded", "empty", "bobtail")
_TIMES = ("inbound_cutoff", "starts", "ends", "order_cutoff", "delivery_by", "opens", "closes",
          "critical_entry", "shift_start", "shift_end", "available_from", "available_to",
          "departs")  # fmt: skip
_DATES = ("date", "effective_from", "effective_to", "insurance_expires", "issued", "expires")
_LISTS = ("roles", "modes", "endorsements")
_NOWHERE = pl.DataFrame(
    schema={
        "parcel_id": pl.String, "order_id": pl.String, "origin_facility_id": pl.String,
        "available_at": pl.Datetime("us", "UTC"), "load_id": pl.String,
    }
)  # fmt: skip
_WORDS = ("zip", "zip3", "zone", "origin_zip3", "dest_zip3")


@dataclass(frozen=True)
class Run:
    """A run folder, read once.

    ``tables`` are those of the plan; of a run that was played they lie in ``plan/``, and ``actual``
    holds what happened (None: nothing has).
    """

    tables: dict[str, pl.DataFrame]
    network_tables: dict[str, pl.DataFrame]
    rejects: pl.DataFrame
    manifest: dict[str, Any]
    actual: dict[str, pl.DataFrame] | None = None

    @classmethod
    def read(cls, path: Path) -> Run:
        aside = path / "plan"
        plan = aside if aside.is_dir() else path
        tables = {name: pl.read_parquet(plan / f"{name}.parquet") for name in REQUIRED}
        for name in BACKGROUND:
            file = plan / f"background_{name}.parquet"
            if file.is_file():
                tables[file.stem] = pl.read_parquet(file)
        played = (path / "events.parquet").is_file()
        return cls(
            tables,
            read_network(path / "network"),
            pl.read_csv(path / "rejects.csv", infer_schema=False),
            json.loads((path / "manifest.json").read_text(encoding="utf-8")),
            {file.stem: pl.read_parquet(file) for file in path.glob("*.parquet")}
            if played
            else None,
        )

    def __getitem__(self, name: str) -> pl.DataFrame:
        return self.tables[name]

    def background(self, name: str) -> pl.DataFrame:
        """A table of what was under way when the run began; after a cold start without rows."""
        if f"background_{name}" in self.tables:
            return self.tables[f"background_{name}"]
        return _NOWHERE if name == "state" else self.tables[name].clear()

    def whole(self, name: str) -> pl.DataFrame:
        """The day's rows of a table, then those of the background."""
        own = self.tables[name]
        return pl.concat([own, self.background(name).select(own.columns)])

    def network(self, name: str) -> pl.DataFrame:
        """A network table; without a file, an empty frame without columns."""
        return self.network_tables.get(name, pl.DataFrame())

    @cached_property
    def facilities(self) -> dict[str, dict[str, Any]]:
        return {row["facility_id"]: row for row in self.network("facilities").to_dicts()}

    @cached_property
    def carriers(self) -> dict[str, dict[str, Any]]:
        return {row["carrier_id"]: row for row in self.network("carriers").to_dicts()}

    @cached_property
    def vehicle_types(self) -> dict[str, dict[str, Any]]:
        return {row["vehicle_type"]: row for row in self.network("vehicle_types").to_dicts()}

    @cached_property
    def tractor(self) -> dict[str, Any] | None:
        """The type that pulls trailers (the cheapest); None: trailers include it."""
        tractors = [each for each in self.vehicle_types.values() if each["class"] == "tractor"]
        return min(tractors, key=lambda each: each["cost_usd_mile"] or 0.0, default=None)

    @cached_property
    def loads_by_id(self) -> dict[str, dict[str, Any]]:
        return {row["load_id"]: row for row in self["loads"].to_dicts()}

    @cached_property
    def begins_at(self) -> dt.datetime | None:
        """The first instant of the day's own orders."""
        return self["orders"]["created_at"].min()  # type: ignore[return-value]

    @cached_property
    def lanes(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {(row["from"], row["to"]): row for row in self.network("lanes").to_dicts()}

    @cached_property
    def shortfalls(self) -> set[str]:
        """Parcels that nobody could take, of the background too."""
        kept = self["exceptions"].filter(pl.col("kind") == "capacity_shortfall")
        return set(kept["parcel_id"].drop_nulls())

    @cached_property
    def first_date(self) -> dt.date:
        return self["parcels"]["ship_date"].min() or dt.date(2026, 1, 1)  # type: ignore[return-value]


def read_network(folder: Path) -> dict[str, pl.DataFrame]:
    """Network tables from Parquet, or from the CSV files that users write."""
    files = sorted(folder.glob("*.parquet"))
    if files:
        tables = {file.stem: pl.read_parquet(file) for file in files}
    else:
        tables = {file.stem: _typed(file) for file in sorted(folder.glob("*.csv"))}
    return {name: table for name, table in tables.items() if table.height}


def rows_of(orders: Path) -> int:
    """Data rows of an orders file, CSV or Parquet."""
    if orders.suffix == ".parquet":
        return pl.read_parquet(orders).height
    return pl.read_csv(orders, infer_schema=False).height


def _typed(file: Path) -> pl.DataFrame:
    """Columns of a network CSV file with the types of the written contract."""
    table = pl.read_csv(file, infer_schema=False)
    numbers = pl.read_csv(file, infer_schema_length=None).schema
    columns: list[pl.Expr] = []
    for name in table.columns:
        column = pl.col(name)
        if name in _TIMES:
            column = column.str.to_time("%H:%M")
        elif name in _DATES:
            column = column.str.to_date()
        elif name in _LISTS:
            column = column.str.split(";")
        elif name == "open":
            column = column.is_in(["1", "true"])
        elif name not in _WORDS and numbers[name].is_numeric():
            column = column.cast(numbers[name])
        columns.append(column)
    full = table.select(columns)
    absent = [pl.lit(None, pl.Date).alias(name) for name in _DATES[1:3] if name not in full.columns]
    return full.with_columns(absent)
