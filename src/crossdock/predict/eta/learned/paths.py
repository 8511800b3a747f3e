"""The planned path of each parcel, laid out for learning and for forecasting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.locate.roads import great_circle_m
from crossdock.model.units import METERS_PER_MILE
from crossdock.predict.eta.learned.local import DeliveryDates, wall_clock
from crossdock.predict.eta.partner import partner_days

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OWN_MODES = ("own", "crowd")
_BANDS = ((150.0, "0-150"), (400.0, "150-400"), (800.0, "400-800"), (1_400.0, "800-1400"))
_FARTHEST = "1400+"
_LONGEST_ROUTE_H = 10


@dataclass(frozen=True)
class Paths:
    """What is planned for each parcel.

    Attributes
    ----------
    parcels
        One row a parcel that has a way to its door: ``parcel_id, facility_id`` (the last one),
        ``origin_facility_id, mode, carrier_id, entry_level, shared`` (several parcels share the
        door), ``route_id`` (null at a partner), ``leaves_at`` (of the route, or the handoff),
        ``cutoff_at, wave`` (the last wave whose parcels make it), ``planned_at`` (at the stop; null
        at a partner), ``stated_days`` (a partner's), ``hours_out`` (of the stop), ``timezone``,
        ``calendar`` (row of ``midnights``), ``handed`` and ``day`` (delivery day of ``leaves_at``
        and of the door, as positions in it), ``legs`` (how many).
    legs
        One row a parcel and leg, by parcel in the order of ``parcels``: ``parcel_id, seq`` from 0,
        ``load_id, from, to, departs_at, arrives_at, cutoff_at, wave, driver_mode, band, weekday,
        miles_left``.
    midnights
        Local midnight of each delivery day, seconds since the epoch: a line a calendar.
    """

    parcels: pl.DataFrame
    legs: pl.DataFrame
    midnights: Floats

    def only(self, parcel_ids: pl.Series) -> Paths:
        """The paths of some parcels."""
        chosen = pl.col("parcel_id").is_in(parcel_ids.implode())
        return Paths(self.parcels.filter(chosen), self.legs.filter(chosen), self.midnights)


def plan_paths(
    tables: Mapping[str, pl.DataFrame], facilities: pl.DataFrame, calendars: pl.DataFrame
) -> Paths:
    """The paths of a plan.

    Parameters
    ----------
    tables
        ``parcels`` (``parcel_id, origin_facility_id, destination_facility_id, delivery_mode,
        delivery_carrier_id, entry_level, zip5, latitude, longitude``), ``legs, loads, waves,
        routes, tours, handoffs`` of a plan.
    facilities, calendars
        Of its network.

    Returns
    -------
    Paths
        Parcels without a way to the door are absent.
    """
    zones = facilities.select("facility_id", "timezone", "latitude", "longitude")
    parcels = _doors(tables, zones)
    legs = _legs(tables, zones).join(
        parcels.select("parcel_id"), on="parcel_id", how="semi", maintain_order="left"
    )
    counts = legs.group_by("parcel_id").agg(legs=pl.len().cast(pl.Int64))
    parcels = parcels.join(counts, on="parcel_id", how="left", maintain_order="left").with_columns(
        pl.col("legs").fill_null(0)
    )
    return _with_days(parcels, legs, facilities, calendars)


def _doors(tables: Mapping[str, pl.DataFrame], zones: pl.DataFrame) -> pl.DataFrame:
    """Parcels in the order of their ids, with the route or handoff that takes them."""
    parcels = tables["parcels"]
    traits = parcels.select(
        "parcel_id",
        "origin_facility_id",
        "latitude",
        "longitude",
        facility_id="destination_facility_id",
        mode="delivery_mode",
        carrier_id="delivery_carrier_id",
        entry_level="entry_level",
        shared=pl.len().over("zip5", "latitude", "longitude") > 1,
    ).sort("parcel_id")
    left = tables["tours"].select("route_id", leaves_at="departs_at")
    stops = (
        tables["routes"]
        .join(left, on="route_id", maintain_order="left")
        .select("parcel_id", "route_id", "leaves_at", "delivery_date", planned_at="arrives_at")
        .unique("parcel_id", keep="first", maintain_order=True)
    )
    given = tables["handoffs"].unique("parcel_id", keep="first", maintain_order=True)
    found = (
        traits.join(stops, on="parcel_id", how="left", maintain_order="left")
        .join(
            given.select("parcel_id", handed_at="handoff_at"),
            on="parcel_id",
            how="left",
            maintain_order="left",
        )
        .with_columns(leaves_at=pl.coalesce("leaves_at", "handed_at"))
        .filter(pl.col("leaves_at").is_not_null())
        .join(zones, on="facility_id", how="left", maintain_order="left", suffix="_facility")
    )
    feeding = _feeding(found.select("facility_id", at="leaves_at"), tables["waves"])
    hours = (pl.col("planned_at") - pl.col("leaves_at")).dt.total_seconds() // 3600
    miles = great_circle_m(
        *(
            found[name].to_numpy()
            for name in ("latitude_facility", "longitude_facility", "latitude", "longitude")
        )
    )
    return found.with_columns(
        feeding["cutoff_at"],
        feeding["wave"],
        miles=pl.Series(miles / METERS_PER_MILE),
        hours_out=hours.clip(0, _LONGEST_ROUTE_H).cast(pl.Int64),
    ).with_columns(stated_days=partner_days(pl.col("mode"), pl.col("entry_level"), pl.col("miles")))


def _legs(tables: Mapping[str, pl.DataFrame], zones: pl.DataFrame) -> pl.DataFrame:
    loads = tables["loads"].select("load_id", "driver_mode", "miles")
    legs = (
        tables["legs"]
        .sort("parcel_id", "seq")
        .select("parcel_id", "load_id", "from", "to", "departs_at", "arrives_at")
        .join(loads, on="load_id", how="left", maintain_order="left")
        .join(
            zones.select("facility_id", "timezone"),
            left_on="from",
            right_on="facility_id",
            how="left",
            maintain_order="left",
        )
        .with_columns(
            seq=pl.int_range(pl.len()).over("parcel_id"),
            miles=pl.col("miles").fill_null(0.0),
            driver_mode=pl.col("driver_mode").fill_null("any"),
        )
    )
    feeding = _feeding(legs.select(facility_id="from", at="departs_at"), tables["waves"])
    return legs.with_columns(
        feeding["cutoff_at"],
        feeding["wave"],
        miles_left=pl.col("miles").cum_sum(reverse=True).over("parcel_id"),
        band=mile_band(pl.col("miles")),
        weekday=wall_clock(legs["departs_at"], legs["timezone"]).dt.weekday().fill_null(0),
    ).drop("timezone")


def mile_band(miles: pl.Expr) -> pl.Expr:
    """Name of a distance band."""
    band = pl.lit(_FARTHEST)
    for edge, name in reversed(_BANDS):
        band = pl.when(miles <= edge).then(pl.lit(name)).otherwise(band)
    return band


def _feeding(departures: pl.DataFrame, waves: pl.DataFrame) -> pl.DataFrame:
    """The last wave of a facility that is ready by an instant: its cut-off and its name."""
    known = waves.select("facility_id", "ready_at", "wave", cutoff_at="inbound_cutoff_at")
    return (
        departures.with_row_index("position")
        .sort("at")
        .join_asof(
            known.sort("ready_at"),
            left_on="at",
            right_on="ready_at",
            by="facility_id",
            strategy="backward",
            check_sortedness=False,
        )
        .sort("position")
        .with_columns(
            # Without a wave there is nothing to miss but the departure itself.
            cutoff_at=pl.coalesce("cutoff_at", "at"),
            wave=pl.col("wave").fill_null("none"),
        )
    )


def _with_days(
    parcels: pl.DataFrame, legs: pl.DataFrame, facilities: pl.DataFrame, calendars: pl.DataFrame
) -> Paths:
    """Number the delivery days: of the handoff, and of the door."""
    if parcels.is_empty():
        empty_days = parcels.select("parcel_id").with_columns(
            calendar=pl.lit(0), handed=pl.lit(0), day=pl.lit(0)
        )
        return Paths(
            parcels.join(empty_days, on="parcel_id", maintain_order="left"),
            legs,
            np.zeros((1, 1)),
        )
    out = wall_clock(parcels["leaves_at"], parcels["timezone"]).dt.date()
    first = cast("dt.date", out.min()) - dt.timedelta(days=7)
    last = cast("dt.date", out.max()) + dt.timedelta(days=10)
    dates = DeliveryDates(facilities, calendars, first, last)
    rows = dates.rows(parcels["facility_id"].to_list())
    handed = dates.positions(rows, out.cast(pl.Int32).to_numpy().astype(np.int64))
    door_date = parcels["delivery_date"].fill_null(dt.date(1970, 1, 1)).cast(pl.Int32)
    routed = parcels["planned_at"].is_not_null().to_numpy()
    at_stop = dates.positions(rows, door_date.to_numpy().astype(np.int64))
    day = np.where(routed, at_stop, handed + parcels["stated_days"].to_numpy())
    laid_out = parcels.with_columns(
        calendar=pl.Series(rows), handed=pl.Series(handed), day=pl.Series(day)
    )
    return Paths(laid_out, legs, dates.midnights)
