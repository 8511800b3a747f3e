"""Orders files, good and bad: what is read, what is rejected, what is refused."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.locate.address import locate_orders
from crossdock.locate.zips import zip_table
from crossdock.model import InputUnusableError
from crossdock.model.order import RAW_ORDERS, check_orders
from crossdock.platform.store.orders_file import read_orders
from crossdock.platform.store.reference_data import data_root, load_address_reference

HEADER = (
    "order_id,created_at,merchant_id,ship_from_zip,recipient,address,service,"
    "weight_kg,length_cm,width_cm,height_cm,declared_value_usd"
)
FIELDS = HEADER.split(",")
GOOD = {
    "created_at": "2026-11-30T09:15:00-05:00",
    "merchant_id": "M-1",
    "ship_from_zip": "07102",
    "recipient": "Mary Garcia",
    "address": "12 Main St, Newark, NJ 07102",
    "service": "2-day",
    "weight_kg": "1.5",
    "length_cm": "30",
    "width_cm": "20",
    "height_cm": "10",
    "declared_value_usd": "49.90",
}


def line(order_id: str, **changes: str) -> str:
    text = io.StringIO()
    csv.DictWriter(text, FIELDS, lineterminator="\n").writerow(
        {"order_id": order_id, **GOOD, **changes}
    )
    return text.getvalue()


def written(tmp_path: Path, content: str | bytes, name: str = "orders.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def every_kind_of_bad_row() -> tuple[bytes, set[tuple[int, str]]]:
    """A file of good rows between bad ones, and the (row, field) pairs that must be rejected."""
    bad: list[tuple[str | bytes, tuple[str, ...]]] = [
        (line("B1", recipient=""), ("recipient",)),
        (line("B2", weight_kg="12kg"), ("weight_kg",)),
        (line("B3", declared_value_usd="NaN"), ("declared_value_usd",)),
        (line("B4", address="1 Elm St, Newark, NJ 00000"), ("address",)),
        (line("B5", address="1 Elm St, Newark, ZZ 07102"), ("address",)),
        (line("B6", address="1 Elm St, Newark, IL 07102"), ("address",)),
        (line("B7", address="1 Elm St, Anchorage, AK 99501"), ("address",)),
        (line("B8", weight_kg="-1", height_cm="5000"), ("weight_kg", "height_cm")),
        (line("B9", service="overnight"), ("service",)),
        (line("B10", created_at="30/11/2026"), ("created_at",)),
        (line("B11", created_at="2026-11-30T09:15:00"), ("created_at",)),
        (line("G1"), ("order_id",)),
        (line("B13", address="x" * 2_000_000), ("address",)),
        (line("B14", recipient="Jos\xe9").encode("latin-1"), ("recipient",)),
        ("B15,2026-11-30T09:15:00-05:00,M-1\n", ("",)),
        (line("B16").rstrip("\n") + ",one,two\n", ("",)),
        ('B17,"an open quote,M-1,07102\n', ("",)),
        (line("B18").replace('"12 Main', '"12 "Main'), ("",)),
        (line("B19", merchant_id="M\x001"), ("merchant_id",)),
        (line("B20", ship_from_zip="7102"), ("ship_from_zip",)),
        (line("B21", address="Newark, NJ 07102"), ("address",)),
    ]
    content = f"{HEADER}\n".encode() + line("G1").encode()
    expected: set[tuple[int, str]] = set()
    for index, (text, fields) in enumerate(bad):
        row = 2 * index + 2
        content += text.encode() if isinstance(text, str) else text
        content += line(f"G{index + 2}").encode()
        expected |= {(row, field) for field in fields}
    return content, expected


def test_every_kind_of_bad_row_is_rejected_and_every_good_row_is_kept(tmp_path: Path) -> None:
    content, expected = every_kind_of_bad_row()
    zips = zip_table()
    raw = read_orders(written(tmp_path, content))
    orders, faulty = check_orders(raw.frame, services=["2-day", "3-day"], known_zips=zips["zip5"])
    located, unlocated = locate_orders(orders, zips=zips)
    rejects = pl.concat([raw.rejects, faulty, unlocated])
    assert set(rejects.select("row", "field").rows()) == expected
    assert located["row"].to_list() == list(range(1, raw.rows + 1, 2))
    assert rejects["value"].str.len_chars().max() == 80
    assert (rejects["reason"] != "").all()
    assert (rejects["remedy"] != "").all()


def test_plain_packed_and_parquet_files_hold_the_same_orders(tmp_path: Path) -> None:
    text = f"{HEADER}\n{line('A')}{line('B')}"
    plain = read_orders(written(tmp_path, text)).frame
    packed = read_orders(written(tmp_path, gzip.compress(text.encode()), "orders.csv.gz")).frame
    parquet = tmp_path / "orders.parquet"
    plain.drop("row").write_parquet(parquet)
    assert plain.schema == pl.Schema(RAW_ORDERS)
    assert plain.height == 2
    assert packed.equals(plain)
    assert read_orders(parquet).frame.equals(plain)


def test_parquet_instants_keep_their_zone_and_numbers_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    pl.DataFrame({"order_id": ["A"], **{name: [text] for name, text in GOOD.items()}}).with_columns(
        created_at=pl.lit(dt.datetime(2026, 11, 30, 14, 15, tzinfo=dt.UTC)),
        weight_kg=pl.lit(0.1),
        ship_from_zip=pl.lit(7102),
    ).write_parquet(path)
    row = read_orders(path).frame.row(0, named=True)
    assert row["created_at"] == "2026-11-30T14:15:00.000000+00:00"
    assert (row["weight_kg"], row["ship_from_zip"]) == ("0.1", "7102")


def test_a_byte_order_mark_case_and_blanks_of_the_header_do_not_matter(tmp_path: Path) -> None:
    header = ", ".join(name.upper() for name in FIELDS)
    raw = read_orders(written(tmp_path, f"\ufeff{header}\r\n{line('A')}"))
    assert raw.frame["order_id"].to_list() == ["A"]
    assert raw.warnings == ()


def test_unknown_and_repeated_columns_are_ignored_with_a_warning(tmp_path: Path) -> None:
    text = f"{HEADER},colour,service\n{line('A').strip()},red,3-day\n"
    raw = read_orders(written(tmp_path, text))
    assert raw.frame["service"].to_list() == ["2-day"]
    assert len(raw.warnings) == 2


def test_an_address_may_hold_line_breaks_and_doubled_quotes(tmp_path: Path) -> None:
    address = '12 Main St\n"rear"\nNewark, NJ 07102'
    raw = read_orders(written(tmp_path, f"{HEADER}\n{line('A', address=address)}\n\n{line('B')}"))
    assert raw.frame["address"].to_list() == [address, GOOD["address"]]
    assert raw.frame["row"].to_list() == [1, 2]


def test_a_quote_that_is_never_closed_spoils_its_own_line_only(tmp_path: Path) -> None:
    after = "".join(line(f"G{number}") for number in range(50))
    raw = read_orders(written(tmp_path, f'{HEADER}\nB,"2026\n{after}'))
    assert raw.rejects["row"].to_list() == [1]
    assert raw.frame["row"].to_list() == list(range(2, 52))


def test_a_lone_quote_inside_a_cell_is_text(tmp_path: Path) -> None:
    text = f"{HEADER}\n{line('A').replace('Mary Garcia', 'Ann 5' + chr(34))}{line('B')}"
    raw = read_orders(written(tmp_path, text))
    assert raw.frame["recipient"].to_list() == ['Ann 5"', "Mary Garcia"]


def test_address_columns_are_as_good_as_an_address_line(tmp_path: Path) -> None:
    header = HEADER.replace("address", "line1,city,state,zip")
    row = line("A").replace('"12 Main St, Newark, NJ 07102"', "12 Main St,Newark,NJ,07102")
    assert read_orders(written(tmp_path, f"{header}\n{row}")).frame["zip"].to_list() == ["07102"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("orders.csv", b"", "is empty"),
        ("orders.csv", b"\n \n", "is empty"),
        ("orders.csv", HEADER.encode(), "has no orders"),
        ("orders.csv", HEADER.encode() + b"\n\n\n", "has no orders"),
        ("orders.csv", HEADER.encode("utf-16"), "is not UTF-8"),
        ("orders.csv", HEADER.encode("utf-16-le"), "is not UTF-8"),
        ("orders.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "lacks the columns"),
        ("orders.csv", HEADER.replace(",service,weight_kg", "").encode(), "service, weight_kg"),
        ("orders.csv", HEADER.replace("address", "line1,city").encode(), "columns state, zip"),
        ("orders.csv", HEADER.replace(",address", "").encode(), "column address"),
        ("orders.csv.gz", b"not packed", "cannot be read"),
        ("orders.csv.gz", gzip.compress(HEADER.encode())[:-9], "cannot be read"),
        ("orders.parquet", b"PAR1 no", "is not a Parquet table"),
    ],
)
def test_a_file_that_is_no_orders_table_is_refused_with_a_remedy(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    with pytest.raises(InputUnusableError, match=words) as refused:
        read_orders(written(tmp_path, content, name))
    assert refused.value.remedy
    assert refused.value.exit_code == 2


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputUnusableError, match="does not exist"):
        read_orders(tmp_path / "none.csv")
    with pytest.raises(InputUnusableError, match="not a file"):
        read_orders(tmp_path)


def test_a_file_over_the_bound_is_refused_also_when_packed(tmp_path: Path) -> None:
    text = f"{HEADER}\n{line('A') * 500}".encode()
    with pytest.raises(InputUnusableError, match="more than"):
        read_orders(written(tmp_path, text), max_bytes=10_000)
    with pytest.raises(InputUnusableError, match="more than the size bound"):
        read_orders(written(tmp_path, gzip.compress(text), "orders.csv.gz"), max_bytes=10_000)


def test_a_parquet_file_of_lists_or_without_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    frame = pl.DataFrame({name: ["x"] for name in FIELDS})
    frame.with_columns(service=pl.concat_list("service")).write_parquet(path)
    with pytest.raises(InputUnusableError, match="service"):
        read_orders(path)
    frame.clear().write_parquet(path)
    with pytest.raises(InputUnusableError, match="no orders"):
        read_orders(path)


rubbish = st.one_of(
    st.just(line("A")),
    st.just('B,"open\n'),
    st.just("a,b\n"),
    st.text(alphabet='ab,"\r\x00\xe9 ', max_size=30).map(lambda text: f"{text}\n"),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(rubbish, max_size=8))
def test_every_data_row_is_read_or_rejected(tmp_path: Path, rows: list[str]) -> None:
    raw = read_orders(written(tmp_path, f"{HEADER}\n{''.join(rows)}{line('Z')}"))
    numbers = [*raw.frame["row"], *raw.rejects["row"].unique()]
    assert sorted(numbers) == list(range(1, raw.rows + 1))


def test_the_reference_is_optional_and_its_premises_carry_no_unit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSDOCK_DATA", str(tmp_path))
    assert data_root() == tmp_path
    assert load_address_reference() is None
    (tmp_path / "address").mkdir()
    common = {"predir": "", "street": "BROAD", "suffix": "ST", "postdir": "", "city": "NEWARK"}
    pl.DataFrame(
        [
            {"id": "B", "number": "5", "unit": "2", "lat": None, "lon": None, **common},
            {"id": "A", "number": "5", "unit": "1", "lat": 40.7, "lon": -74.1, **common},
            {"id": "C", "number": "7", "unit": "", "lat": 40.8, "lon": -74.2, **common},
        ],
        schema_overrides={"lat": pl.Float32, "lon": pl.Float32},
    ).with_columns(state=pl.lit("NJ"), zip5=pl.lit("07102")).write_parquet(
        tmp_path / "address" / "reference_us.parquet"
    )
    reference = load_address_reference()
    assert reference is not None
    assert reference.select("id", "line1", "units").rows() == [
        ("A", "5 BROAD ST", 2),
        ("C", "7 BROAD ST", 0),
    ]
