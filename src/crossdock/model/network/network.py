"""A checked network: every table typed, every needed reference whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from crossdock.model.network.spec import NETWORK_FILES
from crossdock.model.tables import conform, empty


@dataclass(frozen=True)
class Network:
    """The network files as typed frames, defaults filled in.

    Build it with `crossdock.model.network.check_network`, which validates, or from trusted frames
    with `Network.of`.

    Attributes
    ----------
    tables
        One frame a file of the format, with the schema of its `FileSpec`. A file that the user did
        not give is empty or holds the defaults that ``assumptions`` names.
    assumptions
        What was assumed instead of a missing file or cell, one sentence each.
    """

    tables: Mapping[str, pl.DataFrame]
    assumptions: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, tables: Mapping[str, pl.DataFrame], assumptions: tuple[str, ...] = ()) -> Network:
        """Network of ``tables``; absent files are empty."""
        return cls(
            {
                name: conform(tables[name], spec.schema) if name in tables else empty(spec.schema)
                for name, spec in NETWORK_FILES.items()
            },
            assumptions,
        )

    def __getitem__(self, name: str) -> pl.DataFrame:
        """Frame of the file ``name``."""
        return self.tables[name]

    def on(self, date: dt.date) -> Network:
        """Network of the rows in force on ``date``."""
        held = {
            name: frame.filter(
                (pl.col("effective_from").is_null() | (pl.col("effective_from") <= date))
                & (pl.col("effective_to").is_null() | (pl.col("effective_to") >= date))
            )
            for name, frame in self.tables.items()
        }
        return Network(held, self.assumptions)

    @property
    def timezones(self) -> Mapping[str, str]:
        """IANA time zone by facility id."""
        facilities = self["facilities"]
        return dict(zip(facilities["facility_id"], facilities["timezone"], strict=True))
