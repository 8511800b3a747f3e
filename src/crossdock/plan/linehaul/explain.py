"""Why each pair of facilities travels as it does, and each departure has its vehicle."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from crossdock.model.tables import DECISIONS, conform
from crossdock.plan.linehaul.ladder import CM3_PER_M3, FloatArray, IntArray
from crossdock.plan.linehaul.pack import Packed, Routing
from crossdock.plan.linehaul.prepare import Prepared
from crossdock.plan.linehaul.search import INJECT_ONLY, route_costs
from crossdock.plan.linehaul.state import State
from crossdock.plan.linehaul.steps import (
    DecisionRow,
    Lane,
    Step,
    lane_steps,
    movement_decisions,
    paying_steps,
)

RUNNERS_UP = 5
INJECTED = "injected at origin"
NOT_MOVED = "not moved"
AS_PLANNED = "as planned"


@dataclass(frozen=True)
class Option:
    """One way to do it."""

    option: str
    usd: float
    service: str
    why_not: str

    def as_json(self) -> dict[str, object]:
        """The shape of an alternative in `DECISIONS`."""
        return {
            "option": self.option,
            "cost_usd": round(self.usd, 2),
            "service": self.service,
            "why_not": self.why_not,
        }


def explain(
    prepared: Prepared, routing: Routing, state: State | None, packed: Packed
) -> pl.DataFrame:
    """Decisions of every pair and every movement, schema `DECISIONS`.

    Parameters
    ----------
    state
        The searched plan, on which alternatives are re-costed at the margin; null for the baseline,
        which considers none: its pairs bear their share of the departures they ride.
    """
    steps = lane_steps(prepared.network)
    shares = _shares_usd(prepared, routing, packed)
    pairs = [
        _pair_decision(prepared, routing, state, shares, pair, chunks, steps)
        for pair, chunks in enumerate(_chunks_by_pair(prepared))
        if chunks.size
    ]
    rows = pairs + movement_decisions(prepared.network, packed)
    return conform(pl.DataFrame(rows, schema=pl.Schema(DECISIONS), orient="row"), DECISIONS)


def _chunks_by_pair(prepared: Prepared) -> list[IntArray]:
    pair = prepared.journeys.pair[prepared.demand.chunk_commodity]
    order = np.argsort(pair, kind="stable").astype(np.int64)
    bounds = np.searchsorted(pair[order], np.arange(prepared.routes.start.size))
    return [order[low:high] for low, high in pairwise(bounds.tolist())]


def _pair_decision(
    prepared: Prepared,
    routing: Routing,
    state: State | None,
    shares: FloatArray,
    pair: int,
    chunks: IntArray,
    steps: dict[Lane, list[Step]],
) -> DecisionRow:
    ids, routes = prepared.network.facility_ids, prepared.routes
    origin = ids[int(routes.pair_origin[pair])]
    destination = ids[int(routes.pair_destination[pair])]
    chosen = _chosen_path(prepared, routing, chunks)
    parcels = int(prepared.demand.chunk_parcels[chunks].sum())
    volume_m3 = float(prepared.demand.chunk_cm3[chunks].sum()) / CM3_PER_M3
    size = f"{parcels} parcels ({volume_m3:.2f} m3) from {origin} to {destination}"
    m3_parcel = volume_m3 / parcels
    direct = steps.get((origin, destination), [])
    advice = _direct_break_even(direct, m3_parcel)
    if state is None:
        usd = float(shares[chunks].sum())
        options = [Option(chosen, usd, AS_PLANNED, "")]
        reason = (
            f"The routing guide has {size} {chosen} for ${usd:,.2f}, shared by volume with what "
            f"else is on board; it compares nothing."
        )
    else:
        usd, others = _recosted(prepared, state, pair, chunks, chosen)
        options = [Option(chosen, usd, AS_PLANNED, ""), *others]
        reason = (
            f"{size} go {chosen} for ${usd:,.2f} at the margin (${usd / parcels:.2f} a parcel)"
            f"{_next_best(usd, others)}"
        )
        advice += _injection_advice(prepared, chunks, direct, m3_parcel, usd / parcels)
    listed = json.dumps([option.as_json() for option in options], sort_keys=True)
    return f"{origin}-{destination}", "linehaul_path", chosen, listed, reason + advice


def _shares_usd(prepared: Prepared, routing: Routing, packed: Packed) -> FloatArray:
    """What each chunk costs: its part of its movements by volume, handling, lateness, injection."""
    network, model = prepared.network, prepared.model
    arc_usd = np.zeros(network.timetable.arc_ladder.size + 1)
    np.add.at(
        arc_usd,
        packed.movement_rungs["arc"].to_numpy(),
        packed.movements["planned_cost_usd"].to_numpy(),
    )
    arc_cm3 = np.zeros(arc_usd.size)
    np.add.at(arc_cm3, routing.arcs, np.where(routing.arcs >= 0, model.chunk_cm3[:, None], 0))
    # The entry at the end answers for the -1 that pads a path.
    rate = arc_usd / np.maximum(arc_cm3, 1.0)
    touch_usd = np.append(network.handling_usd[network.lane_to][network.ladder_lane], 0.0)
    ladder = np.append(network.timetable.arc_ladder, -1)
    travel_usd = (
        rate[routing.arcs].sum(axis=1) * model.chunk_cm3
        + touch_usd[ladder[routing.arcs]].sum(axis=1) * model.chunk_pieces
        + routing.late_days * model.late_usd * model.chunk_parcels
    )
    stays_usd = np.where(np.isfinite(model.chunk_inject_usd), model.chunk_inject_usd, 0.0)
    return np.where((routing.arcs >= 0).any(axis=1), travel_usd, stays_usd)


def _chosen_path(prepared: Prepared, routing: Routing, chunks: IntArray) -> str:
    """How most of the volume goes; a second way is named when there is one."""
    weight: dict[str, float] = {}
    for chunk in chunks.tolist():
        label = _path_label(prepared, chunk, routing.arcs[chunk])
        weight[label] = weight.get(label, 0.0) + float(prepared.demand.chunk_cm3[chunk])
    labels = sorted(weight, key=lambda label: (-weight[label], label))
    return labels[0] if len(labels) == 1 else f"{labels[0]}, in part {', '.join(labels[1:])}"


def _path_label(prepared: Prepared, chunk: int, arcs: IntArray) -> str:
    network = prepared.network
    ladders = [int(network.timetable.arc_ladder[arc]) for arc in arcs if arc >= 0]
    if not ladders:
        return INJECTED if np.isfinite(prepared.demand.chunk_inject_usd[chunk]) else NOT_MOVED
    stops = [int(network.lane_to[network.ladder_lane[ladder]]) for ladder in ladders[:-1]]
    speeds = [str(network.rungs["speed"][int(network.ladders.start[at])]) for at in ladders]
    return f"{_over(prepared, stops)} by {' then '.join(speeds)}"


def _over(prepared: Prepared, stops: list[int]) -> str:
    names = [prepared.network.facility_ids[stop] for stop in stops]
    return f"via {' and '.join(names)}" if names else "direct"


def _recosted(
    prepared: Prepared, state: State, pair: int, chunks: IntArray, chosen: str
) -> tuple[float, list[Option]]:
    """Marginal cost of the pair as planned, and of its other routes and of injection."""
    first, last = int(prepared.routes.start[pair]), int(prepared.routes.start[pair + 1])
    known = np.unique(
        np.concatenate(
            [
                prepared.model.paths.route[
                    prepared.model.paths.start[commodity] : prepared.model.paths.start[
                        commodity + 1
                    ]
                ]
                for commodity in np.unique(prepared.demand.chunk_commodity[chunks])
            ]
        )
    )
    columns = np.array([INJECT_ONLY, *known[(known >= first) & (known < last)]], dtype=np.int64)
    usd = np.zeros(columns.size)
    now_usd = float(route_costs(prepared.model, state, chunks, columns, usd))
    options: list[Option] = []
    for column, cost in zip(columns.tolist(), usd.tolist(), strict=True):
        label = INJECTED if column == INJECT_ONLY else _route_label(prepared, column)
        if np.isfinite(cost) and not (chosen == label or chosen.startswith(f"{label} by")):
            service = "partner's" if column == INJECT_ONLY else "lateness counted in the cost"
            options.append(Option(label, cost, service, _dearer(cost - now_usd)))
    # What would save something and cannot be had stands below what was beaten.
    options.sort(key=lambda option: (option.usd < now_usd, option.usd, option.option))
    return now_usd, options[:RUNNERS_UP]


def _route_label(prepared: Prepared, route: int) -> str:
    lanes = prepared.routes.lanes[route]
    return _over(prepared, prepared.network.lane_to[lanes[lanes >= 0][:-1]].tolist())


def _dearer(usd: float) -> str:
    if usd >= 0:
        return f"costs ${usd:,.2f} more"
    return f"${-usd:,.2f} cheaper at the margin, but the search did not move all of it there"


def _next_best(usd: float, options: list[Option]) -> str:
    if not options:
        return "; nothing else leads there."
    more_usd = options[0].usd - usd
    if more_usd < 0:
        return f"; {options[0].option} would cost ${-more_usd:,.2f} less at the margin."
    return f"; {options[0].option} would cost ${more_usd:,.2f} more."


def _direct_break_even(direct: list[Step], m3_parcel: float) -> str:
    """From which volume a departure the steps of the direct lane pay."""
    pays = [
        f"{large.name} over {small.name} from {volume:.1f} m3 ({volume / m3_parcel:,.0f} parcels)"
        for small, large, volume in paying_steps(direct)
    ]
    return f" On the direct lane a departure pays {'; '.join(pays)}." if pays else ""


def _injection_advice(
    prepared: Prepared, chunks: IntArray, direct: list[Step], m3_parcel: float, usd_parcel: float
) -> str:
    """From which volume an own direct departure beats injection; a price where none is covered."""
    inject_usd = prepared.demand.chunk_inject_usd[chunks]
    offered = np.isfinite(inject_usd)
    if not offered.any():
        return (
            f" No ZIP there has an origin-entry partner; one would pay below ${usd_parcel:.2f} a "
            f"parcel over the delivery it replaces."
        )
    covered = chunks[offered]
    cm3 = float(prepared.demand.chunk_cm3[covered].sum())
    usd_m3 = float(inject_usd[offered].sum()) / (cm3 / CM3_PER_M3)
    share = cm3 / float(prepared.demand.chunk_cm3[chunks].sum())
    text = (
        f" Injection is on offer for {share:.0%} of it at ${usd_m3 * m3_parcel:.2f} a parcel over "
        f"delivery"
    )
    volumes = [step.usd / usd_m3 for step in direct if 0 < step.usd / max(usd_m3, 1e-9) <= step.m3]
    if usd_m3 <= 0 or not volumes:
        return f"{text}; no single direct departure beats that."
    volume = min(volumes)
    return (
        f"{text}; a direct departure beats that from {volume:.1f} m3 "
        f"({volume / m3_parcel:,.0f} parcels)."
    )
