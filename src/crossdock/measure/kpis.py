"""What a plan promises, in figures: numerator, denominator and value by grain.

Nothing has happened yet: every KPI here is of the plan. Definitions follow the KPI page of the
documentation; ratios aggregate as sum over sum, and one whose denominator is 0 is null.
"""

from __future__ import annotations

import polars as pl

from crossdock.measure.frames import (
    EMPTY_KINDS,
    Tables,
    injected,
    lane,
    on_time_for_promise,
    on_time_for_service,
    table,
)
from crossdock.measure.ratios import Measure, by_grain, with_values
from crossdock.model.units import METERS_PER_MILE, SECONDS_PER_HOUR


def plan_kpis(tables: Tables) -> pl.DataFrame:
    """KPIs of a plan.

    Parameters
    ----------
    tables
        Run tables; needed: parcels, loads, tours, handoffs, exceptions.

    Returns
    -------
    pl.DataFrame
        ``KPIS``: one row a name at grain ``network`` (key ``all``), and by service, lane
        (``origin-destination`` for parcels, ``from-to`` for loads), facility (destination of
        parcels, where loads start, home of routes), carrier and delivery_mode.

    Notes
    -----
    - ``planned_on_time_service``: ``eta_p50 <= service_due_at``; ``planned_on_time_promise``:
      the expected share, sum of ``p_on_time_promise``; a parcel without an ETA is not on time.
    - Costs are the parcels' shares of the ledger; ``injection`` is the last mile of parcels that
      are handed to USPS or a 3PL.
    - ``load_utilisation_*`` is distance weighted over loads with freight; ``empty_miles_share``
      is the miles of empties and bobtails over the miles of all loads.
    - ``stops_per_hour`` counts hours from gate out to gate in, breaks included.
    """
    parts = [
        *by_grain(
            _parcels(tables), _PARCEL_MEASURES, ("service", "lane", "facility", "carrier", "mode")
        ),
        *by_grain(_loads(tables), _LOAD_MEASURES, ("lane", "facility", "carrier")),
        *by_grain(_tours(tables), _ROUTE_MEASURES, ("facility", "carrier")),
    ]
    return with_values(pl.concat(parts))


def network_kpi(kpis: pl.DataFrame, name: str) -> float | None:
    """Value of a KPI over the whole network; None where it is null or not there."""
    rows = kpis.filter((pl.col("name") == name) & (pl.col("grain") == "network"))
    return None if rows.is_empty() else rows["value"][0]


def _parcels(tables: Tables) -> pl.DataFrame:
    shortfalls = table(tables, "exceptions").filter(pl.col("kind") == "capacity_shortfall")
    short = pl.col("parcel_id").is_in(shortfalls["parcel_id"].unique().sort().implode())
    return table(tables, "parcels").with_columns(
        lane("origin_facility_id", "destination_facility_id"),
        injected(tables),
        shortfall=short,
        on_time_service=on_time_for_service(),
        on_time_promise=on_time_for_promise(),
        facility=pl.col("destination_facility_id"),
        carrier=pl.col("delivery_carrier_id"),
        mode=pl.col("delivery_mode"),
    )


def _loads(tables: Tables) -> pl.DataFrame:
    """Loads with the space that was paid for: what rides, over its share of that space."""
    freight = ~pl.col("kind").is_in(EMPTY_KINDS)
    return (
        table(tables, "loads")
        .with_columns(
            lane(),
            facility=pl.col("from"),
            carrier=pl.col("carrier_id"),
            cube_miles=pl.when(freight).then(pl.col("volume_m3") * pl.col("miles")),
            weight_miles=pl.when(freight).then(pl.col("weight_kg") * pl.col("miles")),
            empty_miles=pl.when(~freight).then(pl.col("miles")).otherwise(0.0),
        )
        .with_columns(
            paid_cube_miles=_over_share("cube_miles", "cube_share"),
            paid_weight_miles=_over_share("weight_miles", "weight_share"),
        )
    )


def _over_share(amount: str, share: str) -> pl.Expr:
    return pl.when(pl.col(share) > 0).then(pl.col(amount) / pl.col(share))


def _tours(tables: Tables) -> pl.DataFrame:
    return table(tables, "tours").with_columns(
        facility=pl.col("facility_id"),
        carrier=pl.col("carrier_id"),
        road_h=(pl.col("returns_at") - pl.col("departs_at")).dt.total_seconds() / SECONDS_PER_HOUR,
        road_miles=pl.col("distance_m") / METERS_PER_MILE,
    )


_EACH = pl.col("parcel_id").is_not_null()


def _cost(column: str, only: pl.Expr | None = None) -> pl.Expr:
    amount = pl.col(column).fill_null(0.0)
    return amount if only is None else pl.when(only).then(amount).otherwise(0.0)


_PARCEL_MEASURES = (
    Measure("planned_on_time_service", pl.col("on_time_service"), _EACH, "share"),
    Measure("planned_on_time_promise", pl.col("on_time_promise"), _EACH, "share"),
    Measure("offered_share", pl.col("service_offered"), _EACH, "share"),
    Measure("injected_share", pl.col("injected"), _EACH, "share"),
    Measure("capacity_shortfall_share", pl.col("shortfall"), _EACH, "share"),
    Measure("cost_per_package", _cost("cost_usd"), _EACH, "usd"),
    Measure("cost_per_package_pickup", _cost("pickup_usd"), _EACH, "usd"),
    Measure("cost_per_package_handling", _cost("handling_usd"), _EACH, "usd"),
    Measure("cost_per_package_linehaul", _cost("linehaul_usd"), _EACH, "usd"),
    Measure("cost_per_package_lastmile", _cost("lastmile_usd", ~pl.col("injected")), _EACH, "usd"),
    Measure("cost_per_package_injection", _cost("lastmile_usd", pl.col("injected")), _EACH, "usd"),
)

_LOAD_MEASURES = (
    Measure("load_utilisation_cube", pl.col("cube_miles"), pl.col("paid_cube_miles"), "share"),
    Measure(
        "load_utilisation_weight", pl.col("weight_miles"), pl.col("paid_weight_miles"), "share"
    ),
    Measure("empty_miles_share", pl.col("empty_miles"), pl.col("miles"), "share"),
    Measure("linehaul_cost_per_mile", pl.col("cost_usd"), pl.col("miles"), "usd_per_mile"),
)

_ROUTE_MEASURES = (
    Measure("stops_per_hour", pl.col("stops"), pl.col("road_h"), "stops_per_hour"),
    Measure("parcels_per_stop", pl.col("parcels"), pl.col("stops"), "parcels_per_stop"),
    Measure("stops_per_route_mile", pl.col("stops"), pl.col("road_miles"), "stops_per_mile"),
    Measure("parcels_per_route", pl.col("parcels"), pl.col("route_id").is_not_null(), "parcels"),
)
