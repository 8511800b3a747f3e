"""Layers find rows the same way however large they are, and keep one of each."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.operate import layers
from crossdock.operate.layers import Layers, union

SCHEMA = {
    "source": pl.String,
    "source_event_id": pl.String,
    "received_at": pl.Int64,
    "parcel_id": pl.String,
}
PARCELS = ["P1", "P2", "P3", "", None]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.integers(0, 30).map(str),
        st.integers(0, 3),
        st.sampled_from(PARCELS),
    ),
    max_size=12,
)


def frame(rows) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def told(rows: pl.DataFrame) -> list[tuple]:
    return sorted(rows.rows(), key=repr)


@pytest.fixture(autouse=True, params=[1, 1_000_000], ids=["indexed", "scanned"])
def indexed(request, monkeypatch) -> None:
    monkeypatch.setattr(layers, "_INDEXED_ROWS", request.param)


@settings(deadline=None)
@given(st.lists(ROWS, max_size=8), st.lists(st.sampled_from(["P1", "P2", "P9", "", None])))
def test_the_rows_of_some_parcels_are_those_that_name_them(batches, wanted):
    kept = Layers(SCHEMA, union)
    for batch in batches:
        # Every delivery of an event names the same parcel.
        kept = kept.with_rows(frame([(*row[:3], PARCELS[int(row[1]) % 5]) for row in batch]))
        ids = pl.Series(wanted, dtype=pl.String)
        found = kept.of("parcel_id", ids).whole
        named = {each for each in wanted if each is not None}
        assert told(found) == told(kept.whole.filter(pl.col("parcel_id").is_in(list(named))))


@settings(deadline=None)
@given(st.lists(ROWS, max_size=8))
def test_of_several_deliveries_the_earliest_is_kept(batches):
    kept = Layers(SCHEMA, union)
    for batch in batches:
        kept = kept.with_rows(frame(batch))
    first: dict[tuple, tuple] = {}
    for row in (row for batch in batches for row in batch):
        key = row[:2]
        order = (row[2], row[3] is not None, row[3] or "")
        if key not in first or order < first[key][0]:
            first[key] = (order, row)
    assert told(kept.whole) == sorted((row for _, row in first.values()), key=repr)
