"""A finished plan in a few lines on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import polars as pl
from rich.console import Console
from rich.table import Table

from crossdock.measure.actual import SURE_FROM, wilson
from crossdock.measure.words import cause_name
from crossdock.model.tables import KPIS, empty
from crossdock.platform.planning import PlanOutcome
from crossdock.platform.store import RunFolder

if TYPE_CHECKING:  # heavy
    from crossdock.platform.running import RunOutcome

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


LIVED = {
    "on_time_delivery": "Delivered when promised",
    "on_time_delivery_net": "  weather, address, consignee left out",
    "on_time_service": "Delivered when the service says",
    "first_attempt_success": "Delivered at the first attempt",
    "cost_per_package": "Cost a parcel",
    "cost_per_package_linehaul": "  of it line-haul",
    "cost_per_package_lastmile": "  of it last mile",
    "cost_per_package_injection": "  of it handed to partners",
    "cost_per_package_recovery": "  of it loads bought beyond the plan",
    "load_utilisation_cube": "Load space used",
    "empty_miles_share": "Empty miles",
    "stops_per_hour": "Stops an hour",
    "exceptions_per_1000": "Exceptions in 1,000 parcels",
}
"""KPIs of days that happened."""
_EXPECTED = {
    "on_time_delivery": "planned_on_time_promise",
    "on_time_service": "planned_on_time_service",
}
"""What the plan says of a KPI under another name."""
_OF_PARCELS = (
    "on_time_delivery", "on_time_delivery_net", "on_time_service", "first_attempt_success",
)  # fmt: skip
"""Shares of so many parcels: of few, with their interval."""
_CAUSES_SHOWN = 3


def print_run(outcome: PlanOutcome) -> None:
    """Print what was planned, how well by its own KPIs, and where it lies."""
    run = RunFolder.open(outcome.run_path)
    _print_headlines(run.read_table("kpis"))
    click.echo(f"{outcome.planned:,} orders planned in {outcome.run_path}")
    if outcome.rejected:
        click.echo(f"{outcome.rejected:,} orders rejected: {outcome.run_path / 'rejects.csv'}")
    if (outcome.run_path / "report.html").is_file():
        click.echo(f"report: {outcome.run_path / 'report.html'}")


def print_played(outcome: RunOutcome) -> None:
    """Print what happened in a run beside its plan, in a table that is read in ten seconds."""
    run = RunFolder.open(outcome.run_path)
    planned = outcome.run_path / "plan" / "kpis.parquet"
    _print_beside(
        run.read_table("kpis"),
        pl.read_parquet(planned) if planned.is_file() else empty(KPIS),
    )
    counts = run.read_table("parcels")["final_state"].value_counts(sort=True)
    ends = ", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in counts.iter_rows())
    click.echo(f"{sum(counts['count']):,} parcels: {ends}")
    click.echo(_late_text(run.read_table("lateness")))
    if outcome.rejected:
        click.echo(f"{outcome.rejected:,} orders rejected: {outcome.run_path / 'rejects.csv'}")
    click.echo(f"report: {outcome.run_path / 'report.html'}")


def _print_beside(actual: pl.DataFrame, planned: pl.DataFrame) -> None:
    """What happened, the plan of it, and the interval of shares of few."""
    before, after = _network_kpis(planned), _network_kpis(actual)
    table = Table(box=None, pad_edge=False, header_style="")
    table.add_column("")
    for head in ("happened", "planned"):
        table.add_column(head, justify="right")
    table.add_column("of", justify="right")
    intervals = {
        name: told
        for name in _OF_PARCELS
        if name in after
        and (told := _interval(after[name]["numerator"], after[name]["denominator"]))
    }
    if intervals:
        table.add_column("95 % sure", justify="right")
    for name, words in LIVED.items():
        figure = after.get(name)
        if figure is None or figure["value"] is None:
            continue
        plan = before.get(_EXPECTED.get(name, name))
        cells = [
            words,
            _figure(figure["value"], figure["unit"]),
            "" if plan is None or plan["value"] is None else _figure(plan["value"], plan["unit"]),
            f"{figure['denominator']:,.0f} parcels" if name in _OF_PARCELS else "",
        ]
        table.add_row(*cells, *([intervals.get(name, "")] if intervals else []))
    if table.row_count:
        Console().print(table)


def _network_kpis(kpis: pl.DataFrame) -> dict[str, dict[str, Any]]:
    network = kpis.filter(pl.col("grain") == "network")
    return {row["name"]: row for row in network.to_dicts()}


def _interval(numerator: float, denominator: float) -> str:
    ends = wilson(numerator, denominator) if denominator < SURE_FROM else None
    return "" if ends is None else f"{ends[0]:.1%} to {ends[1]:.1%}"


def _late_text(late: pl.DataFrame) -> str:
    """``1,935 late: 574 planned late (plan), ... and 11 more causes``."""
    if late.is_empty():
        return "no parcel was late"
    causes = (
        late.group_by("cause", "owner")
        .len()
        .sort("len", "cause", "owner", descending=[True, False, False])
    )
    named = [
        f"{count:,} {cause_name(cause).lower()} ({owner})"
        for cause, owner, count in causes.head(_CAUSES_SHOWN).iter_rows()
    ]
    others = late.height - int(causes["len"].head(_CAUSES_SHOWN).sum())
    tail = f", {others:,} of other causes" if others else ""
    return f"{late.height:,} late: {', '.join(named)}{tail}"


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
