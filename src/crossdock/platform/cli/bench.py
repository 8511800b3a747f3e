"""``crossdock bench``: measure Crossdock on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from crossdock.platform.cli.options import FOLDER, quiet_option, seed_option, workers_option

INTERRUPTED = 130

_Command = TypeVar("_Command", bound=Callable[..., Any])

EXAMPLE = """\b
Example:
  crossdock bench house --sizes 2000,20000
  crossdock bench events --events 100000
  crossdock bench bands --sizes 2000x10,20000x3
  crossdock bench tower --seconds 60
  crossdock bench hos
  crossdock bench roads --map baltimore.osm.pbf
  crossdock bench lastmile --instances INSTANCES/ --time 60 --out lastmile.csv
  crossdock bench dispatch --instances INSTANCES/ --time 10 --out dispatch.csv
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


@bench.command(epilog=EXAMPLE)
@click.option(
    "--map",
    "extract",
    metavar="EXTRACT.osm.pbf",
    type=FOLDER,
    help="Map to measure beside the synthetic city.",
)
@seed_option
@_results_option("roads.md")
@quiet_option
def roads(extract: Path | None, seed: int, out: Path, quiet: bool) -> None:
    """CPU seconds of a road graph: load, find places, 500 x 500 times and distances."""
    from crossdock.platform.bench import measure_roads, write_roads_page  # noqa: PLC0415
    from crossdock.platform.progress import open_progress  # noqa: PLC0415

    with open_progress(quiet=quiet) as progress:
        rows = measure_roads(seed, extract, progress)
    click.echo(f"written: {write_roads_page(rows, out)}")


@bench.command(epilog=EXAMPLE)
@click.option(
    "--instances",
    "folder",
    metavar="DIR",
    type=FOLDER,
    required=True,
    help="Folder of .vrp and .txt instances, zip files of them too; best known costs are read from "
    "a .sol file or a bks.csv beside them.",
)
@click.option(
    "--time",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    required=True,
    help="Seconds of wall clock for each solver and instance.",
)
@click.option(
    "--peers",
    default="pyvrp,vroom,ortools",
    show_default=True,
    help="Solvers to measure beside us, separated by commas; empty for none.",
)
@click.option("--only", metavar="GLOB", help="Instances whose file, or SET/file, fits.")
@click.option(
    "--peer-python",
    metavar="PATH",
    help="Python that has the peers, as VENV/bin/python; by default they are beside Crossdock.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of solvers that take one.")
@click.option(
    "--out",
    metavar="TABLE.csv",
    type=FOLDER,
    required=True,
    help="File for a row a solver and instance; the summary is written beside it as .md.",
)
@quiet_option
@click.pass_context
def lastmile(
    ctx: click.Context,
    folder: Path,
    seconds: float,
    peers: str,
    only: str | None,
    peer_python: str | None,
    seed: int,
    out: Path,
    quiet: bool,
) -> None:
    """Costs of our routes and of our peers' on the same instances, cores and seconds.

    Each solver has a process of its own, one after the other, on the same two cores: ours is
    `crossdock route solve`, PyVRP runs as documented, VROOM with two threads, OR-Tools with guided
    local search. A solver's clock starts when it is loaded; `wall_s` is that of its whole process.
    Costs are recomputed from the routes, which are checked. What a peer cannot be told of an
    instance is `not supported`. Ctrl-C keeps the rows that are done.
    """
    from crossdock.platform.bench import measure_lastmile, write_lastmile  # noqa: PLC0415
    from crossdock.platform.progress import open_progress  # noqa: PLC0415

    with open_progress(quiet=quiet) as progress:
        run = measure_lastmile(
            folder,
            seconds,
            [name.strip() for name in peers.split(",") if name.strip()],
            out,
            progress,
            only=only,
            peer_python=peer_python,
            seed=seed,
            tell=lambda line: click.echo(line, err=True),
        )
    click.echo(f"written: {out}, {write_lastmile(run, out.with_suffix('.md'))}")
    if run.interrupted:
        ctx.exit(INTERRUPTED)


@bench.command(epilog=EXAMPLE)
@click.option(
    "--instances",
    "folder",
    metavar="DIR",
    type=FOLDER,
    required=True,
    help="Folder of instances like ORTEC's, or a zip file of them.",
)
@click.option(
    "--time",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    required=True,
    help="Seconds of wall clock, an epoch.",
)
@click.option("--only", metavar="GLOB", help="Instances whose file, or SET/file, fits.")
@click.option("--seeds", default="1", show_default=True, help="Of the days, separated by commas.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes that ask futures side by side. Default: one a core.",
)
@click.option(
    "--out",
    metavar="TABLE.csv",
    type=FOLDER,
    required=True,
    help="File for a row a day and policy; the summary is written beside it as .md.",
)
@quiet_option
def dispatch(
    folder: Path,
    seconds: float,
    only: str | None,
    seeds: str,
    workers: int | None,
    out: Path,
    quiet: bool,
) -> None:
    """How much less driving the best policy needs than the greedy one, on the same days.

    Days are those of `crossdock route dynamic`, each played by both policies, one after the other.
    """
    from crossdock.platform.bench import measure_dispatch, write_dispatch  # noqa: PLC0415
    from crossdock.platform.progress import open_progress  # noqa: PLC0415

    with open_progress(quiet=quiet) as progress:
        rows = measure_dispatch(
            folder,
            seconds,
            _seeds(seeds),
            out,
            progress,
            workers=(os.cpu_count() or 1) if workers is None else workers,
            only=only,
            tell=lambda line: click.echo(line, err=True),
        )
    click.echo(f"written: {out}, {write_dispatch(rows, out.with_suffix('.md'))}")


def _seeds(seeds: str) -> list[int]:
    from crossdock.model import UsageError  # noqa: PLC0415 quick --help

    told = [each.strip() for each in seeds.split(",")]
    if not all(each.isdecimal() for each in told):
        raise UsageError(
            f"--seeds must be whole numbers from 0, not {seeds!r}",
            remedy="separate them by commas: --seeds 1,2",
        )
    return [int(each) for each in told]


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
