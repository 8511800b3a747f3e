"""From a request to a run folder: read, check, locate, plan, measure, write."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import polars as pl

from crossdock.locate.address import locate_orders
from crossdock.locate.zips import zip_table
from crossdock.measure import plan_kpis, summarize
from crossdock.measure.report import render_report
from crossdock.model import Engine, InputUnusableError, Network, Progress
from crossdock.model.order import check_orders, order_text
from crossdock.model.tables import REJECTS, empty
from crossdock.plan.day import DayPlan, DayQuestion, plan_day, replan_day
from crossdock.plan.delivery import uncovered_orders
from crossdock.platform.engine import open_engine
from crossdock.platform.planning.request import (
    DEFAULT_PARCELS,
    PlanOutcome,
    PlanRequest,
    PlanWatcher,
)
from crossdock.platform.planning.warm import Background, background
from crossdock.platform.progress import open_progress
from crossdock.platform.store import (
    RunDraft,
    RunFolder,
    StageMeter,
    load_address_reference,
    read_network,
    read_orders,
)
from crossdock.predict.eta.learned import default_eta_model
from crossdock.simulate.builtin import builtin_network
from crossdock.simulate.orders import generate_orders


@dataclass(frozen=True)
class _World:
    """What the plan is made of: a network, orders, and what was refused of both."""

    network: Network
    network_rejects: pl.DataFrame
    own_columns: Mapping[str, pl.DataFrame]
    orders: pl.DataFrame
    rejects: pl.DataFrame
    rows: int
    facts: Mapping[str, Any]


def plan_to_folder(
    request: PlanRequest,
    *,
    keep: Mapping[str, str] | None = None,
    watcher: PlanWatcher | None = None,
) -> PlanOutcome:
    """Plan ``request`` and write the run folder, whole or not at all.

    Parameters
    ----------
    keep
        Further text files of the folder, by name.
    watcher
        Is told how far it is.

    Raises
    ------
    InputUnusableError
        A file cannot be used at all, or none of its orders can be planned.
    InterruptedRunError
        The user stopped it; nothing is left behind.
    """
    meter = StageMeter(None if watcher is None else watcher.stage)
    with (
        RunFolder.create(request.out) as draft,
        open_progress(quiet=request.quiet) as progress,
        open_engine(request.engine, request.workers, imports=[plan_day.__module__]) as engine,
    ):
        world = _world(request, meter, engine, progress)
        if watcher is not None:
            watcher.orders(world.network, world.orders)
        before = _before(request, world, meter, engine, progress)
        plan = _plan(request, world, before, meter, engine, progress)
        baseline = None
        if request.policy == "crossdock":
            with meter.stage("baseline"):
                habit = replan_day(plan, "baseline", engine=engine, progress=progress)
                baseline = summarize(habit.tables, world.network, name="baseline")
        tables = {**plan.tables, "kpis": plan_kpis(plan.tables)}
        if before is not None:
            tables |= before.tables()
        manifest = _manifest(request, world, plan, meter, baseline)
        with meter.stage("report"):
            report = render_report(
                {**tables, "rejects": world.rejects}, manifest, world.network, baseline=baseline
            )
        _write(draft, world, tables, {**manifest, "stages": meter.as_records()}, report)
        for name, text in (keep or {}).items():
            draft.write_text(name, text)
    return PlanOutcome(request.out, world.orders.height, world.rejects.height)


def _world(request: PlanRequest, meter: StageMeter, engine: Engine, progress: Progress) -> _World:
    zips, reference = zip_table(), load_address_reference()
    with meter.stage("network"):
        network, network_rejects, own_columns, facts = _network(request)
    with meter.stage("orders"):
        raw, rejects, rows, order_facts = _raw_orders(request, network, reference)
        checked, refused = check_orders(
            raw, services=network["services"]["service"].to_list(), known_zips=zips["zip5"]
        )
    with meter.stage("locate"):
        located, misplaced = locate_orders(
            checked,
            zips=zips,
            reference=reference,
            engine=engine,
            progress=progress,
        )
        uncovered = uncovered_orders(network, located)
        orders = located.join(uncovered, on="row", how="anti", maintain_order="left")
    all_rejects = pl.concat([empty(REJECTS), rejects, refused, misplaced, uncovered])
    if orders.is_empty():
        first = all_rejects.row(0, named=True) if all_rejects.height else None
        raise InputUnusableError(
            f"none of the {rows:,} orders can be planned"
            + (f"; row {first['row']}: {first['field']} {first['reason']}" if first else ""),
            remedy=str(first["remedy"]) if first else "give orders",
        )
    return _World(
        network,
        network_rejects,
        own_columns,
        orders,
        all_rejects.sort("row", "field", maintain_order=True),
        rows,
        {**facts, **order_facts},
    )


def _network(
    request: PlanRequest,
) -> tuple[Network, pl.DataFrame, Mapping[str, pl.DataFrame], dict[str, Any]]:
    if request.network_dir is None:
        scale = max(1.0, (request.parcels or DEFAULT_PARCELS) / DEFAULT_PARCELS)
        network = builtin_network(request.metros or 45, scale=scale)
        return network, pl.DataFrame(), {}, {"network": "built in", "network_scale": scale}
    reading = read_network(request.network_dir)
    return (
        reading.network,
        reading.rejects,
        reading.unknown,
        {"network": "files", "network_warnings": list(reading.warnings)},
    )


def _raw_orders(
    request: PlanRequest, network: Network, reference: pl.DataFrame | None
) -> tuple[pl.DataFrame, pl.DataFrame, int, dict[str, Any]]:
    """Orders as text, rows refused on reading, rows in all, facts."""
    if request.orders_file is not None:
        raw = read_orders(request.orders_file)
        return raw.frame, raw.rejects, raw.rows, {"order_warnings": list(raw.warnings)}
    assert request.parcels is not None
    assert request.start_date is not None
    made = generate_orders(
        network,
        parcels=request.parcels,
        start_date=request.start_date,
        seed=request.seed,
        zips=zip_table(),
        reference=reference,
    )
    real = {row["facility_id"]: row["real_share"] for row in made.real_share_by_metro.to_dicts()}
    return order_text(made.frame), empty(REJECTS), made.frame.height, {"real_address_share": real}


def _before(
    request: PlanRequest, world: _World, meter: StageMeter, engine: Engine, progress: Progress
) -> Background | None:
    """What is in the network already at the first order, where a warm start is asked for."""
    if not request.warm_start:
        return None
    first = world.orders["created_at"].min()
    assert isinstance(first, dt.datetime)
    with meter.stage("warm start"):
        return background(request, world.network, first, load_address_reference(), engine, progress)


def _plan(
    request: PlanRequest,
    world: _World,
    before: Background | None,
    meter: StageMeter,
    engine: Engine,
    progress: Progress,
) -> DayPlan:
    question = DayQuestion(
        network=world.network,
        orders=world.orders,
        zips=zip_table(),
        seed=request.seed,
        policy="baseline" if request.policy == "baseline" else "crossdock",
        start_date=request.start_date,
        background=None if before is None else before.under_way.parcels,
        # The shipped model was learned on the built-in network; a user's own keeps the arithmetic.
        eta_model=default_eta_model() if request.network_dir is None else None,
        id_scope=request.id_scope,
    )
    return plan_day(question, engine=engine, progress=progress, stages=_stages(meter))


def _stages(meter: StageMeter):
    def stage(name: str) -> AbstractContextManager[None]:
        return meter.stage(name)

    return stage


def _manifest(
    request: PlanRequest,
    world: _World,
    plan: DayPlan,
    meter: StageMeter,
    baseline: Any,
) -> dict[str, Any]:
    return {
        "policy": request.policy,
        "seed": request.seed,
        "engine": request.engine,
        "start_date": str(request.start_date) if request.start_date else plan.facts["first_date"],
        "options": {
            "metros": request.metros,
            "parcels": request.parcels,
            "workers": request.workers,
        },
        "counts": {
            "orders_in": world.rows,
            "orders_planned": world.orders.height,
            "orders_rejected": world.rejects["row"].n_unique(),
            **plan.facts["counts"],
        },
        "assumptions": [*world.network.assumptions, *plan.facts["notes"]],
        "linehaul": plan.facts["linehaul"],
        "facts": dict(world.facts),
        "baseline": baseline.as_dict() if baseline is not None else None,
        "stages": meter.as_records(),
    }


def _write(
    draft: RunDraft,
    world: _World,
    tables: Mapping[str, pl.DataFrame],
    manifest: Mapping[str, Any],
    report: str,
) -> None:
    for name, frame in tables.items():
        draft.write_table(name, frame)
    draft.write_table("orders", world.orders)
    (draft.path / "network").mkdir()
    for name, frame in world.network.tables.items():
        own = world.own_columns.get(name, pl.DataFrame())
        draft.write_table(f"network/{name}", pl.concat([frame, own], how="horizontal"))
    draft.write_rejects(world.rejects)
    if world.network_rejects.height:
        draft.write_text("network_rejects.csv", world.network_rejects.write_csv())
    draft.write_text("report.html", report)
    draft.write_manifest(json.loads(json.dumps(manifest, default=str)))
