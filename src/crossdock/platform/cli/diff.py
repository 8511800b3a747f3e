"""``crossdock diff``: what changed between two runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossdock.platform.cli.options import FOLDER, quiet_option

if TYPE_CHECKING:
    from crossdock.measure.diff import PlanRecord

EXAMPLE = """\b
Example:
  crossdock diff baseline/ tomorrow/
"""


@click.command(epilog=EXAMPLE)
@click.argument("first", metavar="RUN_A", type=FOLDER)
@click.argument("second", metavar="RUN_B", type=FOLDER)
@quiet_option
def diff(first: Path, second: Path, quiet: bool) -> None:  # noqa: ARG001 nothing is slow here
    """Compare the plans and KPIs of two runs, with the reasons for what differs.

    Where both were played, what happened comes first.
    """
    from crossdock.measure.diff import diff_runs  # noqa: PLC0415 lets --help be quick

    click.echo(diff_runs(_record(first), _record(second)).text)


def _record(path: Path) -> PlanRecord:
    from crossdock.measure.diff import PlanRecord  # noqa: PLC0415 lets --help be quick
    from crossdock.platform.store import RunFolder  # noqa: PLC0415

    run = RunFolder.open(path)
    lived = None
    if "played" in run.manifest:
        lived = {**run.read_tables(), "lateness": run.read_table("lateness")}
    return PlanRecord(str(path), run.read_plan(), run.manifest, run.read_network(), lived)
