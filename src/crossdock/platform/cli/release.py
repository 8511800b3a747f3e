"""``crossdock release``: from a plan to the papers that people work from."""

from __future__ import annotations

from pathlib import Path

import click

from crossdock.model import UsageError
from crossdock.platform.cli.options import FOLDER, quiet_option

EXAMPLE = """\b
Example:
  crossdock release tomorrow/ --out tonight/
  crossdock release tomorrow/ --override hours:D-17 --by "M. Ruiz" --reason "log corrected, call 4"
"""


@click.command(epilog=EXAMPLE)
@click.argument("run_path", metavar="RUN", type=FOLDER)
@click.option("--out", type=FOLDER, help="Folder for the papers. Default: RUN/export.")
@click.option(
    "--override",
    "places",
    metavar="GATE:SUBJECT",
    multiple=True,
    help="Release in spite of what this gate (hours, documents, meal) lists of this subject.",
)
@click.option("--by", default="", help="Who answers for the overrides.")
@click.option("--reason", default="", help="Why they are right; kept with the release.")
@quiet_option
def release(
    run_path: Path, out: Path | None, places: tuple[str, ...], by: str, reason: str, quiet: bool
) -> None:
    """Check every gate of a plan, give it a version and write what people work from.

    Tenders to carriers, a load sheet for each departure, a manifest for each route, a handoff for
    each partner and entry. A plan that is not legal is refused with the list of what is not; what
    a rule of hours, documents or meals forbids goes out only with a named override.
    """
    from crossdock.measure import Override  # noqa: PLC0415 lets --help be quick
    from crossdock.platform.release import release_run  # noqa: PLC0415

    if (by or reason) and not places:
        raise UsageError(
            "--by and --reason belong to an override, and there is none",
            remedy="add --override GATE:SUBJECT, or leave them out",
        )
    overrides = [Override(*_place(text), by, reason) for text in places]
    released = release_run(run_path, out, overrides=overrides)
    if not quiet:
        click.echo(f"released: {released}")


def _place(text: str) -> tuple[str, str]:
    gate, found, subject = text.partition(":")
    if not (found and gate and subject):
        raise UsageError(
            f"--override {text!r} is not GATE:SUBJECT",
            remedy="write it as the list of faults does, such as hours:D-17",
        )
    return gate, subject
