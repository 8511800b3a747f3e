"""KPIs of what happened: numerator, denominator and value by grain."""

from __future__ import annotations

import datetime as dt

import polars as pl

from crossdock.measure.actual.due import is_due
from crossdock.measure.actual.lateness import EXCUSES, late_causes
from crossdock.measure.actual.log import DayLog
from crossdock.measure.frames import EMPTY_KINDS, Tables, lane, table
from crossdock.measure.ratios import Measure, by_grain, with_values
from crossdock.model.units import METERS_PER_MILE, SECONDS_PER_HOUR

ON_TIME_TOLERANCE = dt.timedelta(minutes=15)
"""Of ``on_time_departure_15`` and ``on_time_arrival_15``."""

_PARCEL_GRAINS = ("service", "lane", "facility", "carrier", "mode", "day")
_LOAD_GRAINS = ("lane", "facility", "carrier", "day")
_ROUTE_GRAINS = ("facility", "carrier", "day")
_DAY_S = 86_400
_LIMITS = ("promised_at", "service_due_at", "eta_p80", "eta_p95")
_QUANTILES = {"p50": 0.5, "p90": 0.9}


def run_kpis(
    tables: Tables,
    events: pl.DataFrame | DayLog,
    exceptions: pl.DataFrame | None = None,
    *,
    plan: Tables | None = None,
    at: dt.datetime | None = None,
) -> pl.DataFrame:
    """KPIs of a run.

    Parameters
    ----------
    tables
        Of `actual_tables`; ``lateness``, if there, is that of `late_causes` against the promise;
        ``kpis``, if there, are the plan's: what is known of the plan alone is kept.
    events
        Schema ``EVENTS``, or what `read_log` made of it.
    exceptions
        ``parcel_id, facility_id, kind``; None: ``exceptions`` of ``tables``.
    plan
        Tables of the plan: adds the deviation of route miles and hours.
    at
        The instant up to which the log tells; None: the run is over. Of a run under way, what is
        neither due nor done by then is in no denominator of a figure about time.

    Returns
    -------
    polars.DataFrame
        ``KPIS``: one row a name at grain ``network`` (key ``all``), and by service, lane,
        facility, carrier, delivery_mode and day (local: of parcels the day of the promise, of
        loads that of the planned departure, of routes the delivery day).

    Notes
    -----
    - ``on_time_delivery`` is gross: every accepted parcel is in the denominator, delivered or not;
      with ``at`` those that are due by then or delivered.
      ``on_time_delivery_net`` leaves late parcels out whose cause is excused (weather, address,
      consignee); ``late_excused_*`` counts them. ``on_time_service`` is against ``service_due_at``.
    - ``first_attempt_success``: of parcels with an attempt. ``transit_days``: first scan of the
      pick-up to the first attempt, elapsed; ``transit_days_p50`` and ``_p90`` are quantiles over 1.
    - ``cost_per_package`` is the ledger's, by the parcels' shares; its parts sum to it.
    - Fill and empty miles are of loads that ran, with what really rode.
    - ``on_time_departure_15``, ``on_time_arrival_15``: of planned loads, at most 15 minutes late.
    - ``damage_rate``, ``loss_rate``, ``return_rate``, ``scan_compliance``: of parcels that were
      taken; lost = declared so. A parcel has every required scan if its origin scanned it in and
      each load that it rode has one at its start and its end; ``scan_compliance_departed`` and
      ``_arrived`` count those scans.
    - ``eta_coverage_*``: delivered by that quantile of the release.
    - ``exceptions_per_1000``: at network grain every exception but those of the background's
      parcels, at others those of parcels.
    - ``plan_deviation_*``: actual over planned.
    """
    lateness = tables.get("lateness")
    late = late_causes(tables, events, at=at) if lateness is None else lateness
    opened = table(tables, "exceptions") if exceptions is None else exceptions
    others = table(tables, "background_parcels")["parcel_id"]
    opened = opened.filter(~pl.col("parcel_id").is_in(others.implode()).fill_null(value=False))
    parcels = _parcels(tables, late, opened, at)
    loads, tours = _loads(tables, at), _tours(tables)
    parts = [
        *by_grain(parcels, _PARCEL_MEASURES, _PARCEL_GRAINS),
        *_exceptions(parcels, opened),
        *by_grain(loads, _LOAD_MEASURES, _LOAD_GRAINS),
        *by_grain(tours, _ROUTE_MEASURES, _ROUTE_GRAINS),
        *(_quantile(parcels, grain) for grain in (None, "service", "lane")),
        *_deviations(tables, plan, tours),
    ]
    columns = ["name", "grain", "key", "numerator", "denominator", "unit"]
    sums = pl.concat([part.select(columns) for part in parts])
    planned = table(tables, "kpis").join(sums, on="name", how="anti")
    return with_values(pl.concat([sums, planned.select(columns)]))


def _parcels(
    tables: Tables, late: pl.DataFrame, opened: pl.DataFrame, at: dt.datetime | None
) -> pl.DataFrame:
    counted = (
        opened.filter(pl.col("parcel_id").is_not_null())
        .group_by("parcel_id")
        .agg(exceptions=pl.len().cast(pl.Float64))
    )
    joined = (
        table(tables, "parcels")
        .join(tables["journeys"], on="parcel_id", how="left", maintain_order="left")
        .join(
            late.select("parcel_id", "excused"), on="parcel_id", how="left", maintain_order="left"
        )
        .join(counted, on="parcel_id", how="left", maintain_order="left")
    )
    delivered = pl.col("final_state") == "delivered"
    taken = pl.col("taken_at").is_not_null()
    every_scan = (
        (pl.col("rides_scanned_out") == pl.col("rides"))
        & (pl.col("rides_scanned_in") == pl.col("rides"))
        & pl.col("scanned_at_origin")
    )
    return joined.with_columns(
        lane("origin_facility_id", "destination_facility_id"),
        facility=pl.col("destination_facility_id"),
        carrier=pl.col("delivery_carrier_id"),
        mode=pl.col("delivery_mode"),
        day=pl.col("due_date").dt.to_string("iso"),
        taken=taken,
        every_scan=every_scan & taken,
        transit_days=(pl.col("first_attempt_at") - pl.col("picked_up_at")).dt.total_seconds()
        / _DAY_S,
        exceptions=pl.col("exceptions").fill_null(0.0),
        **{
            f"by_{limit}": (delivered & (pl.col("final_at") <= pl.col(limit))).fill_null(
                value=False
            )
            for limit in _LIMITS
        },
        **{f"due_{limit}": delivered | is_due(limit, at) for limit in _LIMITS},
    )


def _loads(tables: Tables, at: dt.datetime | None) -> pl.DataFrame:
    ran = pl.col("actual_departs_at").is_not_null()
    freight = ran & ~pl.col("kind").is_in(EMPTY_KINDS) & pl.col("paid_m3").is_not_null()
    miles = pl.col("miles")
    return (
        table(tables, "loads")
        .join(tables["load_runs"], on="load_id", how="left", maintain_order="left")
        .with_columns(
            lane(),
            facility=pl.col("from"),
            carrier=pl.col("carrier_id"),
            day=pl.col("departure_date").dt.to_string("iso"),
            ran_miles=pl.when(ran).then(miles).otherwise(0.0),
            empty_miles=pl.when(ran & pl.col("kind").is_in(EMPTY_KINDS)).then(miles).otherwise(0.0),
            **{
                f"{name}_miles": pl.when(freight).then(pl.col(name) * miles).otherwise(0.0)
                for name in ("ridden_m3", "ridden_kg", "paid_m3", "paid_kg")
            },
            left_in_time=_in_time("departs_at"),
            came_in_time=_in_time("arrives_at"),
            left_due=_load_due("departs_at", at),
            came_due=_load_due("arrives_at", at),
        )
    )


def _in_time(name: str) -> pl.Expr:
    kept = pl.col(f"actual_{name}") <= pl.col(name) + ON_TIME_TOLERANCE
    return ~pl.col("added") & kept.fill_null(value=False)


def _load_due(name: str, at: dt.datetime | None) -> pl.Expr:
    """Of a planned load: whether it is done, or its tolerance is over."""
    done = pl.col(f"actual_{name}").is_not_null()
    return ~pl.col("added") & (done | is_due(pl.col(name) + ON_TIME_TOLERANCE, at))


def _tours(tables: Tables) -> pl.DataFrame:
    on_road = (pl.col("returns_at") - pl.col("departs_at")).dt.total_seconds()
    return (
        table(tables, "tours")
        .filter(pl.col("departs_at").is_not_null())
        .with_columns(
            facility=pl.col("facility_id"),
            carrier=pl.col("carrier_id"),
            day=pl.col("delivery_date").dt.to_string("iso"),
            stops_timed=pl.when(pl.col("returns_at").is_not_null()).then("stops"),
            road_h=on_road / SECONDS_PER_HOUR,
            road_miles=pl.col("distance_m") / METERS_PER_MILE,
        )
    )


def _exceptions(parcels: pl.DataFrame, opened: pl.DataFrame) -> list[pl.DataFrame]:
    thousands = pl.lit(parcels.height / 1000)
    by_kind = opened.group_by("kind").agg(count=pl.len().cast(pl.Float64))
    kinds = by_kind.select(
        name=pl.format("exceptions_per_1000_{}", "kind"),
        grain=pl.lit("network"),
        key=pl.lit("all"),
        numerator="count",
        denominator=thousands,
        unit=pl.lit("per_1000"),
    )
    every = pl.DataFrame(
        {
            "name": ["exceptions_per_1000"],
            "grain": ["network"],
            "key": ["all"],
            "numerator": [float(opened.height)],
            "denominator": [parcels.height / 1000],
            "unit": ["per_1000"],
        }
    )
    measure = Measure("exceptions_per_1000", pl.col("exceptions"), pl.col("thousandth"), "per_1000")
    counted = parcels.with_columns(thousandth=pl.lit(1.0))
    parts = by_grain(counted, (measure,), _PARCEL_GRAINS)[1:]
    return [
        every,
        kinds,
        *(part.with_columns(denominator=pl.col("denominator") / 1000) for part in parts),
    ]


def _quantile(parcels: pl.DataFrame, grain: str | None) -> pl.DataFrame:
    key = pl.lit("all") if grain is None else pl.col(grain)
    cells = {name: pl.col("transit_days").quantile(q, "linear") for name, q in _QUANTILES.items()}
    found = (
        parcels.filter(pl.col("transit_days").is_not_null())
        .group_by(key.alias("key"), maintain_order=True)
        .agg(**cells)
        .unpivot(list(cells), index="key", variable_name="quantile", value_name="numerator")
    )
    return found.select(
        name=pl.format("transit_days_{}", "quantile"),
        grain=pl.lit("network" if grain is None else grain),
        key="key",
        numerator="numerator",
        denominator=pl.lit(1.0),
        unit=pl.lit("days"),
    )


def _deviations(tables: Tables, plan: Tables | None, tours: pl.DataFrame) -> list[pl.DataFrame]:
    loads = table(tables, "loads").join(tables["load_runs"], on="load_id", how="left")
    ran, planned = pl.col("actual_departs_at").is_not_null(), ~pl.col("added")
    stops = table(tables, "routes").select("route_id", "sequence").n_unique()
    pairs = {
        "linehaul_miles": (
            _sum(loads.filter(ran), "miles"),
            _sum(loads.filter(planned), "miles"),
        ),
        "stops": (_sum(tours, "stops"), float(stops)),
        "cost": (
            _sum(table(tables, "parcels"), "cost_usd"),
            _sum(tables["journeys"], "planned_usd"),
        ),
    }
    if plan is not None:
        before = table(plan, "tours")
        miles = _sum(before, "distance_m") / METERS_PER_MILE
        pairs["route_miles"] = (_sum(tours, "road_miles"), miles)
        pairs["route_hours"] = (
            _sum(tours, "paid_s") / SECONDS_PER_HOUR,
            _sum(before, "paid_s") / SECONDS_PER_HOUR,
        )
    return [
        pl.DataFrame(
            {
                "name": [f"plan_deviation_{name}" for name in pairs],
                "grain": ["network"] * len(pairs),
                "key": ["all"] * len(pairs),
                "numerator": [actual for actual, _ in pairs.values()],
                "denominator": [usual for _, usual in pairs.values()],
                "unit": ["ratio"] * len(pairs),
            }
        )
    ]


def _sum(frame: pl.DataFrame, column: str) -> float:
    return float(frame[column].sum())


_EACH = pl.col("parcel_id").is_not_null()
_DUE = pl.col("due_promised_at")
_TRIED = pl.col("first_attempt").is_not_null()


def _state(name: str) -> pl.Expr:
    return pl.col("taken") & (pl.col("final_state") == name)


_PARCEL_MEASURES = (
    Measure("on_time_delivery", pl.col("by_promised_at"), _DUE, "share"),
    Measure(
        "on_time_delivery_net",
        pl.col("by_promised_at"),
        _DUE & pl.col("excused").is_null(),
        "share",
    ),
    *(
        Measure(
            f"late_excused_{name}",
            pl.col("excused").eq_missing(pl.lit(name)),
            _DUE,
            "share",
        )
        for name in EXCUSES
    ),
    Measure("on_time_service", pl.col("by_service_due_at"), pl.col("due_service_due_at"), "share"),
    Measure(
        "first_attempt_success",
        pl.col("first_attempt").eq_missing(pl.lit("delivered")),
        _TRIED,
        "share",
    ),
    Measure("cost_per_package", pl.col("cost_usd"), _EACH, "usd"),
    Measure("cost_per_package_pickup", pl.col("pickup_usd"), _EACH, "usd"),
    Measure("cost_per_package_handling", pl.col("handling_usd"), _EACH, "usd"),
    Measure(
        "cost_per_package_linehaul", pl.col("linehaul_usd") - pl.col("recovery_usd"), _EACH, "usd"
    ),
    Measure("cost_per_package_recovery", pl.col("recovery_usd"), _EACH, "usd"),
    Measure(
        "cost_per_package_lastmile", pl.col("lastmile_usd") - pl.col("injection_usd"), _EACH, "usd"
    ),
    Measure("cost_per_package_injection", pl.col("injection_usd"), _EACH, "usd"),
    Measure("cost_per_package_return", pl.col("return_usd"), _EACH, "usd"),
    Measure("cost_per_package_claim", pl.col("claim_usd"), _EACH, "usd"),
    Measure("damage_rate", pl.col("damaged") & pl.col("taken"), pl.col("taken"), "share"),
    Measure("loss_rate", _state("lost"), pl.col("taken"), "share"),
    Measure("return_rate", _state("returned"), pl.col("taken"), "share"),
    Measure("open_share", pl.col("final_state") == "open_exception", _EACH, "share"),
    Measure("scan_compliance", pl.col("every_scan"), pl.col("taken"), "share"),
    Measure("scan_compliance_departed", pl.col("rides_scanned_out"), pl.col("rides"), "share"),
    Measure("scan_compliance_arrived", pl.col("rides_scanned_in"), pl.col("rides"), "share"),
    Measure("transit_days", pl.col("transit_days"), pl.col("transit_days").is_not_null(), "days"),
    Measure(
        "eta_coverage_p80",
        pl.col("by_eta_p80"),
        pl.col("eta_p80").is_not_null() & pl.col("due_eta_p80"),
        "share",
    ),
    Measure(
        "eta_coverage_p95",
        pl.col("by_eta_p95"),
        pl.col("eta_p95").is_not_null() & pl.col("due_eta_p95"),
        "share",
    ),
)

_LOAD_MEASURES = (
    Measure("load_utilisation_cube", pl.col("ridden_m3_miles"), pl.col("paid_m3_miles"), "share"),
    Measure("load_utilisation_weight", pl.col("ridden_kg_miles"), pl.col("paid_kg_miles"), "share"),
    Measure("empty_miles_share", pl.col("empty_miles"), pl.col("ran_miles"), "share"),
    Measure("linehaul_cost_per_mile", pl.col("cost_usd"), pl.col("ran_miles"), "usd_per_mile"),
    Measure("on_time_departure_15", pl.col("left_in_time"), pl.col("left_due"), "share"),
    Measure("on_time_arrival_15", pl.col("came_in_time"), pl.col("came_due"), "share"),
)

_ROUTE_MEASURES = (
    Measure("stops_per_hour", pl.col("stops_timed"), pl.col("road_h"), "stops_per_hour"),
    Measure("parcels_per_stop", pl.col("parcels"), pl.col("stops"), "parcels_per_stop"),
    Measure("stops_per_route_mile", pl.col("stops"), pl.col("road_miles"), "stops_per_mile"),
    Measure("parcels_per_route", pl.col("parcels"), pl.col("route_id").is_not_null(), "parcels"),
)
