"""``crossdock demo``: the main job on the built-in network, without a file of one's own."""

from __future__ import annotations

import os
from pathlib import Path

import click

from crossdock.platform.cli.options import (
    FOLDER,
    quiet_option,
    seed_option,
    watching_options,
    workers_option,
)
from crossdock.platform.cli.run import run_or_watch
from crossdock.platform.planning import DEFAULT_PARCELS, PlanRequest

EXAMPLE = """\b
Examples:
  crossdock demo
  crossdock demo --parcels 1500 --speed 300 --out small_demo/
  crossdock demo --no-serve
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
@watching_options
@quiet_option
def demo(
    parcels: int,
    seed: int,
    workers: int | None,
    out: Path,
    no_serve: bool,
    speed: float | None,
    port: int,
    quiet: bool,
) -> int:
    """Run one peak Monday of the built-in network, from its orders to what happened.

    45 metros that are moving already, orders of Monday 2026-11-30: planned, released (tenders, load
    sheets, manifests, handoffs), played in the twin until every parcel has come to its end, and
    measured, with a report to look at. The live tower is open from the start: watch the day, act on
    it, and end it with Ctrl-C.
    """
    request = PlanRequest(
        out=out,
        parcels=parcels,
        seed=seed,
        workers=(os.cpu_count() or 1) if workers is None else workers,
        quiet=quiet,
        warm_start=True,
    )
    return run_or_watch(request, no_serve=no_serve, speed=speed, port=port)
