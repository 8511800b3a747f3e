"""``crossdock demo``: the main job on the built-in network, without a file of one's own."""

from __future__ import annotations

import os
from pathlib import Path

import click

from crossdock.platform.cli.options import FOLDER, quiet_option, seed_option, workers_option
from crossdock.platform.cli.plan import ROWS_REJECTED
from crossdock.platform.cli.summary import print_played
from crossdock.platform.planning import DEFAULT_PARCELS, PlanRequest

EXAMPLE = """\b
Examples:
  crossdock demo
  crossdock demo --parcels 1500 --out small_demo/
"""


@click.command(epilog=EXAMPLE)
@click.option(
    "--parcels",
    type=int,
    default=DEFAULT_PARCELS,
    show_default=True,
    help="Orders to generate.",
)
@seed_option
@workers_option
@click.option(
    "--out",
    type=FOLDER,
    default=Path("demo"),
    show_default=True,
    help="Run folder to write.",
)
@click.option("--no-serve", is_flag=True, help="Run through without serving the live tower.")
@quiet_option
def demo(
    parcels: int,
    seed: int,
    workers: int | None,
    out: Path,
    no_serve: bool,  # noqa: ARG001 nothing is served yet; scripts may already say so
    quiet: bool,
) -> int:
    """Run one peak Monday of the built-in network, from its orders to what happened.

    45 metros that are moving already, orders of Monday 2026-11-30: planned, released (tenders, load
    sheets, manifests, handoffs), played in the twin until every parcel has come to its end, and
    measured, with a report to look at.
    """
    request = PlanRequest(
        out=out,
        parcels=parcels,
        seed=seed,
        workers=(os.cpu_count() or 1) if workers is None else workers,
        quiet=quiet,
        warm_start=True,
    )
    from crossdock.platform.running import run_to_folder  # noqa: PLC0415 after cheap checks

    outcome = run_to_folder(request)
    print_played(outcome)
    return ROWS_REJECTED if outcome.rejected else 0
