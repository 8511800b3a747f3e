"""What a stop will cost, before any route is drawn: a continuous approximation.

Daganzo (1984), "The distance traveled to visit N points with a maximum of C stops per vehicle",
Transportation Science 18(4): a tour of C stops at distance r from the depot, with density d of
stops, drives about ``2 r + 0.57 C / sqrt(d)``; the second term goes back to the travelling
salesman constant of Beardwood, Halton and Hammersley (1959), with streets instead of straight
lines. C is what a duty or the cube allows.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.comply.breaks import REST_S, longest_work_s, rests_needed
from crossdock.locate.roads import drive_seconds, street_distance_m
from crossdock.model.units import METERS_PER_MILE, SECONDS_PER_HOUR
from crossdock.plan.lastmile.near import local_xy, within
from crossdock.plan.lastmile.stops import HANDLE_S, PARK_S

DAGANZO_K = 0.57
_STREET_OVER_STRAIGHT = 1.35  # † as `locate.roads.street_distance_m`
_RADII_M = (3_000.0, 6_000.0, 12_000.0, 24_000.0, 48_000.0)
_ENOUGH_STOPS = 40

Floats = NDArray[np.float64]


def estimate_stop_costs(
    zips: pl.DataFrame, latitude: float, longitude: float, fleet: pl.DataFrame
) -> pl.Series:
    """Estimated dollars a stop for each ZIP served from one depot on one day.

    Parameters
    ----------
    zips
        ``latitude, longitude`` (of the ZIP's centre), ``stops``, ``parcels`` and ``volume_m3`` of
        the day. Density is that of the neighbourhood: the smallest circle of 3 to 48 km that holds
        40 stops of all the rows, so that ZIPs which one van serves together help each other.
    latitude, longitude
        Of the depot.
    fleet
        Schema ``FLEET``: the vehicle with the least cost a stop is taken, ZIP by ZIP.

    Returns
    -------
    polars.Series
        ``usd_stop``, in the order of ``zips``; null where no vehicle can do the trip in a duty.
    """
    kinds = fleet.unique(
        ["capacity_m3", "max_duty_s", "fixed_usd_day", "cost_usd_mile", "cost_usd_h", "usd_stop"],
        keep="first",
        maintain_order=True,
    )
    best = np.full(zips.height, np.inf)
    stem_m = street_distance_m(
        latitude, longitude, zips["latitude"].to_numpy(), zips["longitude"].to_numpy()
    )
    local_m = DAGANZO_K * _STREET_OVER_STRAIGHT / np.sqrt(_density(zips))
    for kind in kinds.iter_rows(named=True):
        best = np.fmin(best, _usd_stop(zips, kind, stem_m, local_m))
    return pl.Series("usd_stop", np.where(np.isfinite(best), best, np.nan)).fill_nan(None)


def _density(zips: pl.DataFrame) -> Floats:
    """Stops a square metre round each ZIP."""
    stops = zips["stops"].to_numpy().astype(np.float64)
    if not len(stops):
        return stops
    points = local_xy(zips["latitude"].to_numpy(), zips["longitude"].to_numpy())
    density, found = np.zeros(len(stops)), np.zeros(len(stops), dtype=np.bool_)
    for radius_m in _RADII_M:
        open_rows = np.flatnonzero(~found)
        near = within(points, points[open_rows], radius_m)
        held = np.array([stops[members].sum() for members in near])
        density[open_rows] = np.maximum(held, 1.0) / (np.pi * radius_m**2)
        found[open_rows] = held >= _ENOUGH_STOPS
        if found.all():
            break
    return density


def _usd_stop(
    zips: pl.DataFrame, kind: dict[str, float], stem_m: Floats, local_m: Floats
) -> Floats:
    """Cost a stop with full tours of one kind; infinite where not one stop fits a duty."""
    stops = np.maximum(zips["stops"].to_numpy().astype(np.float64), 1.0)
    parcels = zips["parcels"].to_numpy() / stops
    each_m3 = zips["volume_m3"].to_numpy() / stops
    work_s = longest_work_s(int(kind["max_duty_s"]))
    each_s = drive_seconds(local_m) + PARK_S + HANDLE_S * parcels
    stem_s = 2 * drive_seconds(stem_m)
    by_time = (work_s - stem_s) / each_s
    by_cube = kind["capacity_m3"] / np.maximum(each_m3, 1e-6)
    count = np.maximum(np.minimum(by_time, by_cube), 1.0)
    paid_s = stem_s + count * each_s
    rests_s = rests_needed(work_s) * REST_S
    tour_usd = (
        kind["fixed_usd_day"]
        + kind["cost_usd_mile"] * (2 * stem_m + count * local_m) / METERS_PER_MILE
        + kind["cost_usd_h"] * (paid_s + rests_s * paid_s / max(work_s, 1)) / SECONDS_PER_HOUR
        + (kind["usd_stop"] + kind["usd_parcel"] * parcels) * count
    )
    tour_usd = np.maximum(tour_usd, kind["minimum_usd"]) * (1 + kind["fuel_pct"] / 100)
    return np.where(by_time < 1.0, np.inf, tour_usd / count)
