"""``crossdock plan``: from an order file to a plan in a run folder."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import click

from crossdock.platform.cli.options import (
    FOLDER,
    engine_option,
    quiet_option,
    seed_option,
    workers_option,
)
from crossdock.platform.cli.summary import print_run
from crossdock.platform.planning import (
    BUILT_IN_METROS,
    DEFAULT_PARCELS,
    POLICIES,
    PlanRequest,
)

ROWS_REJECTED = 3

EXAMPLE = """\b
Examples:
  crossdock plan --parcels 1500 --out monday/
  crossdock plan --network my_network/ --orders orders.csv --out tomorrow/
"""


@click.command(epilog=EXAMPLE)
@click.option("--network", "network_dir", type=FOLDER, help="Network files. Default: built in.")
@click.option(
    "--orders", "orders_file", type=FOLDER, help="Orders, CSV or Parquet. Default: generated."
)
@click.option("--parcels", type=int, help=f"Orders to generate. [default: {DEFAULT_PARCELS}]")
@click.option(
    "--metros", type=int, help=f"Built-in network: largest N of its {BUILT_IN_METROS} metros."
)
@click.option(
    "--start-date",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First ship date. Default: the earliest local order date of the file.",
)
@seed_option
@workers_option
@engine_option
@click.option(
    "--policy",
    type=click.Choice(POLICIES),
    default="crossdock",
    show_default=True,
    help="baseline: how a good spreadsheet planner would do it, to compare with.",
)
@click.option("--out", type=FOLDER, required=True, help="Run folder to write.")
@quiet_option
def plan(
    network_dir: Path | None,
    orders_file: Path | None,
    parcels: int | None,
    metros: int | None,
    start_date: dt.datetime | None,
    seed: int,
    workers: int | None,
    engine: str,
    policy: str,
    out: Path,
    quiet: bool,
) -> int:
    """Plan orders: loads, routes, promises and costs, in a run folder.

    Writes tables, a report (report.html) and a manifest into --out, all or nothing. Order rows
    that cannot be planned are in rejects.csv with reason and remedy, and the exit code is 3.
    """
    request = PlanRequest(
        out=out,
        network_dir=network_dir,
        orders_file=orders_file,
        parcels=parcels,
        metros=metros,
        start_date=start_date.date() if start_date else None,
        seed=seed,
        workers=(os.cpu_count() or 1) if workers is None else workers,
        engine=engine,
        policy=policy,
        quiet=quiet,
    )
    from crossdock.platform.planning import plan_to_folder  # noqa: PLC0415 after cheap checks

    outcome = plan_to_folder(request)
    print_run(outcome)
    return ROWS_REJECTED if outcome.rejected else 0
