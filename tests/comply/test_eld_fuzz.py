"""Whatever bytes come in, the reader answers or refuses with a remedy; nothing else comes out."""

from __future__ import annotations

import datetime as dt
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.comply.eld import (
    days_to_certify,
    draw_grid,
    read_eld,
    rods_of_file,
    timeline_of,
    write_eld,
)
from crossdock.model.errors import CrossdockError, InputUnusableError, InvalidValueError
from eld_samples import sample

GOOD = write_eld(sample()).encode()
PIECES = st.sampled_from(
    [
        *(bytes([byte]) for byte in b',\r\n:X-09E\x00\xff"'),
        b"\r\n",
        b"End of File:",
        b"User List:",
        b"ELD Event List:\r",
        b"133126",
        b"\xe2\x80\xa8",
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(GOOD)
    for _ in range(draw(st.integers(1, 8))):
        place = draw(st.integers(0, len(data)))
        until = place + draw(st.integers(0, 40))
        data[place:until] = draw(PIECES | st.binary(max_size=6))
    return bytes(data)


@st.composite
def shuffled_fields(draw: st.DrawFn) -> bytes:
    """A good file in which some fields hold those of other rows."""
    rows = [row.split(b",") for row in GOOD.split(b"\r\n")]
    for _ in range(draw(st.integers(1, 10))):
        row, other = draw(st.sampled_from(rows)), draw(st.sampled_from(rows))
        row[draw(st.integers(0, len(row) - 1))] = draw(st.sampled_from(other))
    return b"\r\n".join(b",".join(row) for row in rows)


def check_remedied(error: CrossdockError) -> None:
    assert error.message
    assert error.remedy


def survive(data: bytes) -> None:
    try:
        read = read_eld(data)
    except InputUnusableError as error:
        check_remedied(error)
        return
    for fault in (*read.wrong_checks, *read.bad_rows):
        assert str(fault)
    text = write_eld(read.file)
    assert write_eld(read_eld(text).file) == text
    days_to_certify(read.file)
    try:
        log = timeline_of(read.file)
    except InvalidValueError as error:
        check_remedied(error)
        return
    last = dt.datetime.fromtimestamp(log.ends_s, log.zone).date()
    day, form = rods_of_file(read.file, last)
    assert sum(day.totals_s.values()) + day.untold_s == day.length_s
    ET.fromstring(draw_grid(day, form))


@given(st.binary(max_size=400))
@settings(max_examples=400)
def test_any_bytes(data: bytes):
    survive(data)
    survive(b"ELD File Header Segment:\r" + data)


@given(mutated())
@settings(max_examples=120)
def test_mutated_files(data: bytes):
    survive(data)


@given(shuffled_fields())
@settings(max_examples=100)
def test_files_with_fields_of_other_rows(data: bytes):
    survive(data)


@pytest.mark.slow
@given(mutated() | shuffled_fields() | st.binary(max_size=2000))
@settings(max_examples=10_000)
def test_many_files(data: bytes):
    """About five minutes."""
    survive(data)
