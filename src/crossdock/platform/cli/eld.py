"""``crossdock eld``: check a file of an electronic logging device, read its log, draw a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossdock.platform.cli.options import FOLDER, quiet_option

if TYPE_CHECKING:
    from crossdock.comply.eld import EldRead

ROWS_REJECTED = 3
_OF_THE_LOG = ("ELD File Header Segment", "ELD Event List")
"""Segments whose bad rows may be missing in the log."""
MOST_SHOWN = 20
"""Faults of a kind that are listed; the rest is counted."""

CHECK_EXAMPLE = """\b
Example:
  crossdock eld check docs/examples/eld.csv
"""
TIMELINE_EXAMPLE = """\b
Examples:
  crossdock eld timeline docs/examples/eld.csv --out cases.json
  crossdock eld timeline feed.json --timezone America/Chicago --out cases.json
"""
GRID_EXAMPLE = """\b
Example:
  crossdock eld grid docs/examples/eld.csv --day 2026-03-04 --out day.svg
"""

_timezone_option = click.option(
    "--timezone",
    metavar="ZONE",
    help="IANA name of the home terminal's zone; a file alone only tells its offset at its end.",
)


@click.group(epilog=CHECK_EXAMPLE)
def eld() -> None:
    """Read files of electronic logging devices (49 CFR 395 subpart B)."""


@eld.command("check", epilog=CHECK_EXAMPLE)
@click.argument("path", metavar="FILE", type=FOLDER)
@quiet_option
def check(path: Path, quiet: bool) -> None:
    """Say what an ELD output file holds, and what is wrong with it.

    Lists the segments with their rows, check values that are not those of their lines (as said and
    as computed), and rows or values that cannot be used. A file with faults is still a file: the
    exit code is 0 unless it cannot be read at all.
    """
    from crossdock.comply.eld import days_to_certify  # noqa: PLC0415 quick --help
    from crossdock.platform.compliance import read_eld_file  # noqa: PLC0415

    read = read_eld_file(path)
    if not quiet:
        for title, rows in read.rows:
            click.echo(f"{rows:>7,}  {title.rstrip(':')}")
        for title in read.missing:
            click.echo(f"missing  {title.rstrip(':')}")
        _listed("wrong check", read.wrong_checks)
        _listed("bad row", read.bad_rows)
        for day in days_to_certify(read.file):
            click.echo(f"not certified: {day}")
    click.echo(_summary(read))


@eld.command("timeline", epilog=TIMELINE_EXAMPLE)
@click.argument("path", metavar="FILE", type=FOLDER)
@click.option("--out", type=FOLDER, required=True, help="File for the log, as JSON.")
@_timezone_option
@click.option(
    "--until",
    metavar="INSTANT",
    help="When the logs of a feed end, such as 2026-03-05T14:30:00Z; else at the last record.",
)
@quiet_option
@click.pass_context
def timeline(
    ctx: click.Context, path: Path, out: Path, timezone: str | None, until: str | None, quiet: bool
) -> None:
    """Write a driver's log as cases for `crossdock hos audit`.

    FILE is an ELD output file, or a feed of the NMFTA Open Telematics API as JSON, which needs
    --timezone. Records that cannot be used are named on stderr, and the exit code is 3.
    """
    from crossdock.platform.compliance import (  # noqa: PLC0415 quick --help
        TELEMATICS_MOST_BYTES,
        read_bytes,
    )
    from crossdock.platform.store import write_json  # noqa: PLC0415

    data = read_bytes(path, TELEMATICS_MOST_BYTES)
    if data.lstrip()[:1] in (b"{", b"["):
        cases, faults = _feed_cases(data, timezone, until)
    else:
        cases, faults = _file_cases(path, data, timezone)
    write_json(out, {"cases": cases})
    for fault in faults:
        click.echo(f"rejected: {fault}", err=True)
    if not quiet:
        segments = sum(len(case["segments"]) for case in cases)
        click.echo(f"wrote {len(cases)} logs with {segments:,} segments into {out}", err=True)
    if faults:
        ctx.exit(ROWS_REJECTED)


@eld.command("grid", epilog=GRID_EXAMPLE)
@click.argument("path", metavar="FILE", type=FOLDER)
@click.option("--day", metavar="YYYY-MM-DD", required=True, help="Day of the home terminal.")
@click.option("--out", type=FOLDER, required=True, help="File for the picture, as SVG.")
@_timezone_option
@click.option("--main-office", metavar="TEXT", default="", help="Address, which no file holds.")
@quiet_option
def grid(
    path: Path, day: str, out: Path, timezone: str | None, main_office: str, quiet: bool
) -> None:
    """Draw the record of a day: the grid of four lines, totals, remarks, what is missing."""
    from crossdock.comply.eld import (  # noqa: PLC0415 quick --help
        draw_grid,
        missing_items,
        rods_of_file,
        totals_text,
    )
    from crossdock.locate.near_places import near_place  # noqa: PLC0415
    from crossdock.platform.compliance import read_eld_file, write_text  # noqa: PLC0415

    whole, form = rods_of_file(
        read_eld_file(path).file,
        _day(day),
        timezone=timezone,
        main_office=main_office,
        place_of=near_place,
    )
    write_text(out, draw_grid(whole, form))
    if not quiet:
        click.echo(totals_text(whole))
        _listed("missing", missing_items(form, whole))


def _listed(kind: str, faults: Sequence[object]) -> None:
    for fault in faults[:MOST_SHOWN]:
        click.echo(f"{kind}: {fault}")
    if len(faults) > MOST_SHOWN:
        click.echo(f"{kind}: and {len(faults) - MOST_SHOWN:,} more")


def _summary(read: EldRead) -> str:
    unverified = (
        f"; check values of {read.unverified_events:,} events by other users cannot be recomputed"
        if read.unverified_events
        else ""
    )
    return (
        f"{len(read.wrong_checks):,} wrong check values, {len(read.bad_rows):,} bad rows or values"
        f"{unverified}"
    )


def _file_cases(
    path: Path, data: bytes, timezone: str | None
) -> tuple[list[dict[str, Any]], Sequence[object]]:
    from crossdock.comply.eld import read_eld, timeline_of  # noqa: PLC0415
    from crossdock.platform.compliance import case_of_log  # noqa: PLC0415

    read = read_eld(data)
    log = timeline_of(read.file, timezone=timezone)
    case = case_of_log(path.stem, log, read.file.header.multiday_basis)
    return [case], [fault for fault in read.bad_rows if fault.segment in _OF_THE_LOG]


def _feed_cases(
    data: bytes, timezone: str | None, until: str | None
) -> tuple[list[dict[str, Any]], Sequence[object]]:
    from crossdock.comply.eld import timelines_of  # noqa: PLC0415
    from crossdock.model import UsageError  # noqa: PLC0415
    from crossdock.platform.compliance import case_of_log, decode_telematics  # noqa: PLC0415

    if timezone is None:
        raise UsageError(
            "a feed does not tell the zone of the home terminal",
            remedy="name it with --timezone, such as America/Chicago",
        )
    feed = decode_telematics(data)
    read = timelines_of(
        feed.logs, timezone=timezone, until_s=None if until is None else _instant_s(until)
    )
    unknown = [
        f"code {code!r} of {count:,} records is unknown; what it meant is not in the logs"
        for code, count in read.unknown_codes.items()
    ]
    cases = [case_of_log(driver, log, None) for driver, log in read.timelines.items()]
    return cases, [*feed.faults, *unknown]


def _day(text: str) -> dt.date:
    from crossdock.model import UsageError  # noqa: PLC0415

    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day", remedy="give it as 2026-03-04") from None


def _instant_s(text: str) -> int:
    from crossdock.model import UsageError  # noqa: PLC0415

    try:
        instant = dt.datetime.fromisoformat(text)
        if instant.utcoffset() is None:
            raise ValueError
        return int(instant.timestamp())
    except (ValueError, OverflowError):
        raise UsageError(
            f"{text!r} is no instant with an offset", remedy="give it as 2026-03-05T14:30:00Z"
        ) from None
