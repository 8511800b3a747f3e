"""``crossdock release``: from a plan to the papers that people work from."""

from __future__ import annotations

from pathlib import Path

import click

from crossdock.platform.cli.options import FOLDER, quiet_option

EXAMPLE = """\b
Example:
  crossdock release tomorrow/ --out tonight/
"""


@click.command(epilog=EXAMPLE)
@click.argument("run_path", metavar="RUN", type=FOLDER)
@click.option("--out", type=FOLDER, help="Folder for the papers. Default: RUN/export.")
@quiet_option
def release(run_path: Path, out: Path | None, quiet: bool) -> None:
    """Check every gate of a plan, give it a version and write what people work from.

    Tenders to carriers, a load sheet for each departure, a manifest for each route, a handoff for
    each partner and entry. A plan that is not legal is refused with the list of what is not.
    """
    from crossdock.platform.release import release_run  # noqa: PLC0415 lets --help be quick

    released = release_run(run_path, out)
    if not quiet:
        click.echo(f"released: {released}")
