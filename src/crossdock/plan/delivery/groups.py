"""What is decided on: orders of one origin wave, service and ZIP, with the rows open to them."""

from __future__ import annotations

import polars as pl

from crossdock.locate.roads import great_circle_m
from crossdock.model import Network
from crossdock.model.calendars import OperatingCalendar
from crossdock.model.units import METERS_PER_MILE
from crossdock.plan.delivery.options import coverage_options
from crossdock.predict.eta import due_dates, due_instants, partner_days

GROUP = ["origin_facility_id", "origin_wave_index", "ship_date", "service", "zip5", "post_office"]
OPTION = ["facility_id", "carrier_id", "mode", "entry_level", "days", "priority"]


def delivery_groups(network: Network, inducted: pl.DataFrame, zips: pl.DataFrame) -> pl.DataFrame:
    """Orders by origin wave, service and ZIP, with the date their service is due."""
    groups = inducted.group_by(GROUP, maintain_order=True).agg(
        parcels=pl.len().cast(pl.Int64),
        volume_m3=pl.col("volume_m3").sum(),
        stops=pl.col("address_key").n_unique().cast(pl.Int64),
    )
    facilities = network["facilities"]
    stations = (
        coverage_options(network, inducted["zip5"])
        .filter(pl.col("entry_level").ne_missing("origin"))
        .sort("zip5", "priority", "facility_id")
        .unique("zip5", keep="first", maintain_order=True)
        .select("zip5", station_id="facility_id")
    )
    placed = groups.join(stations, on="zip5", how="left", maintain_order="left").join(
        zips.select("zip5", "latitude", "longitude", "timezone"),
        on="zip5",
        how="left",
        maintain_order="left",
    )
    services = network["services"]
    calendar_of = dict(facilities.select("facility_id", "calendar_id").iter_rows())
    dates = due_dates(
        OperatingCalendar(network["calendars"]),
        placed,
        dict(services.select("service", "transit_days").iter_rows()),
        dict(services.select("service", "calendar_id").iter_rows()),
        calendar_of,
    )
    times = placed.join(
        services.select("service", "delivery_by"), on="service", maintain_order="left"
    )["delivery_by"]
    # A promise is kept at the door: its clock is the ZIP's, whoever delivers and from where.
    return placed.with_columns(
        due_date=dates,
        service_due_at=due_instants(dates, times.to_list(), placed["timezone"].to_list()),
    )


def group_options(network: Network, groups: pl.DataFrame) -> pl.DataFrame:
    """Every coverage row open to each group; origin entry only where the parcels start."""
    offered = groups.join(
        coverage_options(network, groups["zip5"]), on="zip5", maintain_order="left"
    ).join(
        network["facilities"].select(
            "facility_id", facility_latitude="latitude", facility_longitude="longitude"
        ),
        on="facility_id",
        maintain_order="left",
    )
    at_origin = pl.col("facility_id") == pl.col("origin_facility_id")
    enters_at_origin = pl.col("entry_level").eq_missing("origin")
    marked = offered.with_columns(
        injects_here=enters_at_origin & at_origin,
        elsewhere=enters_at_origin & ~at_origin,
        unfit=pl.col("post_office") & (pl.col("mode") != "usps"),
    )
    distances = great_circle_m(
        marked["facility_latitude"].to_numpy(),
        marked["facility_longitude"].to_numpy(),
        marked["latitude"].to_numpy(),
        marked["longitude"].to_numpy(),
    )
    return (
        marked.with_columns(distance_miles=pl.Series(distances / METERS_PER_MILE))
        # Only USPS reaches a post-office box; a row that fits worse stays where it is all there is.
        .filter(~pl.col("unfit") | pl.col("unfit").all().over(GROUP))
        .filter(~pl.col("elsewhere") | pl.col("elsewhere").all().over(GROUP))
        .with_columns(
            partner_days=partner_days(
                pl.col("mode"), pl.col("entry_level"), pl.col("distance_miles")
            )
        )
        .drop("elsewhere", "unfit", "facility_latitude", "facility_longitude")
    )
