"""Which facilities a journey may pass: direct, over one hub or over two, without a long detour."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from crossdock.plan.linehaul.commodities import Demand
from crossdock.plan.linehaul.ladder import CM3, GRAMS, USD, FloatArray, IntArray, Ladders
from crossdock.plan.linehaul.network import TimedNetwork
from crossdock.plan.linehaul.problem import LinehaulProblem

MAX_LEGS = 3
MAX_DETOUR = 1.4
DETOUR_MILES = 150.0
"""A detour is also fine when it adds no more than this."""
SHARED_VOLUME = 0.3
"""Part of all volume that could use a lane which is expected to share it, for first prices."""


class Routes(NamedTuple):
    """Routes of each origin-destination pair, at ``start[pair]:start[pair + 1]``.

    The direct route comes first, the others in the order of their expected cost.

    ``lanes``: lane numbers, -1 after the last; ``handling_usd``: touches of one piece after the
    origin, the destination's included; ``pair_origin``, ``pair_destination``: facility numbers.
    """

    start: IntArray
    lanes: IntArray
    handling_usd: FloatArray
    pair_origin: IntArray
    pair_destination: IntArray


def build_routes(
    problem: LinehaulProblem, network: TimedNetwork, demand: Demand
) -> tuple[Routes, IntArray, IntArray]:
    """Every permitted route of every pair that has parcels.

    Returns
    -------
    tuple
        The routes, the pair of each commodity, and the greatest volume (cm3) that could ever use
        each lane.
    """
    pair_of, origins, destinations = _pairs(network, demand)
    lane_at = np.full((len(network.facility_ids),) * 2, -1, dtype=np.int64)
    lane_at[network.lane_from, network.lane_to] = np.arange(network.lane_from.size)
    direct_miles = _known_miles(problem, network)
    found = [
        _pair_routes(
            network, lane_at, float(direct_miles[origin, destination]), origin, destination
        )
        for origin, destination in zip(origins.tolist(), destinations.tolist(), strict=True)
    ]
    start = np.concatenate([[0], np.cumsum([len(lanes) for lanes in found])]).astype(np.int64)
    lanes = np.concatenate([*found, np.zeros((0, MAX_LEGS), dtype=np.int64)]).astype(np.int64)
    handling = np.where(lanes >= 0, network.handling_usd[network.lane_to[lanes]], 0.0).sum(axis=1)
    cm3 = demand.commodities["cm3"].to_numpy().astype(np.float64)
    pair_cm3 = np.bincount(pair_of, cm3, minlength=origins.size).astype(np.float64)
    potential = _potential(network, start, lanes, pair_cm3)
    pieces = demand.commodities["pieces"].to_numpy().astype(np.float64)
    pieces_per_cm3 = float(pieces.sum()) / max(float(cm3.sum()), 1.0)
    price = _lane_price(network, potential)
    estimate = np.where(lanes >= 0, price[lanes], 0.0).sum(axis=1) + handling * pieces_per_cm3
    pair = np.repeat(np.arange(origins.size), np.diff(start))
    order = np.lexsort((estimate, lanes[:, 1] >= 0, pair))
    routes = Routes(start, lanes[order].copy(), handling[order].copy(), origins, destinations)
    return routes, pair_of, potential


def unit_rates(
    ladders: Ladders, most_cm3: FloatArray, most_g: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Least dollars a cm3, and a gram, that a departure can cost when no more than so much rides.

    A cover of ``v <= U`` that uses a rung larger than ``U`` costs at least that rung's price, hence
    ``price / U`` a unit; one of smaller rungs only costs at least their best full rate. So
    ``min over rungs of price / min(capacity, U)`` is a valid linear under-estimate.
    """
    by_rung = np.repeat(np.arange(ladders.start.size - 1), np.diff(ladders.start))
    cm3 = ladders.price[:, USD] / np.minimum(
        ladders.space[:, CM3], np.maximum(most_cm3[by_rung], 1.0)
    )
    grams = ladders.price[:, USD] / np.minimum(
        ladders.space[:, GRAMS], np.maximum(most_g[by_rung], 1.0)
    )
    if not by_rung.size:
        return np.zeros(0), np.zeros(0)
    return (
        np.minimum.reduceat(cm3, ladders.start[:-1]),
        np.minimum.reduceat(grams, ladders.start[:-1]),
    )


def _pairs(network: TimedNetwork, demand: Demand) -> tuple[IntArray, IntArray, IntArray]:
    place = {facility: number for number, facility in enumerate(network.facility_ids)}
    rows = demand.commodities.select("origin_facility_id", "destination_facility_id").iter_rows()
    count = len(network.facility_ids)
    code = np.array([place[o] * count + place[d] for o, d in rows], dtype=np.int64)
    pairs, pair_of = np.unique(code, return_inverse=True)
    return pair_of.astype(np.int64), pairs // max(count, 1), pairs % max(count, 1)


def _known_miles(problem: LinehaulProblem, network: TimedNetwork) -> FloatArray:
    place = {facility: number for number, facility in enumerate(network.facility_ids)}
    miles = np.full((len(place),) * 2, np.inf)
    for sender, taker, distance in problem.lanes.select(
        "from_facility_id", "to_facility_id", "miles"
    ).iter_rows():
        if distance is not None and sender in place and taker in place:
            miles[place[sender], place[taker]] = distance
    miles[network.lane_from, network.lane_to] = network.lane_miles
    return miles


def _pair_routes(
    network: TimedNetwork, lane_at: IntArray, direct_miles: float, origin: int, destination: int
) -> IntArray:
    hubs = np.flatnonzero(network.is_hub)
    hubs = hubs[(hubs != origin) & (hubs != destination)]
    first, last = lane_at[origin, hubs], lane_at[hubs, destination]
    middle = lane_at[np.ix_(hubs, hubs)]
    one = np.flatnonzero((first >= 0) & (last >= 0))
    # The diagonal of `middle` is -1: a lane never joins a facility with itself.
    enter, leave = np.nonzero((first[:, None] >= 0) & (middle >= 0) & (last[None, :] >= 0))
    none = np.full(one.size, -1)
    lanes = np.concatenate(
        [
            np.array([[lane_at[origin, destination], -1, -1]]),
            np.stack([first[one], last[one], none], axis=1),
            np.stack([first[enter], middle[enter, leave], last[leave]], axis=1),
        ]
    )
    lanes = lanes[lanes[:, 0] >= 0]
    miles = np.where(lanes >= 0, network.lane_miles[lanes], 0.0).sum(axis=1)
    shortest = min(direct_miles, float(miles.min(initial=np.inf)))
    return lanes[miles <= max(MAX_DETOUR * shortest, shortest + DETOUR_MILES)]


def _potential(
    network: TimedNetwork, start: IntArray, lanes: IntArray, pair_cm3: FloatArray
) -> IntArray:
    pair = np.repeat(np.arange(start.size - 1), np.diff(start))
    pair_lane = np.unique(
        np.concatenate(
            [
                np.stack([pair[lanes[:, leg] >= 0], lanes[lanes[:, leg] >= 0, leg]], axis=1)
                for leg in range(MAX_LEGS)
            ]
        ),
        axis=0,
    )
    total = np.bincount(
        pair_lane[:, 1], pair_cm3[pair_lane[:, 0]], minlength=network.lane_from.size
    )
    return total.astype(np.int64)


def _lane_price(network: TimedNetwork, potential: IntArray) -> FloatArray:
    """Expected dollars a cm3 on each lane by its cheapest speed."""
    expected = SHARED_VOLUME * potential[network.ladder_lane].astype(np.float64)
    rate, _ = unit_rates(network.ladders, expected, np.full(expected.size, np.inf))
    price = np.full(network.lane_from.size, np.inf)
    np.minimum.at(price, network.ladder_lane, rate)
    return price
