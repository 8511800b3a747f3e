"""One restricted program: the chunks of a neighbourhood over the departures they may use."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from crossdock.model.mixed import MixedProgram
from crossdock.plan.linehaul.ladder import (
    CM3,
    GRAMS,
    MAX_RUNGS,
    MOST,
    OVERFLOW_USD_PER_M3,
    USD,
    VEHICLE,
    FloatArray,
    IntArray,
    cover,
)
from crossdock.plan.linehaul.search import path_costs
from crossdock.plan.linehaul.state import INJECT, Model, State, move, own_usd

CHEAPEST_PATHS = 12
"""Paths over departures already driven, by marginal cost."""
PROMISING_PATHS = 3
"""Paths that lead the commodity's list, driven or not."""
OVERFLOW_KG_PER_M3 = 100.0
BUSY_DOORS = 0.8
"""Share of the doors in use from which a sub-problem minds them."""


@dataclass(frozen=True)
class SubProblem:
    """A program and what its first columns mean: chunk ``x_chunk[j]`` takes path ``x_path[j]``."""

    chunks: IntArray
    x_chunk: IntArray
    x_path: IntArray
    program: MixedProgram

    def paths_of(self, point: FloatArray) -> IntArray:
        """Path of each of ``chunks`` in a solution."""
        chosen = np.flatnonzero(point[: self.x_chunk.size] > 0.5)
        chosen = chosen[np.argsort(self.x_chunk[chosen], kind="stable")]
        return self.x_path[chosen]


@dataclass
class _Rows:
    """Rows of a program as they are written, one entry list for all."""

    low: list[float] = field(default_factory=list[float])
    high: list[float] = field(default_factory=list[float])
    start: list[int] = field(default_factory=lambda: [0])
    column: list[int] = field(default_factory=list[int])
    value: list[float] = field(default_factory=list[float])

    def add(self, columns: list[int], values: list[float], low: float, high: float) -> None:
        self.column += columns
        self.value += values
        self.start.append(len(self.column))
        self.low.append(low)
        self.high.append(high)


@dataclass
class _Columns:
    """Columns of a program as they are written."""

    cost: list[float] = field(default_factory=list[float])
    high: list[float] = field(default_factory=list[float])
    integer: list[int] = field(default_factory=list[int])
    start: list[float] = field(default_factory=list[float])

    def add(self, cost: float, high: float, start: float, *, integer: bool) -> int:
        self.cost.append(cost)
        self.high.append(high)
        self.start.append(start)
        self.integer.append(int(integer))
        return len(self.cost) - 1


@dataclass
class _Departure:
    """An arc of the program: the x columns over it, its y columns, and its fixed load."""

    arc: int
    riders: list[int]
    units: list[int]
    base_cm3: int
    base_g: int


def build_subproblem(model: Model, state: State, chunks: IntArray) -> SubProblem:
    """Program that re-deals ``chunks`` (sorted) while all others stay; ``state`` is unchanged."""
    before = state.choice[chunks].copy()
    for chunk in chunks:
        move(model, state, int(chunk), int(state.choice[chunk]), -1)
    columns, rows = _Columns(), _Rows()
    x_chunk, x_path = _choices(model, state, chunks, before, columns, rows)
    departures = _departures(model, state, x_path)
    for departure in departures:
        _add_vehicles(model, departure, x_chunk, columns, rows)
    _add_sort_limits(model, state, x_chunk, x_path, columns, rows)
    _add_door_limits(model, state, departures, columns, rows)
    for chunk, path in zip(chunks, before, strict=True):
        move(model, state, int(chunk), int(path), 1)
    program = MixedProgram(
        cost=np.array(columns.cost),
        high=np.array(columns.high),
        integer=np.array(columns.integer, dtype=np.int64),
        row_low=np.array(rows.low),
        row_high=np.array(rows.high),
        row_start=np.array(rows.start, dtype=np.int64),
        column=np.array(rows.column, dtype=np.int64),
        value=np.array(rows.value),
        start=np.array(columns.start),
    )
    return SubProblem(chunks, np.array(x_chunk), np.array(x_path), program)


def _choices(
    model: Model,
    state: State,
    chunks: IntArray,
    before: IntArray,
    columns: _Columns,
    rows: _Rows,
) -> tuple[list[int], list[int]]:
    """A binary column a chunk and candidate path; exactly one of them."""
    x_chunk: list[int] = []
    x_path: list[int] = []
    for chunk, current in zip(chunks.tolist(), before.tolist(), strict=True):
        of_chunk: list[int] = []
        paths = _candidate_paths(model, state, chunk, current)
        own = own_usd(model, np.full(len(paths), chunk), np.array(paths))
        for path, usd in zip(paths, own.tolist(), strict=True):
            of_chunk.append(columns.add(usd, 1.0, float(path == current), integer=True))
            x_chunk.append(chunk)
            x_path.append(path)
        rows.add(of_chunk, [1.0] * len(of_chunk), 1.0, 1.0)
    return x_chunk, x_path


def _candidate_paths(model: Model, state: State, chunk: int, current: int) -> list[int]:
    commodity = model.chunk_commodity[chunk]
    first, last = int(model.paths.start[commodity]), int(model.paths.start[commodity + 1])
    usd = np.empty(last - first)
    path_costs(model, state, chunk, usd)
    usd += own_usd(model, np.full(usd.size, chunk), np.arange(first, last))
    arcs = model.paths.arcs[first:last]
    own_path = model.paths.arcs[current] if current != INJECT else np.zeros(0, dtype=np.int64)
    driven = (arcs < 0) | (state.arc_cm3[arcs] > 0) | np.isin(arcs, own_path)
    usd[~driven.all(axis=1)] += 1e9
    cheapest = first + np.argsort(usd, kind="stable")[:CHEAPEST_PATHS]
    promising = range(first, min(first + PROMISING_PATHS, last))
    paths = sorted({int(current), *cheapest.tolist(), *promising} - {INJECT})
    if np.isfinite(model.chunk_inject_usd[chunk]):
        paths.append(INJECT)
    return paths


def _departures(model: Model, state: State, x_path: list[int]) -> list[_Departure]:
    riders: dict[int, list[int]] = {}
    for column, path in enumerate(x_path):
        if path == INJECT:
            continue
        for arc in model.paths.arcs[path].tolist():
            if arc >= 0:
                riders.setdefault(arc, []).append(column)
    return [
        _Departure(arc, riders[arc], [], int(state.arc_cm3[arc]), int(state.arc_g[arc]))
        for arc in sorted(riders)
    ]


def _add_vehicles(
    model: Model, departure: _Departure, x_chunk: list[int], columns: _Columns, rows: _Rows
) -> None:
    """Whole vehicles of each rung that hold the fixed load and whoever chooses the departure."""
    ladders = model.ladders
    ladder = int(model.arc_ladder[departure.arc])
    first, last = int(ladders.start[ladder]), int(ladders.start[ladder + 1])
    cm3 = [float(model.chunk_cm3[x_chunk[x]]) for x in departure.riders]
    grams = [float(model.chunk_g[x_chunk[x]]) for x in departure.riders]
    riding = np.array([columns.start[x] for x in departure.riders])
    now_cm3 = departure.base_cm3 + round(float(riding @ cm3))
    now_g = departure.base_g + round(float(riding @ grams))
    counts = np.zeros(MAX_RUNGS, dtype=np.int64)
    cover(ladders, ladder, now_cm3, now_g, counts)
    for rung in range(first, last):
        most = max(
            -(-(departure.base_cm3 + sum(cm3)) // ladders.space[rung, CM3]),
            -(-(departure.base_g + sum(grams)) // ladders.space[rung, GRAMS]),
        )
        most = max(float(min(most, ladders.space[rung, MOST])), float(counts[rung - first]))
        usd, units = float(ladders.price[rung, USD]), float(counts[rung - first])
        departure.units.append(columns.add(usd, most, units, integer=True))
    over = max(
        (now_cm3 - ladders.limit[ladder, CM3]) * 1e-6,
        (now_g - ladders.limit[ladder, GRAMS]) * 1e-3 / OVERFLOW_KG_PER_M3,
        0.0,
    )
    overflow = columns.add(OVERFLOW_USD_PER_M3, np.inf, float(over), integer=False)
    space = (
        (1e-6, cm3, ladders.space[:, CM3], departure.base_cm3, 1.0),
        (1e-3, grams, ladders.space[:, GRAMS], departure.base_g, OVERFLOW_KG_PER_M3),
    )
    for scale, sizes, capacity, base, slack in space:
        rows.add(
            [*departure.riders, *departure.units, overflow],
            [
                *(-scale * size for size in sizes),
                *(scale * float(capacity[rung]) for rung in range(first, last)),
                slack,
            ],
            scale * base,
            np.inf,
        )
    if departure.base_cm3 == 0:
        _add_linking(departure, x_chunk, overflow, rows)


def _add_linking(departure: _Departure, x_chunk: list[int], overflow: int, rows: _Rows) -> None:
    """A chunk rides only if a vehicle does: implied by space, but far tighter in the relaxation."""
    by_chunk: dict[int, list[int]] = {}
    for x in departure.riders:
        by_chunk.setdefault(x_chunk[x], []).append(x)
    for of_chunk in by_chunk.values():
        rows.add(
            [*of_chunk, *departure.units, overflow],
            [-1.0] * len(of_chunk) + [1.0] * len(departure.units) + [1e6],
            0.0,
            np.inf,
        )


def _add_sort_limits(
    model: Model,
    state: State,
    x_chunk: list[int],
    x_path: list[int],
    columns: _Columns,
    rows: _Rows,
) -> None:
    landing: dict[int, dict[int, float]] = {}
    for x, path in enumerate(x_path):
        if path == INJECT:
            continue
        for arc in model.paths.arcs[path].tolist():
            if arc >= 0:
                wave = int(model.arc_to_wave[arc])
                landing.setdefault(wave, {})[x] = float(model.chunk_pieces[x_chunk[x]])
    for wave in sorted(landing):
        room = float(model.wave_capacity[wave] - state.wave_pieces[wave])
        pieces = landing[wave]
        if sum(pieces.values()) <= room:
            continue
        now = sum(columns.start[x] * size for x, size in pieces.items())
        excess = columns.add(model.sort_usd, np.inf, max(0.0, now - room), integer=False)
        rows.add([*pieces, excess], [*pieces.values(), -1.0], -np.inf, room)


def _add_door_limits(
    model: Model, state: State, departures: list[_Departure], columns: _Columns, rows: _Rows
) -> None:
    """Vehicles of the busy waves; a block of pooled positions counts as it does now."""
    leaving: dict[int, list[_Departure]] = {}
    for departure in departures:
        if model.ladders.limit[model.arc_ladder[departure.arc], VEHICLE]:
            leaving.setdefault(int(model.arc_from_wave[departure.arc]), []).append(departure)
    for wave in sorted(leaving):
        units = [column for departure in leaving[wave] for column in departure.units]
        now = sum(columns.start[column] for column in units)
        fixed = float(state.wave_vehicles[wave]) - sum(
            float(state.arc_vehicles[departure.arc]) for departure in leaving[wave]
        )
        doors = float(model.wave_doors[wave])
        if fixed + now < BUSY_DOORS * doors:
            continue
        excess = columns.add(model.door_usd, np.inf, max(0.0, fixed + now - doors), integer=False)
        rows.add([*units, excess], [1.0] * len(units) + [-1.0], -np.inf, doors - fixed)
