"""A cost that no plan of the full model can undercut.

Every departure of a lane costs at least its least linear rate times what rides it, where the rate
counts that no more than all the volume that may ever use the lane can share a vehicle
(`routes.unit_rates`: coefficient tightening). Under linear costs parcels no longer interact, so the
cheapest timed path of each parcel, or its injection, adds up to a valid bound over *all* routes,
waves and waits, doors and sort capacity relaxed. It is taken once by volume and once by weight; the
larger counts. What stays open above it is mostly the last part-filled vehicle of each lane and day.

Parcels of one journey differ in what injection costs, and in pieces for their volume: a plan may
part them, so what is cheapest for the whole journey would bound too high.
"""

from __future__ import annotations

import numpy as np

from crossdock.plan.linehaul.commodities import Demand
from crossdock.plan.linehaul.ladder import FloatArray, IntArray
from crossdock.plan.linehaul.network import TimedNetwork
from crossdock.plan.linehaul.paths import Journeys, Riders, leave_now
from crossdock.plan.linehaul.routes import Routes, unit_rates


def lower_bound(
    network: TimedNetwork,
    routes: Routes,
    journeys: Journeys,
    demand: Demand,
    potential_cm3: IntArray,
    late_usd: float,
) -> float:
    """Lower bound of `LinehaulPlan.objective_usd`, dollars.

    Parameters
    ----------
    potential_cm3
        Greatest volume that could use each lane.
    """
    most_cm3 = potential_cm3[network.ladder_lane].astype(np.float64)
    most_g = np.full(most_cm3.size, float(journeys.grams.sum()))
    rate_cm3, rate_g = unit_rates(network.ladders, most_cm3, most_g)
    none = np.zeros(rate_cm3.size)
    return max(
        _linear_cost(network, routes, journeys, demand, rates, late_usd)
        for rates in ((rate_cm3, none), (none, rate_g))
    )


def _linear_cost(
    network: TimedNetwork,
    routes: Routes,
    journeys: Journeys,
    demand: Demand,
    rates: tuple[FloatArray, FloatArray],
    late_usd: float,
) -> float:
    parcels = demand.parcels
    journey = parcels["commodity"].to_numpy()
    riders = Riders(
        np.searchsorted(journey, np.arange(journeys.pair.size + 1)).astype(np.int64),
        *(np.array(parcels[size].to_numpy()) for size in ("cm3", "grams", "pieces")),
    )
    fastest_s = np.zeros(journeys.pair.size, dtype=np.int64)
    cheapest_usd = np.zeros(parcels.height)
    timetable = network.timetable
    leave_now(timetable, routes, journeys, riders, *rates, late_usd, fastest_s, cheapest_usd)
    inject_usd = parcels["inject_usd"].fill_null(np.inf).to_numpy()
    return float(np.minimum(cheapest_usd, inject_usd).sum())
