"""Own, crowd, 3PL or USPS: who takes a ZIP's parcels to the door, and what that makes of a promise.

The choice is made per origin wave, service and ZIP, among the ZIP's coverage rows only. It compares
what each row costs from the origin to the door, with lateness priced; the line-haul planner then
weighs the chosen row once more against handing the whole lane to a partner at the origin.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from crossdock.model import Network
from crossdock.model.tables import CONSIGNMENTS
from crossdock.plan.delivery.costs import with_costs
from crossdock.plan.delivery.days import DeliveryDays
from crossdock.plan.delivery.groups import GROUP, delivery_groups, group_options
from crossdock.plan.delivery.rates import delivery_rates, facility_zip3
from crossdock.plan.delivery.timing import with_timing
from crossdock.plan.sortation import delivery_dates


@dataclass(frozen=True)
class DeliveryOptions:
    """What can be chosen from, under any policy.

    Attributes
    ----------
    priced
        One row a group (origin wave, service, ZIP) and option with its cost and days late.
    delivery_dates
        ``wave_index, facility_id, delivery_date``.
    """

    priced: pl.DataFrame
    delivery_dates: pl.DataFrame


@dataclass(frozen=True)
class DeliveryChoice:
    """The answer: each parcel's row, and what was weighed.

    Attributes
    ----------
    consignments
        Schema ``CONSIGNMENTS``.
    weighed
        One row a group (origin wave, service, ZIP) and option with its cost, days late and rank.
    lanes
        One row an origin, destination facility and service: parcels, offered, and where it is not,
        by how many days the cautious arrival misses.
    delivery_dates
        ``wave_index, facility_id, delivery_date``.
    """

    consignments: pl.DataFrame
    weighed: pl.DataFrame
    lanes: pl.DataFrame
    delivery_dates: pl.DataFrame


def choose_delivery(
    network: Network,
    inducted: pl.DataFrame,
    waves: pl.DataFrame,
    offers: pl.DataFrame,
    zips: pl.DataFrame,
    *,
    policy: str = "crossdock",
) -> DeliveryChoice:
    """Choose a coverage row for every order of ``inducted`` (see `Induction.orders`).

    Parameters
    ----------
    policy
        ``crossdock`` takes the cheapest row with lateness priced; ``baseline`` the row of the
        lowest priority number, as a routing guide would.
    """
    options = price_options(network, inducted, waves, offers, zips)
    return choose_among(network, inducted, options, zips, policy=policy)


def price_options(
    network: Network,
    inducted: pl.DataFrame,
    waves: pl.DataFrame,
    offers: pl.DataFrame,
    zips: pl.DataFrame,
) -> DeliveryOptions:
    """Weigh the coverage rows of every order: the half of `choose_delivery` without a policy."""
    dated = waves.select("wave_index", "facility_id").with_columns(delivery_dates(network, waves))
    groups = delivery_groups(network, inducted, zips)
    options = with_timing(network, group_options(network, groups), waves, dated, offers)
    return DeliveryOptions(with_costs(network, inducted, options, offers, zips), dated)


def choose_among(
    network: Network,
    inducted: pl.DataFrame,
    options: DeliveryOptions,
    zips: pl.DataFrame,
    *,
    policy: str,
) -> DeliveryChoice:
    """Choose under ``policy``: the other half of `choose_delivery`."""
    dated = options.delivery_dates
    ranked = _ranked(options.priced, policy)
    parcels = _parcels(network, inducted, ranked, dated, zips)
    return DeliveryChoice(parcels, ranked, _lane_answers(parcels, ranked), dated)


def _ranked(priced: pl.DataFrame, policy: str) -> pl.DataFrame:
    """Options of each group, best first: ``rank`` 1 is taken.

    Entry at the origin is weighed by the line-haul planner, so here it is taken only where the ZIP
    has nothing else. What nobody sells is last.
    """
    unsold = pl.col("delivery_usd").is_null()
    unreached = pl.col("usual_date").is_null()
    order = ["priority", "score_usd"] if policy == "baseline" else ["score_usd", "priority"]
    return (
        priced.with_columns(unsold=unsold, unreached=unreached)
        .sort(
            *GROUP,
            "injects_here",
            "unsold",
            "unreached",
            *order,
            "facility_id",
            "carrier_id",
            nulls_last=True,
            maintain_order=True,
        )
        .with_columns(rank=pl.int_range(1, pl.len() + 1).over(GROUP))
        .drop("unsold", "unreached")
    )


def _parcels(
    network: Network,
    inducted: pl.DataFrame,
    ranked: pl.DataFrame,
    dated: pl.DataFrame,
    zips: pl.DataFrame,
) -> pl.DataFrame:
    """Orders as consignments under the option of rank 1."""
    chosen = ranked.filter(pl.col("rank") == 1)
    chosen = chosen.with_columns(
        arrive_by_wave_index=_latest_waves(network, chosen, dated),
        service_offered=_offered(network, ranked, chosen),
    )
    at_origin = (
        ranked.filter(pl.col("injects_here") & pl.col("delivery_usd").is_not_null())
        .sort(*GROUP, "score_usd", "carrier_id", maintain_order=True)
        .unique(GROUP, keep="first", maintain_order=True)
        .select(
            *GROUP,
            "distance_miles",
            origin_injection_carrier_id="carrier_id",
            origin_injection_mode="mode",
            origin_injection_late_days="late_days",
        )
    )
    joined = inducted.join(
        chosen.select(
            *GROUP,
            "service_due_at",
            "service_offered",
            "arrive_by_wave_index",
            "entry_level",
            "days",
            "partner_days",
            "timezone",
            destination_facility_id="facility_id",
            delivery_mode="mode",
            delivery_carrier_id="carrier_id",
            delivery_cost_usd=pl.col("delivery_usd").fill_null(0.0) / pl.col("parcels"),
        ).rename({"timezone": "due_timezone"}),
        on=GROUP,
        maintain_order="left",
    ).join(at_origin, on=GROUP, how="left", maintain_order="left")
    joined = joined.with_columns(origin_injection_usd=_injection_rates(network, joined, zips))
    return joined.select(
        *CONSIGNMENTS,
        "due_timezone",
        "ship_from_zip",
        "post_office",
        delivery_days="days",
        partner_days="partner_days",
    )


def _injection_rates(network: Network, parcels: pl.DataFrame, zips: pl.DataFrame) -> pl.Series:
    """Price of each parcel if it were handed over at its origin; null where it cannot be."""
    asked = parcels.select(
        "zip5",
        "distance_miles",
        "weight_kg",
        "volume_m3",
        carrier_id="origin_injection_carrier_id",
        mode="origin_injection_mode",
        entry_level=pl.lit("origin"),
        facility_id="origin_facility_id",
    ).join(facility_zip3(network, zips), on="facility_id", maintain_order="left")
    return delivery_rates(network, asked)


def _latest_waves(network: Network, chosen: pl.DataFrame, dated: pl.DataFrame) -> pl.Series:
    """Latest wave at the chosen facility that keeps the due date; null where none in reach does."""
    keys = ["facility_id", "days", "partner_days", "due_date"]
    asked = chosen.select(keys).unique(maintain_order=True)
    at_facility = asked.join(dated, on="facility_id", maintain_order="left_right").rename(
        {"delivery_date": "date"}
    )
    in_time = (
        at_facility.with_columns(DeliveryDays(network).delivered_on(at_facility))
        .filter(pl.col("delivered_on") <= pl.col("due_date"))
        .group_by(keys, maintain_order=True)
        .agg(latest=pl.col("wave_index").max())
    )
    found = chosen.join(in_time, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return found.select(
        pl.when(pl.col("usual_wave_index") <= pl.col("latest")).then(pl.col("latest"))
    ).to_series()


def _offered(network: Network, ranked: pl.DataFrame, chosen: pl.DataFrame) -> pl.Series:
    """Whether the service is sold: some option makes the due date with every leg at its p95.

    A row of ``service_lanes`` overrides the computed answer.
    """
    computed = ranked.group_by(GROUP, maintain_order=True).agg(
        computed=(pl.col("cautious_date") <= pl.col("due_date")).fill_null(value=False).any()
    )
    stated = network["service_lanes"].select(
        "service", "offered", origin_facility_id="origin_facility_id", zip3="zip3"
    )
    return (
        chosen.select(GROUP)
        .join(computed, on=GROUP, maintain_order="left")
        .with_columns(zip3=pl.col("zip5").str.slice(0, 3))
        .join(
            stated.unique(["origin_facility_id", "zip3", "service"], keep="first"),
            on=["origin_facility_id", "zip3", "service"],
            how="left",
            maintain_order="left",
        )
        .select(pl.coalesce("offered", "computed"))
        .to_series()
    )


def _lane_answers(parcels: pl.DataFrame, ranked: pl.DataFrame) -> pl.DataFrame:
    """Whether each lane is sold, and by how many days the cautious arrival misses where not."""
    best = ranked.group_by(GROUP, maintain_order=True).agg(
        days_missed=(pl.col("cautious_date") - pl.col("due_date")).dt.total_days().min()
    )
    return (
        parcels.join(best, on=GROUP, maintain_order="left")
        .group_by("origin_facility_id", "destination_facility_id", "service", maintain_order=True)
        .agg(
            parcels=pl.len(),
            offered_parcels=pl.col("service_offered").sum(),
            days_missed=pl.col("days_missed").max(),
        )
        .sort("origin_facility_id", "destination_facility_id", "service")
    )
