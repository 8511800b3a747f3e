"""The answer: searched or looked up, improved exactly in parts, packed, bounded, explained."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from crossdock.model.protocols import Engine, Progress, SilentProgress
from crossdock.model.seeds import stream
from crossdock.plan.linehaul.baseline import follow_guide
from crossdock.plan.linehaul.bound import lower_bound
from crossdock.plan.linehaul.explain import explain
from crossdock.plan.linehaul.improve import Improved, improve
from crossdock.plan.linehaul.ladder import MAX_RUNGS, FloatArray, IntArray, cover
from crossdock.plan.linehaul.pack import Packed, Routing, pack
from crossdock.plan.linehaul.prepare import Prepared, prepare
from crossdock.plan.linehaul.problem import LinehaulPlan, LinehaulProblem
from crossdock.plan.linehaul.report import fleet_notes, lane_summary
from crossdock.plan.linehaul.search import anneal, start_choice
from crossdock.plan.linehaul.state import Model, State, chosen_arcs, state_of

MOVES_A_CHUNK = 50
LEAST_MOVES = 2_000
MANY_MOVES = 25_000
MOVES_A_CHUNK_OF_MANY = 8
TEMPERATURES_USD = (100.0, 30.0)
"""First temperatures of the two searches; each cools to a fiftieth."""
COOLED = 50.0
REPAIR_FACTOR = 20.0
"""How much dearer an exceeded door or wave becomes when the plan is repaired."""


@dataclass(frozen=True)
class _Search:
    """One independent search, sent to a worker; it draws from its own stream ``name``."""

    model: Model
    choice: IntArray
    seed: int
    name: str
    moves: int
    hot_usd: float


@dataclass(frozen=True)
class _Found:
    """A routing, the state it stands for (null for the baseline), and how it was improved."""

    routing: Routing
    state: State | None
    improved: Improved | None
    moves: int


def plan_linehaul(
    problem: LinehaulProblem,
    *,
    engine: Engine,
    progress: Progress | None = None,
    seed: int,
    effort: float = 1.0,
) -> LinehaulPlan:
    """Plan who rides what between facilities.

    Parameters
    ----------
    problem
        The question; ``problem.policy`` says whether it is searched or looked up.
    engine
        Runs the searches and sub-problems; the answer is the same for any number of workers.
    progress
        Shown meanwhile.
    seed
        Root seed of the searches.
    effort
        Scales moves and sub-problems.

    Returns
    -------
    LinehaulPlan
        Every parcel is on a path of movements, at its destination already, injected, or stranded.
    """
    shown = progress or SilentProgress()
    prepared = prepare(problem)
    if problem.policy == "baseline":
        found = _Found(follow_guide(prepared), None, None, 0)
    else:
        found = _searched(prepared, engine, shown, seed, effort)
    packed = pack(prepared, found.routing)
    injected, stranded = _not_travelling(prepared, found.routing, packed)
    usd = _objective_usd(prepared, found.routing, packed, injected)
    bound_usd = min(usd, _bound_usd(prepared, stranded))
    return LinehaulPlan(
        movements=packed.movements,
        parcel_movements=packed.parcel_movements,
        injected=injected.select("parcel_id", "carrier_id", "cost_usd"),
        stranded=stranded,
        decisions=explain(prepared, found.routing, found.state, packed),
        lane_summary=lane_summary(prepared, packed),
        objective_usd=usd,
        bound_usd=bound_usd,
        gap=(usd - bound_usd) / usd if usd > 0 else 0.0,
        restricted_gap=None if found.improved is None else found.improved.restricted_gap,
        notes=_notes(prepared, found, packed, stranded),
        counts=_counts(prepared, found, packed),
    )


def _searched(
    prepared: Prepared, engine: Engine, progress: Progress, seed: int, effort: float
) -> _Found:
    model = prepared.model
    chunks = model.chunk_commodity.size
    if not chunks:
        return _Found(_routing(model, np.zeros(0, dtype=np.int64)), None, None, 0)
    most = max(MANY_MOVES, MOVES_A_CHUNK_OF_MANY * chunks)
    moves = round(effort * min(max(MOVES_A_CHUNK * chunks, LEAST_MOVES), most))
    start = start_choice(model, prepared.rate_cm3)
    searches = [
        _Search(model, start, seed, str(number), moves, hot_usd)
        for number, hot_usd in enumerate(TEMPERATURES_USD)
    ]
    ends = engine.map(_run, searches, label="line-haul: search", progress=progress)
    _, choice = min(ends, key=lambda end: end[0])
    improved = improve(model, choice, engine=engine, progress=progress, effort=effort)
    choice = _repaired(model, improved.choice, seed, moves)
    state = state_of(model, choice)
    return _Found(_routing(model, choice), state, improved, moves * len(searches))


def _run(search: _Search) -> tuple[float, IntArray]:
    return anneal(
        search.model,
        search.choice,
        stream(search.seed, "linehaul", search.name),
        search.moves,
        search.hot_usd,
        search.hot_usd / COOLED,
    )


def _repaired(model: Model, choice: IntArray, seed: int, moves: int) -> IntArray:
    """Spill what exceeds doors or sort capacity to other departures, as far as there are any."""
    state = state_of(model, choice)
    over_doors = (state.wave_vehicles > model.wave_doors).any()
    over_sort = (state.wave_pieces > np.maximum(model.wave_capacity, model.wave_sorted)).any()
    if not (over_doors or over_sort):
        return choice
    strict = model._replace(
        door_usd=model.door_usd * REPAIR_FACTOR, sort_usd=model.sort_usd * REPAIR_FACTOR
    )
    rng = stream(seed, "linehaul", "repair")
    return anneal(strict, choice, rng, max(1, moves // 4), 0.0, 0.0)[1]


def _routing(model: Model, choice: IntArray) -> Routing:
    arcs = chosen_arcs(model, choice)
    state = state_of(model, choice)
    units: dict[int, IntArray] = {}
    for arc in np.unique(arcs[arcs >= 0]).tolist():
        counts = np.zeros(MAX_RUNGS, dtype=np.int64)
        load = (int(state.arc_cm3[arc]), int(state.arc_g[arc]))
        cover(model.ladders, int(model.arc_ladder[arc]), *load, counts)
        units[arc] = counts
    late_days = np.append(model.paths.late_days, 0.0)[choice]
    return Routing(arcs, late_days, units)


def _not_travelling(
    prepared: Prepared, routing: Routing, packed: Packed
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Injected parcels (with ``inject_usd``, as the objective counts it) and stranded ones."""
    stays = pl.DataFrame(
        {
            "chunk": np.flatnonzero((routing.arcs < 0).all(axis=1)),
            "reason": "its routing guide leads nowhere within the wave calendar",
        },
        schema={"chunk": pl.Int64, "reason": pl.String},
    )
    parcels = prepared.demand.parcels
    off = pl.concat(
        [
            parcels.join(stays, on="chunk", how="inner", maintain_order="left"),
            parcels.join(packed.left_behind, on="parcel_id", how="inner", maintain_order="left"),
        ]
    ).sort("parcel_id")
    injected = off.filter(pl.col("injectable")).select(
        "parcel_id",
        "inject_usd",
        carrier_id="origin_injection_carrier_id",
        cost_usd="origin_injection_usd",
    )
    stranded = off.filter(~pl.col("injectable")).select("parcel_id", "reason")
    return injected, pl.concat([prepared.stranded, stranded]).sort("parcel_id")


def _objective_usd(
    prepared: Prepared, routing: Routing, packed: Packed, injected: pl.DataFrame
) -> float:
    network = prepared.network
    lane_touch = network.handling_usd[network.lane_to][network.ladder_lane]
    arc_touch = np.append(lane_touch[network.timetable.arc_ladder], 0.0)
    touch_usd: FloatArray = np.sum(arc_touch[routing.arcs], axis=1)
    late_usd: FloatArray = routing.late_days * prepared.problem.late_usd_parcel_day
    by_chunk = pl.DataFrame(
        {
            "chunk": pl.arange(routing.arcs.shape[0], eager=True),
            "touch_usd": touch_usd,
            "late_usd": late_usd,
        }
    )
    travelling = (
        prepared.demand.parcels.join(
            packed.parcel_movements.select("parcel_id").unique(), on="parcel_id", how="semi"
        )
        .join(by_chunk, on="chunk", how="left")
        .select((pl.col("touch_usd") * pl.col("pieces") + pl.col("late_usd")).sum())
    )
    return (
        float(packed.movements["planned_cost_usd"].sum())
        + float(travelling.item() or 0.0)
        + float(injected["inject_usd"].sum())
    )


def _bound_usd(prepared: Prepared, stranded: pl.DataFrame) -> float:
    """Bound over the parcels that the plan serves: a stranded one costs nothing on either side."""
    if stranded.height > prepared.stranded.height:
        problem = prepared.problem
        served = problem.consignments.join(
            stranded, on="parcel_id", how="anti", maintain_order="left"
        )
        prepared = prepare(replace(problem, consignments=served))
    return lower_bound(
        prepared.network,
        prepared.routes,
        prepared.journeys,
        prepared.demand,
        prepared.potential_cm3,
        prepared.problem.late_usd_parcel_day,
    )


def _notes(
    prepared: Prepared, found: _Found, packed: Packed, stranded: pl.DataFrame
) -> tuple[str, ...]:
    notes = [
        "An own vehicle's price includes its empty way home; loaded backhauls are found when "
        "carriers are matched.",
        "The bound relaxes whole vehicles, doors and sort capacity; restricted_gap holds inside "
        "the exact sub-problems only.",
    ]
    improved = found.improved
    if improved is not None and improved.guards_fired:
        notes.append(
            f"The safety clock ended {improved.guards_fired} exact sub-problems: this plan may "
            f"differ on another machine."
        )
    if stranded.height:
        notes.append(f"{stranded.height} parcels are stranded: see their reasons.")
    return (*notes, *fleet_notes(prepared, packed))


def _counts(prepared: Prepared, found: _Found, packed: Packed) -> dict[str, int]:
    improved = found.improved
    return {
        "commodities": int(prepared.journeys.pair.size),
        "chunks": int(prepared.model.chunk_commodity.size),
        "paths": int(prepared.model.paths.route.size),
        "departures_possible": int(prepared.network.timetable.arc_ladder.size),
        "movements": packed.movements.height,
        "moves": found.moves,
        "subproblems_solved": 0 if improved is None else improved.solved,
        "subproblems_accepted": 0 if improved is None else improved.accepted,
        "guards_fired": 0 if improved is None else improved.guards_fired,
    }
