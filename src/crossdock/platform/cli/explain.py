"""``crossdock explain``: why something in a plan is as it is."""

from __future__ import annotations

from pathlib import Path

import click

from crossdock.platform.cli.options import FOLDER, quiet_option

EXAMPLE = """\b
Example:
  crossdock explain tomorrow/ P-0000042
"""


@click.command(epilog=EXAMPLE)
@click.argument("run_path", metavar="RUN", type=FOLDER)
@click.argument("subject", metavar="ID")
@quiet_option
def explain(run_path: Path, subject: str, quiet: bool) -> None:  # noqa: ARG001 nothing is slow
    """Say what was chosen for a parcel, load or route, why, and what it beat by how much."""
    from crossdock.measure.explain import explain_subject  # noqa: PLC0415 lets --help be quick
    from crossdock.platform.store import RunFolder  # noqa: PLC0415

    run = RunFolder.open(run_path)
    explanation = explain_subject(run.read_tables(), subject, network=run.read_network())
    click.echo(explanation.text)
