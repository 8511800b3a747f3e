"""``crossdock run``, ``resume``, ``rebuild``: the main job to its end, whatever stops it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossdock.platform.cli.options import (
    FOLDER,
    plan_request,
    planning_options,
    quiet_option,
    watching_options,
    workers_option,
)
from crossdock.platform.cli.plan import ROWS_REJECTED
from crossdock.platform.cli.summary import print_played

if TYPE_CHECKING:  # heavy
    from crossdock.platform.planning import PlanRequest
    from crossdock.platform.running import RunOutcome

_DIFFERENT = 4

RUN_EXAMPLE = """\b
Examples:
  crossdock run --parcels 1500 --no-serve --out monday/
  crossdock run --network my_network/ --orders orders.csv --speed 300 --out tomorrow/
"""


@click.command(epilog=RUN_EXAMPLE)
@planning_options
@watching_options
@click.option("--out", type=FOLDER, required=True, help="Run folder to write.")
@quiet_option
def run(
    out: Path,
    no_serve: bool,
    speed: float | None,
    port: int,
    **asked: Any,
) -> int:
    """Plan, release, play the days in the twin, and measure what happened.

    The live tower is open meanwhile, and afterwards until Ctrl-C. Orders are followed to their
    end: delivered, returned, lost, or an open exception after 15 operating days. A run that is
    stopped goes on with `crossdock resume RUN`.
    """
    request = plan_request(out=out, **asked)
    return run_or_watch(request, no_serve=no_serve, speed=speed, port=port)


@click.command(epilog="Example:\n  crossdock resume tomorrow/")
@click.argument("run_path", metavar="RUN", type=FOLDER)
@workers_option
@quiet_option
def resume(run_path: Path, workers: int | None, quiet: bool) -> int:
    """Finish a run that was stopped: the result is that of one never stopped."""
    from crossdock.platform.running import resume_run  # noqa: PLC0415 heavy

    return _told(resume_run(run_path, quiet=quiet, workers=workers))


@click.command(epilog="Example:\n  crossdock rebuild tomorrow/")
@click.argument("run_path", metavar="RUN", type=FOLDER)
def rebuild(run_path: Path) -> int:
    """Fold the log of a run anew and compare with what is stored; 0 only if all is equal."""
    from crossdock.platform.running import rebuild_run  # noqa: PLC0415 heavy

    rebuilt = rebuild_run(run_path)
    click.echo(f"{len(rebuilt.equal)} tables are what the log says")
    for name in rebuilt.different:
        click.echo(f"{name} differs from what the log says", err=True)
    return _DIFFERENT if rebuilt.different else 0


def _told(outcome: RunOutcome) -> int:
    print_played(outcome)
    return ROWS_REJECTED if outcome.rejected else 0


def run_or_watch(request: PlanRequest, *, no_serve: bool, speed: float | None, port: int) -> int:
    """Do a run, under an open tower or without; the exit code."""
    if no_serve:
        from crossdock.platform.running import run_to_folder  # noqa: PLC0415 after cheap checks

        return _told(run_to_folder(request))
    from crossdock.platform.playing import Watching, serve_run  # noqa: PLC0415 after cheap checks

    codes: list[int] = []
    serve_run(
        request,
        Watching(port=port, speed=speed),
        told=click.echo,
        on_end=lambda outcome: codes.append(_told(outcome)),
    )
    return codes[0]
