"""``crossdock bench``: measure Crossdock on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from crossdock.platform.cli.options import FOLDER, quiet_option, seed_option, workers_option

_Command = TypeVar("_Command", bound=Callable[..., Any])

EXAMPLE = """\b
Example:
  crossdock bench house --sizes 2000,20000
  crossdock bench events --events 100000
  crossdock bench bands --sizes 2000x10,20000x3
  crossdock bench tower --seconds 60
  crossdock bench hos
"""


def _results_option(files: str) -> Callable[[_Command], _Command]:
    """``--out``, where a command writes ``files``."""
    return click.option(
        "--out",
        type=FOLDER,
        default=Path("benchmarks/results"),
        show_default=True,
        help=f"Folder for {files}.",
    )


@click.group(epilog=EXAMPLE)
def bench() -> None:
    """Measure Crossdock on this machine."""


@bench.command(epilog=EXAMPLE)
@click.option(
    "--sizes",
    default="2000,20000,200000",
    show_default=True,
    help="Parcels of each plan, separated by commas.",
)
@seed_option
@_results_option("house.md and house.csv")
@quiet_option
def house(sizes: str, seed: int, out: Path, quiet: bool) -> None:
    """Seconds and peak memory of each stage of a plan, at several sizes, with the growth."""
    from crossdock.platform.bench import measure_house, write_house  # noqa: PLC0415 quick --help
    from crossdock.platform.progress import open_progress  # noqa: PLC0415

    with open_progress(quiet=quiet) as progress:
        runs = measure_house(_parcels(sizes), seed, progress)
    click.echo(f"written: {write_house(runs, out)}")


@bench.command(epilog=EXAMPLE)
@click.option(
    "--events",
    type=click.IntRange(min=1),
    default=1_000_000,
    show_default=True,
    help="Different events to append.",
)
@click.option(
    "--url",
    help="Empty store to measure, sqlite:///PATH or postgresql+psycopg://...; by default a new "
    "file, and a private PostgreSQL where its programs are installed.",
)
@seed_option
@_results_option("events.md and events.csv")
@quiet_option
def events(events: int, url: str | None, seed: int, out: Path, quiet: bool) -> None:
    """Events that the log makes durable in a second, and gives back, on each database."""
    from crossdock.platform.bench import measure_events, write_events  # noqa: PLC0415 quick --help
    from crossdock.platform.progress import open_progress  # noqa: PLC0415

    with open_progress(quiet=quiet) as progress:
        runs, remarks = measure_events(events, seed, url, progress)
    click.echo(f"written: {write_events(runs, remarks, out)}")


@bench.command(epilog=EXAMPLE)
@click.option(
    "--sizes",
    default="2000x10,20000x3",
    show_default=True,
    help="Parcels of a day x seeds, separated by commas.",
)
@seed_option
@workers_option
@_results_option("bands.md and bands.csv")
@quiet_option
def bands(sizes: str, seed: int, workers: int | None, out: Path, quiet: bool) -> None:
    """On time, first attempt, stops an hour and cost of played days, over several seeds."""
    from crossdock.platform.bench import measure_bands, write_bands  # noqa: PLC0415 quick --help

    days = _days(sizes)
    count = (os.cpu_count() or 1) if workers is None else workers
    found = measure_bands(days, seed, workers=count, quiet=quiet)
    click.echo(f"written: {write_bands(found, out)}")


@bench.command(epilog=EXAMPLE)
@click.option(
    "--seconds",
    type=click.FloatRange(min=1, max=600),
    default=60.0,
    show_default=True,
    help="Length of each load.",
)
@click.option(
    "--parcels",
    type=click.IntRange(min=1, max=1_000_000),
    default=100_000,
    show_default=True,
    help="Open parcels of the reads.",
)
@_results_option("tower.md")
@quiet_option
def tower(seconds: float, parcels: int, out: Path, quiet: bool) -> None:
    """Events a second into a server, how soon they show, and how fast it answers."""
    from crossdock.platform.bench import measure_tower, write_tower  # noqa: PLC0415 quick --help
    from crossdock.platform.progress import open_progress  # noqa: PLC0415

    with open_progress(quiet=quiet) as progress:
        figures = measure_tower(seconds, parcels, progress)
    click.echo(f"written: {write_tower(figures, out)}")


@bench.command(epilog=EXAMPLE)
@seed_option
@_results_option("hos.md")
@quiet_option
def hos(seed: int, out: Path, quiet: bool) -> None:
    """Microseconds of a route check, compiled and plain, and of a plan."""
    from crossdock.platform.bench import measure_hos, write_hos  # noqa: PLC0415 quick --help
    from crossdock.platform.progress import open_progress  # noqa: PLC0415

    with open_progress(quiet=quiet) as progress:
        rows = measure_hos(seed, progress)
    click.echo(f"written: {write_hos(rows, out)}")


def _days(sizes: str) -> list[tuple[int, int]]:
    from crossdock.model import UsageError  # noqa: PLC0415 quick --help

    pairs = [size.strip().split("x") for size in sizes.split(",")]
    if not all(
        len(pair) == 2 and all(n.isdecimal() and int(n) > 0 for n in pair) for pair in pairs
    ):
        raise UsageError(
            f"--sizes cannot be {sizes!r}",
            remedy="give parcels x seeds, separated by commas: --sizes 2000x10,20000x3",
        )
    return [(int(parcels), int(seeds)) for parcels, seeds in pairs]


def _parcels(sizes: str) -> list[int]:
    from crossdock.model import UsageError  # noqa: PLC0415 quick --help

    numbers = [size.strip() for size in sizes.split(",")]
    if not all(map(_is_count, numbers)):
        raise UsageError(
            f"--sizes must be whole numbers above 0, not {sizes!r}",
            remedy="separate them by commas: --sizes 2000,20000",
        )
    return sorted(set(map(int, numbers)))


def _is_count(text: str) -> bool:
    return text.isdecimal() and int(text) > 0
