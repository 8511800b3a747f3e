"""Who may deliver each ZIP of the 48 states: the station near it, USPS and a partner beyond."""

from __future__ import annotations

import polars as pl

from crossdock.locate.roads import great_circle_m, nearest_place
from crossdock.locate.zips import SERVED_STATES, zip_table
from crossdock.model.units import METERS_PER_MILE
from crossdock.simulate.builtin.carriers import (
    CROWD_PLATFORM,
    OWN_DELIVERY,
    PARCEL_PARTNER,
    POSTAL_SERVICE,
)

OWN_REACH_MILES = 60.0
"""Great-circle miles from its station up to which own and crowd drivers deliver."""

_NEAR = pl.DataFrame(
    {
        "carrier_id": [OWN_DELIVERY, CROWD_PLATFORM, PARCEL_PARTNER, POSTAL_SERVICE],
        "mode": ["own", "crowd", "3pl", "usps"],
        "entry_level": [None, None, None, "scf"],
        "priority": [1, 2, 3, 4],
    }
)
_FAR = _NEAR.filter(pl.col("mode").is_in(["3pl", "usps"]))


def coverage(metros: pl.DataFrame) -> pl.DataFrame:
    """Coverage rows of every ZIP of the 48 states and DC.

    The station of a ZIP is the nearest one. Within 60 miles it delivers itself or by crowd, partner
    or USPS; beyond, by partner or USPS. USPS also takes parcels at each origin (``origin`` entry).

    The rows are few: the most frequent answer of a three-digit area is written once for the area,
    and only ZIPs that differ have complete rows of their own.
    """
    areas = _compact(_stations_of_zips(metros))
    near = areas.filter("near").join(_NEAR, how="cross")
    far = areas.filter(~pl.col("near")).join(_FAR, how="cross")
    at_stations = pl.concat([near, far]).select(
        "zip", "facility_id", "carrier_id", "mode", "entry_level", "priority"
    )
    origins = metros.filter(pl.col("roles").list.contains("origin_station"))
    at_origins = (
        areas.select("zip")
        .join(origins.select("facility_id"), how="cross")
        .with_columns(
            carrier_id=pl.lit(POSTAL_SERVICE),
            mode=pl.lit("usps"),
            entry_level=pl.lit("origin"),
            priority=pl.lit(9, dtype=pl.Int64),
        )
    )
    return pl.concat([at_stations, at_origins]).sort("zip", "priority", "facility_id")


def _stations_of_zips(metros: pl.DataFrame) -> pl.DataFrame:
    """``zip5, zip3, facility_id, near`` of every served ZIP."""
    zips = zip_table().filter(pl.col("state").is_in(SERVED_STATES))
    stations = metros.filter(pl.col("roles").list.contains("destination_station")).sort(
        "facility_id"
    )
    here = (zips["latitude"].to_numpy(), zips["longitude"].to_numpy())
    there = (stations["latitude"].to_numpy(), stations["longitude"].to_numpy())
    nearest = nearest_place(*here, *there)
    distance_m = great_circle_m(*here, there[0][nearest], there[1][nearest])
    return zips.select(
        "zip5",
        "zip3",
        facility_id=stations["facility_id"].gather(nearest),
        near=pl.Series(distance_m <= OWN_REACH_MILES * METERS_PER_MILE),
    )


def _compact(stations: pl.DataFrame) -> pl.DataFrame:
    """``zip, facility_id, near``: an area's usual answer, then the ZIPs that differ from it."""
    usual = (
        stations.group_by("zip3", "facility_id", "near", maintain_order=True)
        .len()
        .sort("zip3", "len", "facility_id", "near", descending=[False, True, False, False])
        .unique("zip3", keep="first", maintain_order=True)
        .drop("len")
    )
    differing = stations.join(usual, on=["zip3", "facility_id", "near"], how="anti")
    return pl.concat(
        [
            usual.select("facility_id", "near", zip="zip3"),
            differing.select("facility_id", "near", zip="zip5"),
        ]
    )
