"""The offline ZIP table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from crossdock.locate.zips import (
    SERVED_STATES,
    UNSERVED_STATES,
    place_of_address,
    zip3_centroids,
    zip_table,
)


def test_the_served_states_are_the_48_and_the_district() -> None:
    assert len(SERVED_STATES) == 49
    assert not set(SERVED_STATES) & set(UNSERVED_STATES)
    assert set(zip_table()["state"]) == {*SERVED_STATES, *UNSERVED_STATES}


def test_the_table_is_what_its_script_builds(tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "scripts" / "build_zip_table.py"
    subprocess.run([sys.executable, script, tmp_path / "zips.parquet"], check=True)
    assert pl.read_parquet(tmp_path / "zips.parquet").equals(zip_table())


def test_every_zip_is_there_once_with_leading_zeros() -> None:
    zips = zip_table()
    assert zips.height > 41_000
    assert zips["zip5"].is_unique().all()
    assert zips["zip5"].str.len_chars().unique().to_list() == [5]
    assert zips.filter(pl.col("zip5") == "02108")["city"].item() == "Boston"


def test_every_served_zip_has_a_place_in_the_48_states_and_a_time_zone() -> None:
    served = zip_table().filter(pl.col("state").is_in(SERVED_STATES))
    assert served["latitude"].is_between(24, 50).all()
    assert served["longitude"].is_between(-125, -66).all()
    assert served["timezone"].str.contains("/").all()


def test_areas_lie_where_their_zips_lie() -> None:
    chicago = zip3_centroids().filter(pl.col("zip3") == "606").row(0, named=True)
    assert (chicago["state"], chicago["timezone"]) == ("IL", "America/Chicago")
    assert chicago["latitude"] == pytest.approx(41.88, abs=0.2)


def test_an_address_is_placed_at_its_last_zip() -> None:
    assert place_of_address("90210 Main St, Boston MA 02108-1234") == pytest.approx(
        (42.357, -71.064), abs=0.05
    )
    assert place_of_address("Main St, Nowhere") is None
    assert place_of_address("Main St, 00000") is None
