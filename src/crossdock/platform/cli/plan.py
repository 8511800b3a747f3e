"""``crossdock plan``: from an order file to a plan in a run folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crossdock.platform.cli.options import FOLDER, plan_request, planning_options, quiet_option
from crossdock.platform.cli.summary import print_run

ROWS_REJECTED = 3

EXAMPLE = """\b
Examples:
  crossdock plan --parcels 1500 --out monday/
  crossdock plan --network my_network/ --orders orders.csv --out tomorrow/
"""


@click.command(epilog=EXAMPLE)
@planning_options
@click.option("--out", type=FOLDER, required=True, help="Run folder to write.")
@quiet_option
def plan(out: Path, **asked: Any) -> int:
    """Plan orders: loads, routes, promises and costs, in a run folder.

    Writes tables, a report (report.html) and a manifest into --out, all or nothing. Order rows
    that cannot be planned are in rejects.csv with reason and remedy, and the exit code is 3.
    """
    request = plan_request(out=out, **asked)
    from crossdock.platform.planning import plan_to_folder  # noqa: PLC0415 after cheap checks

    outcome = plan_to_folder(request)
    print_run(outcome)
    return ROWS_REJECTED if outcome.rejected else 0
