"""``crossdock hos``: hours of service of duty logs and of trips."""

from __future__ import annotations

from pathlib import Path

import click

from crossdock.platform.cli.options import FOLDER, quiet_option

CASES_REJECTED = 3

AUDIT_EXAMPLE = """\b
Example:
  crossdock hos audit docs/examples/duty_logs.json --out findings.json
"""

PLAN_EXAMPLE = """\b
Example:
  crossdock hos plan docs/examples/stops.json --out plans.json
"""


@click.group(epilog="Example: crossdock hos audit docs/examples/duty_logs.json --out findings.json")
def hos() -> None:
    """Audit duty logs, say how long a driver may still drive, and plan stops legally."""


@hos.command("audit", epilog=AUDIT_EXAMPLE)
@click.argument("cases_path", metavar="CASES.json", type=FOLDER)
@click.option("--out", type=FOLDER, required=True, help="File for the findings.")
@quiet_option
@click.pass_context
def audit(ctx: click.Context, cases_path: Path, out: Path, quiet: bool) -> None:
    """Find every interval of driving in violation, and the hours left at instants.

    CASES.json holds `cases`, each a duty log of one driver. A log that cannot be used has `error`
    instead, is named on stderr, and the exit code is 3.
    """
    from crossdock.platform.compliance import (  # noqa: PLC0415 quick --help
        audit_cases,
    )
    from crossdock.platform.store import read_object, write_json  # noqa: PLC0415

    audited = audit_cases(read_object(cases_path))
    write_json(out, audited.document)
    for fault in audited.faults:
        click.echo(f"rejected: {fault}", err=True)
    if not quiet:
        broken = sum(len(case.get("violations", ())) for case in audited.document["cases"])
        click.echo(
            f"audited {audited.answered:,} logs, found {broken:,} violations, into {out}", err=True
        )
    if audited.faults:
        ctx.exit(CASES_REJECTED)


@hos.command("plan", epilog=PLAN_EXAMPLE)
@click.argument("cases_path", metavar="CASES.json", type=FOLDER)
@click.option("--out", type=FOLDER, required=True, help="File for the plans.")
@quiet_option
@click.pass_context
def plan(ctx: click.Context, cases_path: Path, out: Path, quiet: bool) -> None:
    """Find the earliest legal way through stop sequences, or say which stop fails and why.

    CASES.json holds `cases`, each with `stops` and what is used of the driver's clocks. A case that
    cannot be used has `error` instead, is named on stderr, and the exit code is 3.
    """
    from crossdock.platform.compliance import (  # noqa: PLC0415 quick --help
        plan_cases,
    )
    from crossdock.platform.store import read_object, write_json  # noqa: PLC0415

    planned = plan_cases(read_object(cases_path))
    write_json(out, planned.document)
    for fault in planned.faults:
        click.echo(f"rejected: {fault}", err=True)
    if not quiet:
        feasible = sum(case.get("feasible", False) for case in planned.document["cases"])
        click.echo(
            f"planned {planned.answered:,} cases, {feasible:,} of them can be done, into {out}",
            err=True,
        )
    if planned.faults:
        ctx.exit(CASES_REJECTED)
