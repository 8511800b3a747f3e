"""``crossdock demo``: the main job on the built-in network, without a file of one's own."""

from __future__ import annotations

import os
from pathlib import Path

import click

from crossdock.platform.cli.options import FOLDER, quiet_option, seed_option, workers_option
from crossdock.platform.cli.plan import ROWS_REJECTED
from crossdock.platform.cli.summary import print_run
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
@quiet_option
def demo(parcels: int, seed: int, workers: int | None, out: Path, quiet: bool) -> int:
    """Plan one peak Monday of the built-in network and release it.

    45 metros, orders of Monday 2026-11-30: from order file to tenders, load sheets, manifests and
    handoffs, with a report to look at.
    """
    request = PlanRequest(
        out=out,
        parcels=parcels,
        seed=seed,
        workers=(os.cpu_count() or 1) if workers is None else workers,
        quiet=quiet,
    )
    from crossdock.platform.planning import plan_to_folder  # noqa: PLC0415 after cheap checks
    from crossdock.platform.release import release_run  # noqa: PLC0415

    outcome = plan_to_folder(request)
    released = release_run(outcome.run_path, None)
    print_run(outcome)
    click.echo(f"released: {released}")
    return ROWS_REJECTED if outcome.rejected else 0
