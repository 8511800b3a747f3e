"""Two policies on the same luck: same orders, weather, failures and customers, seed by seed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from scipy.special import (  # pyright: ignore[reportMissingTypeStubs]
    stdtrit,  # pyright: ignore[reportUnknownVariableType]
)

from crossdock.measure.actual import actual_tables, read_log, run_kpis
from crossdock.model import Network
from crossdock.platform.engine import open_engine
from crossdock.platform.planning import PlanRequest, plan_to_folder
from crossdock.platform.progress import open_progress
from crossdock.platform.running.play import in_force
from crossdock.platform.store import RunFolder
from crossdock.simulate.twin import Twin, TwinInput

COMPARED = (
    "cost_per_package",
    "on_time_delivery",
    "on_time_service",
    "promised_days",
    "first_attempt_success",
    "empty_miles_share",
    "load_utilisation_cube",
    "stops_per_hour",
)
"""KPIs of the table, in its order; ``promised_days``: days from the order to what is promised."""

_LONG_AFTER_S = 40 * 86_400


@dataclass(frozen=True)
class Comparison:
    """What two policies made of the same days.

    Attributes
    ----------
    figures
        ``seed, policy, name, value``: every KPI of every run.
    table
        ``name, <first>, <second>, difference, low, high, seeds``: means, and the mean paired
        difference (second less first) with its 95 % interval by Student's t.
    """

    figures: pl.DataFrame
    table: pl.DataFrame


def compare_policies(
    policies: tuple[str, str],
    seeds: Sequence[int],
    *,
    parcels: int,
    metros: int | None = None,
    network_dir: Path | None = None,
    warm_start: bool = False,
    workers: int = 1,
    quiet: bool = False,
) -> Comparison:
    """Plan and play each seed under both policies.

    Parameters
    ----------
    policies
        The one to be beaten first.
    seeds
        Root seeds: each is one set of orders and one world.
    warm_start
        Begin with the orders of the two days before on their way, as the demo does.
    """
    figures = lived_figures(
        policies,
        seeds,
        {
            "parcels": parcels,
            "metros": metros,
            "network_dir": network_dir,
            "warm_start": warm_start,
        },
        workers=workers,
        quiet=quiet,
    )
    return Comparison(figures, paired(figures, policies))


def lived_figures(
    policies: Sequence[str],
    seeds: Sequence[int],
    request: Mapping[str, object],
    *,
    workers: int = 1,
    quiet: bool = False,
) -> pl.DataFrame:
    """Plan and play each seed under each policy: ``seed, policy, name, value`` of network KPIs.

    Parameters
    ----------
    request
        Fields of `PlanRequest` that all have in common.
    """
    jobs = [(seed, policy) for seed in seeds for policy in policies]
    with open_progress(quiet=quiet) as progress, open_engine("local", workers) as engine:
        runs = engine.map(
            partial(_lived, dict(request)),
            jobs,
            label="Playing the days",
            progress=progress,
            names=[f"{policy} of seed {seed}" for seed, policy in jobs],
        )
    return pl.concat(
        [
            run.with_columns(seed=pl.lit(seed), policy=pl.lit(policy))
            for (seed, policy), run in zip(jobs, runs, strict=True)
        ]
    ).select("seed", "policy", "name", "value")


def paired(figures: pl.DataFrame, policies: tuple[str, str]) -> pl.DataFrame:
    """Means of two policies and their paired difference; see `Comparison`."""
    first, second = policies
    wide = figures.pivot("policy", index=["name", "seed"], values="value").drop_nulls()
    rows = [
        _row(name, wide.filter(pl.col("name") == name), first, second)
        for name in COMPARED
        if name in wide["name"]
    ]
    return pl.DataFrame(rows)


def _row(name: str, runs: pl.DataFrame, first: str, second: str) -> dict[str, object]:
    differences = (runs[second] - runs[first]).to_numpy()
    count = len(differences)
    mean = float(differences.mean())
    half = None
    if count > 1:
        error = float(differences.std(ddof=1)) / np.sqrt(count)
        half = float(stdtrit(count - 1, 0.975)) * error
    return {
        "name": name,
        first: runs[first].mean(),
        second: runs[second].mean(),
        "difference": mean,
        "low": None if half is None else mean - half,
        "high": None if half is None else mean + half,
        "seeds": count,
    }


def _lived(request: dict[str, object], job: tuple[int, str]) -> pl.DataFrame:
    """Network KPIs of one policy's days: ``name, value``."""
    seed, policy = job
    with tempfile.TemporaryDirectory(prefix="crossdock-compare-") as place:
        out = Path(place) / "run"
        plan_to_folder(
            PlanRequest(out=out, seed=seed, policy=policy, quiet=True, workers=1, **request)  # pyright: ignore[reportArgumentType]
        )
        run = RunFolder.open(out)
        tables = {file.stem: pl.read_parquet(file) for file in sorted(out.glob("*.parquet"))}
        network = in_force(run.read_network(), tables)
    return _kpis(tables, network, seed)


def _kpis(tables: dict[str, pl.DataFrame], network: Network, seed: int) -> pl.DataFrame:
    twin = Twin(TwinInput(tables, tables["orders"], network, seed))
    events = twin.advance(twin.ends_at + _LONG_AFTER_S)
    events = events.unique(["source", "source_event_id"], keep="first", maintain_order=True)
    told = read_log(events)
    lived = {**tables, **actual_tables(tables, told, network)}
    kpis = run_kpis(lived, told, plan=tables).filter(pl.col("grain") == "network")
    promised = (
        lived["parcels"]
        .join(tables["orders"].select("order_id", "created_at"), on="order_id")
        .select(
            name=pl.lit("promised_days"),
            value=(pl.col("promised_at") - pl.col("created_at")).dt.total_seconds().mean() / 86_400,
        )
    )
    return pl.concat([kpis.select("name", "value"), promised])
