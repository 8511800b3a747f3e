"""``crossdock comply``: published formulas on cases, and the gates of one trip."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossdock.platform.cli.options import FOLDER, quiet_option

if TYPE_CHECKING:
    from crossdock.comply.dispatch import DispatchAnswer
    from crossdock.comply.verdict import Verdict

CASES_REJECTED = 3
BLOCKED = 4

CALC_EXAMPLE = """\b
Example:
  crossdock comply calc cases.json --out answers.json
"""

GATE_EXAMPLE = """\b
Example:
  crossdock comply gate docs/examples/trip.json --out verdicts.json
"""

_SIGNS = {"passed": "ok     ", "failed": "BLOCKS ", "not_checked": "?      "}


@click.group(epilog="Example: crossdock comply gate docs/examples/trip.json")
def comply() -> None:
    """Answer cases of rules, and judge a trip before it leaves."""


@comply.command("calc", epilog=CALC_EXAMPLE)
@click.argument("cases_path", metavar="CASES.json", type=FOLDER)
@click.option("--out", type=FOLDER, required=True, help="File for the answers.")
@quiet_option
@click.pass_context
def calc(ctx: click.Context, cases_path: Path, out: Path, quiet: bool) -> None:
    """Answer cases of bridge formula, axles, tiedowns, lifting, injury rates, desk, reservation.

    CASES.json holds one list of objects a kind; the answers have the same keys in the same order,
    each case repeated with `result` and `citation`. A case that cannot be used has `error` instead,
    is named on stderr, and the exit code is 3.
    """
    from crossdock.platform.compliance import (  # noqa: PLC0415 quick --help
        calculate_cases,
    )
    from crossdock.platform.store import read_object, write_json  # noqa: PLC0415

    calculated = calculate_cases(read_object(cases_path))
    write_json(out, calculated.answers)
    for fault in calculated.faults:
        click.echo(f"rejected: {fault}", err=True)
    if not quiet:
        click.echo(f"answered {calculated.answered:,} cases into {out}", err=True)
    if calculated.faults:
        ctx.exit(CASES_REJECTED)


@comply.command("gate", epilog=GATE_EXAMPLE)
@click.argument("trip_path", metavar="TRIP.json", type=FOLDER)
@click.option("--out", type=FOLDER, help="File for the verdicts as JSON.")
@quiet_option
@click.pass_context
def gate(ctx: click.Context, trip_path: Path, out: Path | None, quiet: bool) -> None:
    """Judge a trip: driver, vehicle, cargo, weight, hazmat, dock, and the hours if they are told.

    What has no data is listed as not checked and does not block; what is known to be invalid does,
    with exit code 4.
    """
    from crossdock.comply.dispatch import dispatch_gate  # noqa: PLC0415 quick --help
    from crossdock.platform.compliance import (  # noqa: PLC0415
        answer_document,
        read_trip,
    )
    from crossdock.platform.store import write_json  # noqa: PLC0415

    answer = dispatch_gate(read_trip(trip_path))
    if out is not None:
        write_json(out, answer_document(answer))
    if not quiet:
        for verdict in answer.verdicts:
            click.echo(_line(verdict))
    click.echo(_summary(answer))
    if not answer.allowed:
        ctx.exit(BLOCKED)


def _line(verdict: Verdict) -> str:
    about = f" {verdict.subject}" if verdict.subject else ""
    return f"{_SIGNS[verdict.status]}{verdict.rule}{about}: {verdict.reason} ({verdict.citation})"


def _summary(answer: DispatchAnswer) -> str:
    rules = "1 rule" if len(answer.failed) == 1 else f"{len(answer.failed)} rules"
    said = "may leave" if answer.allowed else f"is blocked by {rules}"
    until = f"; holds until {answer.holds_until:%Y-%m-%d %H:%M} UTC" if answer.holds_until else ""
    return f"trip {answer.trip_id} {said}; {len(answer.not_checked)} not checked{until}"
