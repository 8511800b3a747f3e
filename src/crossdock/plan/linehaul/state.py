"""The plan while it is being searched: what rides each departure, and what a change would cost.

Sums are integers, so that taking a chunk off and putting it back restores the state exactly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from crossdock.model.compiled import compiled
from crossdock.plan.linehaul.ladder import (
    MAX_RUNGS,
    FloatArray,
    IntArray,
    Ladders,
    cover,
    cover_loads,
)
from crossdock.plan.linehaul.paths import Paths

INJECT = -1
"""In place of a path: given to an origin-entry carrier."""


class Users(NamedTuple):
    """Commodities with a path over arc ``a``: ``commodity[start[a]:start[a + 1]]``.

    Chunks of commodity ``c``: ``chunk_start[c]`` to ``chunk_start[c + 1]``.
    """

    start: IntArray
    commodity: IntArray
    chunk_start: IntArray


class Model(NamedTuple):
    """Everything the search reads.

    ``arc_*``: departures; ``wave_doors``, ``wave_capacity``: vehicles that may leave, pieces that
    may be sorted; ``wave_sorted``: pieces that a wave sorts whatever is decided (inducted there);
    ``chunk_*``: see `Demand`, with origin and destination facility numbers. ``late_usd``: a parcel
    and day; ``door_usd``, ``sort_usd``: a vehicle, and a piece, beyond the limit of its wave.
    """

    ladders: Ladders
    paths: Paths
    arc_ladder: IntArray
    arc_from_wave: IntArray
    arc_to_wave: IntArray
    wave_doors: IntArray
    wave_capacity: IntArray
    wave_sorted: IntArray
    users: Users
    chunk_commodity: IntArray
    chunk_cm3: IntArray
    chunk_g: IntArray
    chunk_pieces: IntArray
    chunk_parcels: IntArray
    chunk_inject_usd: FloatArray
    chunk_origin: IntArray
    chunk_destination: IntArray
    late_usd: float
    door_usd: float
    sort_usd: float


class State(NamedTuple):
    """What the search changes.

    ``choice``: path of each chunk or `INJECT`; ``arc_*``: load, cost and vehicles of a departure;
    ``wave_pieces``, ``wave_vehicles``: use of a wave; ``counts``: scratch of `cover`;
    ``memo_*``: arc costs of the insertion numbered ``insertion[0]``.
    """

    choice: IntArray
    arc_cm3: IntArray
    arc_g: IntArray
    arc_usd: FloatArray
    arc_vehicles: IntArray
    wave_pieces: IntArray
    wave_vehicles: IntArray
    counts: IntArray
    memo_insertion: IntArray
    memo_usd: FloatArray
    insertion: IntArray


def empty_state(model: Model) -> State:
    """Nothing placed: every choice is `INJECT`, every departure empty."""
    arcs, waves = model.arc_ladder.size, model.wave_doors.size
    return State(
        choice=np.full(model.chunk_commodity.size, INJECT, dtype=np.int64),
        arc_cm3=np.zeros(arcs, dtype=np.int64),
        arc_g=np.zeros(arcs, dtype=np.int64),
        arc_usd=np.zeros(arcs),
        arc_vehicles=np.zeros(arcs, dtype=np.int64),
        wave_pieces=model.wave_sorted.copy(),
        wave_vehicles=np.zeros(waves, dtype=np.int64),
        counts=np.zeros(MAX_RUNGS, dtype=np.int64),
        memo_insertion=np.zeros(arcs, dtype=np.int64),
        memo_usd=np.zeros(arcs),
        insertion=np.zeros(1, dtype=np.int64),
    )


def state_of(model: Model, choice: IntArray) -> State:
    """State in which every chunk travels by ``choice``."""
    state = empty_state(model)
    state.choice[:] = choice
    arcs = chosen_arcs(model, choice)
    chunk, leg = np.nonzero(arcs >= 0)
    arc = arcs[chunk, leg]
    np.add.at(state.arc_cm3, arc, model.chunk_cm3[chunk])
    np.add.at(state.arc_g, arc, model.chunk_g[chunk])
    np.add.at(state.wave_pieces, model.arc_to_wave[arc], model.chunk_pieces[chunk])
    cover_loads(
        model.ladders,
        model.arc_ladder,
        state.arc_cm3,
        state.arc_g,
        state.arc_usd,
        state.arc_vehicles,
    )
    np.add.at(state.wave_vehicles, model.arc_from_wave, state.arc_vehicles)
    return state


def chosen_arcs(model: Model, choice: IntArray) -> IntArray:
    """Departures of each chunk in order, -1 after the last; all -1: injected."""
    if not model.paths.arcs.size:
        return np.full((choice.size, model.paths.arcs.shape[1]), -1, dtype=np.int64)
    return np.where((choice != INJECT)[:, None], model.paths.arcs[choice], -1)


def objective(model: Model, state: State) -> float:
    """Dollars of the plan, its penalties for doors and sort capacity included."""
    over_sort = np.maximum(state.wave_pieces - model.wave_capacity, 0).sum()
    over_doors = np.maximum(state.wave_vehicles - model.wave_doors, 0).sum()
    own = own_usd(model, np.arange(state.choice.size), state.choice)
    penalties = model.sort_usd * float(over_sort) + model.door_usd * float(over_doors)
    return float(state.arc_usd.sum()) + float(own.sum()) + penalties


def own_usd(model: Model, chunk: IntArray, path: IntArray) -> FloatArray:
    """Cost of choices that no other chunk shares: handling and lateness, or injection."""
    if not model.paths.route.size:
        return model.chunk_inject_usd[chunk]
    handling_usd = model.paths.handling_usd[path] * model.chunk_pieces[chunk]
    late_usd = model.late_usd * model.paths.late_days[path] * model.chunk_parcels[chunk]
    return np.where(path == INJECT, model.chunk_inject_usd[chunk], handling_usd + late_usd)


@compiled
def arc_delta(model: Model, state: State, arc: int, chunk: int) -> float:
    """What a departure would cost more with a chunk that does not ride it now."""
    usd, vehicles = cover(
        model.ladders,
        model.arc_ladder[arc],
        state.arc_cm3[arc] + model.chunk_cm3[chunk],
        state.arc_g[arc] + model.chunk_g[chunk],
        state.counts,
    )
    delta = usd - state.arc_usd[arc]
    wave = model.arc_from_wave[arc]
    over = state.wave_vehicles[wave] - model.wave_doors[wave]
    more = vehicles - state.arc_vehicles[arc]
    delta += model.door_usd * (max(0, over + more) - max(0, over))
    wave = model.arc_to_wave[arc]
    over = state.wave_pieces[wave] - model.wave_capacity[wave]
    return delta + model.sort_usd * (max(0, over + model.chunk_pieces[chunk]) - max(0, over))


@compiled
def move(model: Model, state: State, chunk: int, path: int, sign: int) -> float:
    """Put a chunk onto a path (``sign`` 1) or take it off (-1); the change of the objective."""
    state.choice[chunk] = path
    if path == INJECT:
        return sign * model.chunk_inject_usd[chunk]
    pieces = model.chunk_pieces[chunk]
    late_usd = model.late_usd * model.paths.late_days[path] * model.chunk_parcels[chunk]
    delta = sign * (model.paths.handling_usd[path] * pieces + late_usd)
    for leg in range(model.paths.arcs.shape[1]):
        arc = int(model.paths.arcs[path, leg])
        if arc < 0:
            break
        state.arc_cm3[arc] += sign * model.chunk_cm3[chunk]
        state.arc_g[arc] += sign * model.chunk_g[chunk]
        usd, vehicles = cover(
            model.ladders,
            model.arc_ladder[arc],
            state.arc_cm3[arc],
            state.arc_g[arc],
            state.counts,
        )
        wave = model.arc_from_wave[arc]
        over = state.wave_vehicles[wave] - model.wave_doors[wave]
        more = vehicles - state.arc_vehicles[arc]
        delta += model.door_usd * (max(0, over + more) - max(0, over))
        state.wave_vehicles[wave] += more
        wave = model.arc_to_wave[arc]
        over = state.wave_pieces[wave] - model.wave_capacity[wave]
        delta += model.sort_usd * (max(0, over + sign * pieces) - max(0, over))
        state.wave_pieces[wave] += sign * pieces
        delta += usd - state.arc_usd[arc]
        state.arc_usd[arc] = usd
        state.arc_vehicles[arc] = vehicles
    return delta
