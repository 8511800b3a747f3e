"""``crossdock network``: write the built-in network, check one's own."""

from __future__ import annotations

from pathlib import Path

import click

from crossdock.platform.cli.options import FOLDER, quiet_option

ROWS_REJECTED = 3
UNUSABLE = 2

INIT_EXAMPLE = """\b
Example:
  crossdock network init my-network/ --metros 10
"""

CHECK_EXAMPLE = """\b
Example:
  crossdock network check my-network/ > faults.csv
"""


@click.group(epilog="Example: crossdock network init my-network/")
def network() -> None:
    """Write or check the files that describe a network."""


@network.command("init", epilog=INIT_EXAMPLE)
@click.argument("directory", metavar="DIR", type=FOLDER)
@click.option(
    "--metros",
    type=click.IntRange(1, 45),
    default=45,
    show_default=True,
    help="How many of the largest US metros; the three origins come first.",
)
@click.option("--force", is_flag=True, help="Replace the network files that DIR holds.")
@quiet_option
def init(directory: Path, metros: int, force: bool, quiet: bool) -> None:
    """Write the built-in network into DIR, as CSV files to change to your own."""
    from crossdock.platform.store import write_network  # noqa: PLC0415 quick --help
    from crossdock.simulate.builtin import builtin_network  # noqa: PLC0415

    write_network(builtin_network(metros), directory, force=force)
    if not quiet:
        click.echo(f"built-in network of {metros} metros written to {directory}", err=True)


@network.command("check", epilog=CHECK_EXAMPLE)
@click.argument("directory", metavar="DIR", type=FOLDER)
@quiet_option
@click.pass_context
def check(ctx: click.Context, directory: Path, quiet: bool) -> None:
    """List each fault of the network files in DIR; nothing is written.

    The faults are CSV on stdout: file, row (1-based; 0 is the header), field, value, reason,
    remedy. Exit code 0: none; 3: some rows cannot be used; 2: there is no network to plan with.
    """
    from crossdock.platform.store import (  # noqa: PLC0415 quick --help
        examine_network_files,
    )

    reading = examine_network_files(directory)
    click.echo(reading.faults.write_csv(), nl=False)
    if not quiet:
        for warning in reading.warnings:
            click.echo(f"warning: {warning}", err=True)
        for assumption in reading.network.assumptions if reading.usable else ():
            click.echo(f"assumed: {assumption}", err=True)
        click.echo(_verdict(len(reading.rejects), len(reading.unusable)), err=True)
    if not reading.usable:
        ctx.exit(UNUSABLE)
    if not reading.rejects.is_empty():
        ctx.exit(ROWS_REJECTED)


def _verdict(rejected: int, unusable: int) -> str:
    if unusable:
        return f"unusable: {unusable:,} faults that leave no network, {rejected:,} others"
    if rejected:
        return f"usable: {rejected:,} faults, their rows are left out"
    return "no faults"
