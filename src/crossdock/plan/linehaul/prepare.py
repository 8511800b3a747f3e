"""From frames to the arrays that the search reads."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from crossdock.plan.linehaul.commodities import Demand, build_demand
from crossdock.plan.linehaul.ladder import FloatArray, IntArray
from crossdock.plan.linehaul.network import TimedNetwork, build_network
from crossdock.plan.linehaul.paths import Journeys, Riders, build_paths, leave_now
from crossdock.plan.linehaul.problem import LinehaulProblem
from crossdock.plan.linehaul.routes import SHARED_VOLUME, Routes, build_routes, unit_rates
from crossdock.plan.linehaul.state import Model, Users

PATHS_OF_FEW = 96
PATHS_OF_MANY = 40
MANY_COMMODITIES = 1_000
DOOR_USD = 600.0
"""Penalty of a vehicle beyond the doors of a wave: about what one more departure costs."""
SORT_USD = 3.0
"""Penalty of a piece beyond the sort capacity of a wave."""
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Prepared:
    """A problem ready to be solved; ``stranded`` holds ``parcel_id, reason``."""

    problem: LinehaulProblem
    network: TimedNetwork
    demand: Demand
    routes: Routes
    journeys: Journeys
    potential_cm3: IntArray
    rate_cm3: FloatArray
    model: Model
    stranded: pl.DataFrame


def prepare(problem: LinehaulProblem) -> Prepared:
    """Build network, demand, routes and paths; set aside what nothing can carry."""
    network = build_network(problem)
    demand = build_demand(problem)
    routes, pair_of, potential = build_routes(problem, network, demand)
    journeys = _journeys(network, demand, pair_of, problem.late_usd_parcel_day, routes)
    lost = (journeys.due_s == NEVER) & demand.commodities["inject_usd"].is_null().to_numpy()
    if lost.any():
        return _without(problem, network, demand, lost)
    expected = SHARED_VOLUME * potential[network.ladder_lane].astype(np.float64)
    rate_cm3, _ = unit_rates(network.ladders, expected, np.full(expected.size, np.inf))
    model = _model(problem, network, demand, routes, journeys, rate_cm3)
    stranded = pl.DataFrame(schema={"parcel_id": pl.String, "reason": pl.String})
    return Prepared(
        problem, network, demand, routes, journeys, potential, rate_cm3, model, stranded
    )


def _without(
    problem: LinehaulProblem, network: TimedNetwork, demand: Demand, lost: np.ndarray
) -> Prepared:
    """Prepare the rest; say for each parcel left out why nothing leads there."""
    reachable = set(network.lanes["to_facility_id"].to_list())
    gone = demand.parcels.filter(pl.col("commodity").is_in(np.flatnonzero(lost).tolist())).select(
        "parcel_id",
        reason=pl.when(pl.col("destination_facility_id").is_in(list(reachable)))
        .then(
            pl.format(
                "no departure of any offer leads from {} to {} within two hubs and the calendar",
                "origin_facility_id",
                "destination_facility_id",
            )
        )
        .otherwise(pl.format("no carrier offers a lane into {}", "destination_facility_id")),
    )
    left = problem.consignments.join(gone, on="parcel_id", how="anti", maintain_order="left")
    rest = prepare(replace(problem, consignments=left))
    return replace(rest, stranded=pl.concat([gone, rest.stranded]).sort("parcel_id"))


def _journeys(
    network: TimedNetwork, demand: Demand, pair_of: IntArray, late_usd: float, routes: Routes
) -> Journeys:
    number = {wave: at for at, wave in enumerate(network.waves["wave_index"].to_list())}
    commodities = demand.commodities
    cutoff_s = network.timetable.wave_cutoff_s
    due = [
        NEVER if wave is None else int(cutoff_s[number[wave]])
        for wave in commodities["arrive_by_wave_index"].to_list()
    ]
    journeys = Journeys(
        pair=pair_of,
        origin_wave=np.array(
            [number[wave] for wave in commodities["origin_wave_index"].to_list()], dtype=np.int64
        ),
        due_s=np.array(due, dtype=np.int64),
        cm3=_integers(commodities["cm3"]),
        grams=_integers(commodities["grams"]),
        pieces=_integers(commodities["pieces"]),
        parcels=_integers(commodities["parcels"]),
    )
    ladders = network.ladder_lane.size
    free = np.zeros(ladders)
    fastest_s = np.zeros(journeys.pair.size, dtype=np.int64)
    none = np.zeros(0, dtype=np.int64)
    nobody = Riders(np.zeros(journeys.pair.size + 1, dtype=np.int64), none, none, none)
    timetable, unused = network.timetable, np.zeros(0)
    leave_now(timetable, routes, journeys, nobody, free, free, late_usd, fastest_s, unused)
    # Where no wave keeps the promise, lateness counts from the earliest that can be had.
    promised = commodities["arrive_by_wave_index"].is_not_null().to_numpy()
    due_s = np.where(promised & (fastest_s < NEVER), journeys.due_s, fastest_s)
    return journeys._replace(due_s=due_s.astype(np.int64))


def _model(
    problem: LinehaulProblem,
    network: TimedNetwork,
    demand: Demand,
    routes: Routes,
    journeys: Journeys,
    rate_cm3: FloatArray,
) -> Model:
    timetable = network.timetable
    commodities = journeys.pair.size
    most = PATHS_OF_FEW if commodities <= MANY_COMMODITIES else PATHS_OF_MANY
    late_usd = problem.late_usd_parcel_day
    paths = build_paths(timetable, routes, journeys, rate_cm3, late_usd, most)
    user_start, user = _users(paths.start, paths.arcs, timetable.arc_ladder.size)
    chunk_start = np.searchsorted(demand.chunk_commodity, np.arange(commodities + 1))
    of_chunk = demand.chunk_commodity
    return Model(
        ladders=network.ladders,
        paths=paths,
        arc_ladder=timetable.arc_ladder,
        arc_from_wave=timetable.arc_from_wave,
        arc_to_wave=timetable.arc_to_wave,
        wave_doors=network.wave_doors,
        wave_capacity=network.wave_capacity,
        wave_sorted=_inducted(problem, network),
        users=Users(user_start, user, chunk_start.astype(np.int64)),
        chunk_commodity=of_chunk,
        chunk_cm3=demand.chunk_cm3,
        chunk_g=demand.chunk_g,
        chunk_pieces=demand.chunk_pieces,
        chunk_parcels=demand.chunk_parcels,
        chunk_inject_usd=demand.chunk_inject_usd,
        chunk_origin=routes.pair_origin[journeys.pair[of_chunk]],
        chunk_destination=routes.pair_destination[journeys.pair[of_chunk]],
        late_usd=float(late_usd),
        door_usd=DOOR_USD,
        sort_usd=SORT_USD,
    )


def _users(path_start: IntArray, path_arcs: IntArray, arcs: int) -> tuple[IntArray, IntArray]:
    """Commodities that have a path over each arc, as offsets and a list."""
    owner = np.repeat(np.arange(path_start.size - 1), np.diff(path_start))
    used = path_arcs >= 0
    pairs = np.stack([path_arcs[used], np.broadcast_to(owner[:, None], used.shape)[used]], axis=1)
    pairs = np.unique(pairs, axis=0)
    start = np.searchsorted(pairs[:, 0], np.arange(arcs + 1)).astype(np.int64)
    return start, np.ascontiguousarray(pairs[:, 1]).astype(np.int64)


def _inducted(problem: LinehaulProblem, network: TimedNetwork) -> IntArray:
    """Pieces that each wave sorts at the origin, those that stay there included."""
    pieces = problem.consignments.group_by("origin_wave_index").agg(pl.col("pieces").sum())
    return (
        network.waves.join(
            pieces,
            left_on="wave_index",
            right_on="origin_wave_index",
            how="left",
            maintain_order="left",
        )["pieces"]
        .fill_null(0)
        .to_numpy()
        .astype(np.int64)
    )


def _integers(column: pl.Series) -> IntArray:
    return np.array(column.to_numpy(), dtype=np.int64)
