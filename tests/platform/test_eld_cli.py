"""``crossdock eld`` as a user meets it: what a file holds, its log as cases, a day as a picture."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from crossdock.comply.eld import read_eld, write_eld
from crossdock.platform.cli import main
from eld_samples import sample

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "eld.csv"


def run(*arguments: object) -> int:
    return main(["eld", *map(str, arguments)])


def test_the_example_of_the_docs_is_a_file_without_fault():
    read = read_eld(EXAMPLE.read_bytes())
    assert (read.file, read.wrong_checks, read.bad_rows) == (sample(), (), ())


def test_check_lists_segments_and_is_content(capsys: pytest.CaptureFixture[str]):
    assert run("check", EXAMPLE) == 0
    out = capsys.readouterr().out
    assert "     16  ELD Event List\n" in out
    assert "not certified: 2026-03-03" in out
    assert "0 wrong check values, 0 bad rows or values" in out


def test_check_names_faults_and_still_exits_with_0(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    text = write_eld(sample()).replace("030426,060000", "039926,060000")
    path = tmp_path / "bad.csv"
    path.write_bytes(text.encode())
    assert run("check", path) == 0
    out = capsys.readouterr().out
    assert "wrong check: line " in out
    assert "bad row: line " in out
    assert "Event Date: '039926' is no day of the calendar; give month, day, year as MMDDYY" in out


@pytest.mark.parametrize("content", [b"", b"a,b\r\n", b"\x00\xff"])
def test_check_of_something_else_exits_with_2_and_a_remedy(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    assert run("check", path) == 2
    assert "remedy: " in capsys.readouterr().err
    assert run("check", tmp_path / "none.csv") == 2


def test_timeline_writes_a_case_for_the_audit(tmp_path: Path):
    out = tmp_path / "cases.json"
    assert run("timeline", EXAMPLE, "--out", out, "--quiet") == 0
    (case,) = json.loads(out.read_text())["cases"]
    assert (case["id"], case["cycle"]) == ("eld", "US_70_8")
    assert case["segments"][:2] == [
        {"status": "SB", "start": "2026-03-03T18:00:00", "end": "2026-03-04T05:30:00"},
        {"status": "YM", "start": "2026-03-04T05:30:00", "end": "2026-03-04T05:50:00"},
    ]
    pairs = zip(case["segments"], case["segments"][1:], strict=False)
    assert all(one["end"] == other["start"] for one, other in pairs)


def test_timeline_leaves_out_bad_rows_with_exit_code_3(tmp_path: Path):
    path, out = tmp_path / "bad.csv", tmp_path / "cases.json"
    path.write_bytes(write_eld(sample()).replace("030426,150000", "039926,150000").encode())
    assert run("timeline", path, "--out", out, "--quiet") == 3
    assert len(json.loads(out.read_text())["cases"][0]["segments"]) == 12


def test_timeline_of_a_feed_needs_its_zone_and_names_unknown_codes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    record = {
        "userId": {"userType": "USERTYPE_DRIVER", "userId": "d7"},
        "eventDateTime": "2026-03-04T12:00:00Z",
        "eventRecordStatus": "STATE_ACTIVE",
        "eventType": "EVENTTYPE_DUTY_D",
    }
    feed, out = tmp_path / "feed.json", tmp_path / "cases.json"
    feed.write_text(json.dumps({"feed": [record, record | {"eventType": "EVENTTYPE_NAP"}]}))
    assert run("timeline", feed, "--out", out) == 2
    assert "--timezone" in capsys.readouterr().err
    zone = ("--timezone", "America/Chicago", "--until", "2026-03-04T13:00:00Z")
    assert run("timeline", feed, "--out", out, *zone) == 3
    assert "'EVENTTYPE_NAP' of 1 records is unknown" in capsys.readouterr().err
    assert json.loads(out.read_text())["cases"] == [
        {
            "id": "d7",
            "title": "",
            "source": "",
            "cycle": "US_70_8",
            "timezone": "America/Chicago",
            "segments": [
                {"status": "D", "start": "2026-03-04T06:00:00", "end": "2026-03-04T07:00:00"}
            ],
        }
    ]


def test_grid_draws_the_day_and_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "day.svg"
    zone = ("--timezone", "America/Chicago")
    assert run("grid", EXAMPLE, "--day", "2026-03-04", "--out", out, *zone) == 0
    said = capsys.readouterr().out
    assert "total     24:00" in said
    assert "missing: main office address (49 CFR 395.8(d)(7))" in said
    words = " ".join(ET.parse(out).getroot().itertext())
    assert "IL Peoria" in words
    assert run("grid", EXAMPLE, "--day", "4 March", "--out", out) == 2
    assert run("grid", EXAMPLE, "--day", "2026-03-04", "--out", tmp_path / "no" / "x.svg") == 2
