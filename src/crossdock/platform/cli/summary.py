"""A finished plan in a few lines on the terminal."""

from __future__ import annotations

import click
import polars as pl
from rich.console import Console
from rich.table import Table

from crossdock.platform.planning import PlanOutcome
from crossdock.platform.store import RunFolder

HEADLINES = {
    "cost_per_package": "Cost a parcel",
    "cost_per_package_linehaul": "  of it line-haul",
    "cost_per_package_lastmile": "  of it last mile",
    "cost_per_package_injection": "  of it handed to partners",
    "planned_on_time_promise": "Promise expected to be kept",
    "planned_on_time_service": "Planned by when the service says",
    "offered_share": "Service that the lane can keep",
    "load_utilisation_cube": "Load space used",
    "empty_miles_share": "Empty miles",
    "stops_per_hour": "Stops an hour",
    "capacity_shortfall_share": "Parcels nobody can take",
}
"""KPIs of the summary, where the run has them."""


def print_run(outcome: PlanOutcome) -> None:
    """Print what was planned, how well by its own KPIs, and where it lies."""
    run = RunFolder.open(outcome.run_path)
    _print_headlines(run.read_table("kpis"))
    click.echo(f"{outcome.planned:,} orders planned in {outcome.run_path}")
    if outcome.rejected:
        click.echo(f"{outcome.rejected:,} orders rejected: {outcome.run_path / 'rejects.csv'}")
    if (outcome.run_path / "report.html").is_file():
        click.echo(f"report: {outcome.run_path / 'report.html'}")


def _print_headlines(kpis: pl.DataFrame) -> None:
    network = kpis.filter(pl.col("grain") == "network")
    figures = {
        name: (value, unit)
        for name, value, unit in network.select("name", "value", "unit").iter_rows()
        if value is not None
    }
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    for name, words in HEADLINES.items():
        if name in figures:
            table.add_row(words, _figure(*figures[name]))
    if table.row_count:
        Console().print(table)


def _figure(value: float, unit: str) -> str:
    if unit == "share":
        return f"{value:.1%}"
    if unit == "usd":
        return f"${value:,.2f}"
    return f"{value:,.2f}"
