"""``crossdock compare``: two policies on the same orders and the same luck."""

from __future__ import annotations

import os
from pathlib import Path

import click

from crossdock.model import UsageError
from crossdock.platform.cli.options import FOLDER, quiet_option, seed_option, workers_option
from crossdock.platform.planning import POLICIES

EXAMPLE = """\b
Examples:
  crossdock compare --policies baseline,crossdock --seeds 10 --parcels 2000
  crossdock compare --policies baseline,crossdock --seeds 3 --parcels 20000 --warm --out compared/
"""

_SHARES = ("on_time_delivery", "on_time_service", "first_attempt_success", "empty_miles_share",
           "load_utilisation_cube")  # fmt: skip


@click.command(epilog=EXAMPLE)
@click.option(
    "--policies", default="baseline,crossdock", show_default=True, help="Two, by a comma."
)
@click.option("--seeds", type=click.IntRange(1, 1_000), default=5, show_default=True)
@click.option("--parcels", type=int, default=2_000, show_default=True, help="Orders of each seed.")
@click.option("--metros", type=int, help="Built-in network: its largest N metros.")
@click.option("--network", "network_dir", type=FOLDER, help="Network files. Default: built in.")
@click.option("--warm", is_flag=True, help="Begin with two days of orders under way, as demo does.")
@seed_option
@workers_option
@click.option("--out", type=FOLDER, help="Folder for compare.csv, figures.csv and compare.md.")
@quiet_option
def compare(
    policies: str,
    seeds: int,
    parcels: int,
    metros: int | None,
    network_dir: Path | None,
    warm: bool,
    seed: int,
    workers: int | None,
    out: Path | None,
    quiet: bool,
) -> int:
    """Compare two policies: same demand, weather and failures, differences with intervals.

    Seeds are --seed, --seed + 1 and so on. A difference is the second policy less the first, with
    its 95 % interval over the seeds.
    """
    names = tuple(name.strip() for name in policies.split(","))
    if len(names) != 2 or any(name not in POLICIES for name in names):
        raise UsageError(
            f"--policies cannot be {policies!r}", remedy=f"name two of: {', '.join(POLICIES)}"
        )
    from crossdock.platform.running import compare_policies  # noqa: PLC0415 heavy

    compared = compare_policies(
        (names[0], names[1]),
        range(seed, seed + seeds),
        parcels=parcels,
        metros=metros,
        network_dir=network_dir,
        warm_start=warm,
        workers=(os.cpu_count() or 1) if workers is None else workers,
        quiet=quiet,
    )
    lines = _lines(compared.table.rows(named=True), names, parcels)
    click.echo("\n".join(lines))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        compared.table.write_csv(out / "compare.csv")
        compared.figures.write_csv(out / "figures.csv")
        (out / "compare.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


def _lines(rows: list[dict[str, object]], names: tuple[str, ...], parcels: int) -> list[str]:
    """The table in Markdown, which reads in a terminal too."""
    head = f"| KPI, {parcels:,} parcels | {names[0]} | {names[1]} | difference | 95 % | seeds |"
    lines = [head, "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for row in rows:
        name = str(row["name"])
        low, high = row["low"], row["high"]
        span = "" if low is None else f"{_figure(name, low)} to {_figure(name, high)}"
        lines.append(
            f"| {name.replace('_', ' ')} | {_figure(name, row[names[0]])} |"
            f" {_figure(name, row[names[1]])} | {_figure(name, row['difference'])} | {span} |"
            f" {row['seeds']} |"
        )
    return lines


def _figure(name: str, value: object) -> str:
    assert isinstance(value, float)
    return f"{100 * value:.2f} %" if name in _SHARES else f"{value:.3f}"
