"""Network folders: what is written reads back, what cannot be read is named, not raised."""

from __future__ import annotations

import gzip

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.model import InputUnusableError, UsageError
from crossdock.platform.store.network_files import (
    examine_network_files,
    read_network,
    write_network,
    write_network_rejects,
)
from crossdock.simulate.builtin import builtin_network
from minimal_network import DRIVERS, MINIMAL, written

COVERAGE = MINIMAL["coverage"]


@pytest.fixture
def folder(tmp_path):
    return written(MINIMAL, tmp_path / "network")


@pytest.mark.parametrize("metros", [1, 2, 3, 10, 45])
def test_the_built_in_network_reads_back_equal_and_clean(tmp_path, metros):
    network = builtin_network(metros)
    write_network(network, tmp_path / "network")
    reading = read_network(tmp_path / "network")
    assert reading.faults.is_empty()
    assert reading.warnings == ()
    for name, table in network.tables.items():
        assert table.equals(reading.network[name]), name


def test_a_network_with_dates_instants_and_seconds_reads_back_equal(folder, tmp_path):
    written(
        {
            "drivers": DRIVERS,
            "duty_log": "driver_id,status,from,to\n"
            "CY,ON,2026-11-30T06:00:00.250-05:00,2026-11-30T07:00:00Z\n"
            "CY,D,2026-11-30T12:00:00Z,2026-11-30T13:00:00Z\n",
            "calendars": "calendar_id,date,weekday,open,opens\nA,2026-12-24,,1,06:00:30\nA,,U,1,\n",
            "carriers": "carrier_id,kind,effective_from\nOWN,own,2026-01-01\nTL,common,\n",
        },
        folder,
    )
    first = examine_network_files(folder)
    write_network(first.network, tmp_path / "copy")
    again = examine_network_files(tmp_path / "copy")
    for name, table in first.network.tables.items():
        assert table.equals(again.network[name]), name
    assert again.rejects.is_empty()


def test_parquet_and_gzipped_csv_say_the_same_as_csv(folder, tmp_path):
    typed = tmp_path / "typed"
    typed.mkdir()
    for name, text in MINIMAL.items():
        if name in ("facilities", "vehicle_types"):
            pl.read_csv(text.encode()).write_parquet(typed / f"{name}.PARQUET")
        else:
            (typed / f"{name.title()}.csv.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    whole, packed = read_network(folder).network, read_network(typed).network
    assert all(table.equals(packed[name]) for name, table in whole.tables.items())


def test_typed_parquet_cells_are_read_as_csv_cells(folder):
    (folder / "coverage.csv").unlink()
    pl.DataFrame(
        {
            "zip": [462, 482],
            "facility_id": pl.Series(["IND", "DTW"], dtype=pl.Categorical),
            "carrier_id": ["OWN", "OWN"],
            "mode": ["own", "own"],
            "priority": [1.0, None],
            "effective_from": pl.Series(["2026-01-01", None]).str.to_date(),
        }
    ).write_parquet(folder / "coverage.parquet")
    coverage = read_network(folder).network["coverage"]
    assert coverage["zip"].to_list() == ["462", "482"]
    assert coverage["priority"].to_list() == [1, None]
    assert coverage["effective_from"].null_count() == 1


def test_excel_text_is_read(folder):
    text = (
        "\ufeff" + COVERAGE.replace("zip,", "ZIP ,").replace("\n", "\r\n") + ",,,\r\n\r\n,,,,\r\n"
    )
    (folder / "coverage.csv").write_bytes(text.encode())
    reading = read_network(folder)
    assert reading.faults.is_empty()
    assert reading.network["coverage"].height == 2


WHOLE_FILES = {
    "empty": (b"", "empty"),
    "UTF-16": (COVERAGE.encode("utf-16"), "UTF-8"),
    "UTF-16 without mark": (COVERAGE.encode("utf-16-le"), "UTF-8"),
    "header in Latin-1": (COVERAGE.replace("mode", "mod\u00e9").encode("latin-1"), "UTF-8"),
    "semicolons": (COVERAGE.replace(",", ";").encode(), "separated by ';'"),
    "column twice": (COVERAGE.replace("mode", "zip").encode(), "column zip twice"),
    "no data rows": (b"zip,facility_id,carrier_id,mode\n", "no data rows"),
    "no column": (COVERAGE.replace("mode", "way").encode(), "column mode is missing"),
    "binary": (bytes(range(256)) * 8, "UTF-8"),
}


@pytest.mark.parametrize(("content", "said"), WHOLE_FILES.values(), ids=WHOLE_FILES)
def test_an_unreadable_required_file_is_one_error_that_names_it(folder, content, said):
    (folder / "coverage.csv").write_bytes(content)
    with pytest.raises(InputUnusableError, match="coverage") as caught:
        read_network(folder)
    assert said in caught.value.message
    assert str(folder) not in caught.value.message
    assert caught.value.message.count("\n") == 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("coverage.csv.gz", b"not packed", "cannot be read"),
        ("coverage.csv.gz", gzip.compress(COVERAGE.encode(), mtime=0)[:-12], "cannot be read"),
        ("coverage.parquet", b"PAR1 no PAR1", "as Parquet"),
        ("coverage.parquet", b"", "as Parquet"),
    ],
)
def test_a_damaged_file_is_named(folder, name, content, said):
    (folder / "coverage.csv").unlink()
    (folder / name).write_bytes(content)
    unusable = examine_network_files(folder).unusable
    assert unusable["file"].to_list() == ["coverage"]
    assert said in unusable["reason"][0]


def test_an_unreadable_optional_file_is_left_out(folder):
    (folder / "zones.csv").write_bytes("carrier_id,zone\n".encode("utf-16"))
    reading = read_network(folder)
    assert reading.rejects.select("file", "row").rows() == [("zones", 0)]


ROWS = {
    "ragged": (b"490,DTW,OWN\n", "3 cells, the header 4"),
    "too wide": (b"490,DTW,OWN,own,own\n", "5 cells, the header 4"),
    "2 MB in a cell": (b"490,DTW,OWN," + b"x" * 2_000_000 + b"\n", "longer than"),
    "2 MB of lines in a cell": (b'490,DTW,OWN,"' + b"x\n" * 1_000_000 + b'"\n', "longer than"),
    "open quotation": (b'490,DTW,OWN,"own\n', "not closed"),
    "NUL": (b"490,DTW,OWN,o\0n\n", "NUL"),
    "Latin-1": (b"490,DTW,OWN,own\xe9\n", "UTF-8"),
}


@pytest.mark.parametrize(("line", "said"), ROWS.values(), ids=ROWS)
def test_a_broken_line_spoils_no_other(folder, line, said):
    header, first, second = COVERAGE.encode().splitlines(keepends=True)
    (folder / "coverage.csv").write_bytes(header + first + line + second)
    reading = read_network(folder)
    assert reading.network["coverage"]["zip"].to_list() == ["462", "482"]
    assert reading.rejects.select("file", "row").rows() == [("coverage", 2)]
    assert said in reading.rejects["reason"][0]
    assert reading.rejects["value"].str.len_chars().max() <= 80


def test_many_broken_lines_take_no_longer_than_good_ones(folder):
    (folder / "coverage.csv").write_text(COVERAGE + "490,DTW\n" * 50_000)
    assert read_network(folder).rejects.height == 50_000


def test_a_file_given_twice_is_unusable(folder):
    (folder / "coverage.csv.gz").write_bytes(gzip.compress(COVERAGE.encode(), mtime=0))
    with pytest.raises(InputUnusableError, match="more than once"):
        read_network(folder)


def test_a_table_of_another_name_is_named_in_a_warning(folder):
    (folder / "coverages.csv").write_text(COVERAGE)
    assert read_network(folder).warnings == ("coverages.csv: not a network file, left out",)


@pytest.mark.parametrize("name", ["gone", "network/coverage.csv"])
def test_what_is_no_folder_is_unusable(folder, name):
    with pytest.raises(InputUnusableError, match="no network folder"):
        read_network(folder.parent / name)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_bytes_anywhere_never_raise(folder, data):
    name = data.draw(st.sampled_from(sorted(MINIMAL)))
    content = MINIMAL[name].encode()
    at = data.draw(st.integers(0, len(content)))
    until = data.draw(st.integers(at, min(len(content), at + 8)))
    noise = data.draw(st.one_of(st.binary(max_size=6), st.sampled_from([b'"', b"\n", b",", b"\r"])))
    (folder / f"{name}.csv").write_bytes(content[:at] + noise + content[until:])
    reading = examine_network_files(folder)
    assert reading.usable or reading.unusable["remedy"].str.len_chars().min() > 0
    (folder / f"{name}.csv").write_bytes(content)


def test_writing_into_a_folder_with_files_needs_force_and_keeps_other_files(folder):
    (folder / "notes.txt").write_text("mine")
    (folder / "zones.csv").write_text("carrier_id,origin_zip3,dest_zip3,zone\n")
    network = builtin_network(1)
    with pytest.raises(UsageError, match="holds files already"):
        write_network(network, folder)
    assert (folder / "facilities.csv").read_text() == MINIMAL["facilities"]
    write_network(network, folder, force=True)
    assert not (folder / "zones.csv").exists()
    assert (folder / "notes.txt").read_text() == "mine"
    assert read_network(folder).network["facilities"].height == 1


def test_writing_onto_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file"):
        write_network(builtin_network(1), tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_rejects_are_written_whole(folder, tmp_path):
    (folder / "coverage.csv").write_text(COVERAGE + "1001,DTW,OWN,own\n")
    write_network_rejects(read_network(folder).rejects, tmp_path / "network_rejects.csv")
    lines = (tmp_path / "network_rejects.csv").read_text().splitlines()
    assert lines[0] == "file,row,field,value,reason,remedy"
    assert lines[1].startswith("coverage,3,zip,1001,not a ZIP,")
