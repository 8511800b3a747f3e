"""``crossdock serve``: the live tower over a store."""

from __future__ import annotations

from pathlib import Path

import click

from crossdock.model import UsageError

EXAMPLE = """\b
Examples:
  crossdock admin create-key --store sqlite:///tower.db --tenant acme --role admin --name first
  crossdock serve --store sqlite:///tower.db
"""


@click.command(epilog=EXAMPLE)
@click.option(
    "--store",
    "store_url",
    required=True,
    metavar="URL",
    help="sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE; made if new.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(1, 65_535), default=8_000, show_default=True)
@click.option(
    "--network",
    "networks",
    multiple=True,
    metavar="NAME=DIR",
    help="Network files that plans may name; may be given again.",
)
def serve(store_url: str, host: str, port: int, networks: tuple[str, ...]) -> None:
    """Serve the live tower: events and orders in, plans, parcels and exceptions out.

    Limits are set by CROSSDOCK_ variables; see the documentation. SIGTERM finishes what is under
    way and ends with 0.
    """
    folders = dict(map(_folder, networks))
    from crossdock.platform.server import ServerSettings  # noqa: PLC0415
    from crossdock.platform.server.serving import serve as serve_store  # noqa: PLC0415 heavy

    serve_store(
        store_url,
        host=host,
        port=port,
        settings=ServerSettings.of(),
        networks=folders,
        told=lambda address: click.echo(f"serving at {address}"),
    )


def _folder(told: str) -> tuple[str, Path]:
    name, _, path = told.partition("=")
    if not name or not path or not Path(path).is_dir():
        raise UsageError(
            f"--network cannot be {told!r}", remedy="write NAME=DIR with a folder of network files"
        )
    return name, Path(path)
