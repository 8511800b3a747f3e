"""A small plan, played by the twin and measured: the folder that `crossdock run` leaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from crossdock.measure.actual import actual_tables, late_causes, run_kpis
from crossdock.model import Network
from crossdock.platform.planning import PlanRequest, plan_to_folder
from crossdock.simulate.twin import Truth, Twin, TwinInput

DAY = 86_400
ROUGH = Truth(
    attempt_failure=0.3, partner_attempt_failure=0.3, loss_per_touch=0.01, damage_per_touch=0.02,
    missort_per_sort=0.2, no_show_probability=0.1, late_driver_probability=0.2,
    late_pickup_probability=0.05, storm_probability=0.3, breakdowns_per_mile=1 / 2_000,
    slow_sort_probability=0.3, route_breakdown_probability=0.3, missed_scan=0.1,
)  # fmt: skip
"""A world in which everything happens, to few parcels."""


@dataclass(frozen=True)
class Played:
    """A plan, what was told of its days, and what they come to."""

    plan: dict[str, pl.DataFrame]
    network: Network
    events: pl.DataFrame
    tables: dict[str, pl.DataFrame]


def planned(
    out: Path, *, parcels: int = 300, metros: int = 8, seed: int = 3, warm_start: bool = False
) -> Path:
    """Folder of a small plan."""
    request = PlanRequest(
        out=out,
        quiet=True,
        workers=1,
        parcels=parcels,
        metros=metros,
        seed=seed,
        warm_start=warm_start,
    )
    plan_to_folder(request)
    return out


def play(run: Path, *, truth: Truth = ROUGH, seed: int = 3) -> Played:
    """Play the plan in ``run`` to its end and measure it."""
    plan = {file.stem: pl.read_parquet(file) for file in run.glob("*.parquet")}
    network = Network.of(
        {file.stem: pl.read_parquet(file) for file in (run / "network").glob("*.parquet")}
    )
    twin = Twin(TwinInput(plan, plan["orders"], network, seed), truth=truth)
    events = twin.advance(twin.ends_at + 30 * DAY)
    return measured(plan, network, events)


def measured(plan: dict[str, pl.DataFrame], network: Network, events: pl.DataFrame) -> Played:
    """What the events of a plan come to."""
    tables = {**plan, **actual_tables(plan, events, network)}
    tables["lateness"] = late_causes(tables, events)
    tables["kpis"] = run_kpis(tables, events)
    return Played(plan, network, events, {**tables, "events": events})


def write(played: Played, run: Path) -> None:
    """Put the plan aside in ``run`` and what happened in its place."""
    aside = run / "plan"
    aside.mkdir()
    for name, frame in played.plan.items():
        frame.write_parquet(aside / f"{name}.parquet")
    for name, frame in played.tables.items():
        frame.write_parquet(run / f"{name}.parquet")
