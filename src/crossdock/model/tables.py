"""The typed frames that cross a boundary: one schema a table, times in UTC microseconds.

A schema here is a promise: a frame returned under its name has these columns in this order and
these types. `conform` keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from crossdock.model.errors import InvalidValueError

INSTANT = pl.Datetime("us", "UTC")
Schema = Mapping[str, pl.DataType | type[pl.DataType]]


def _schema(**columns: pl.DataType | type[pl.DataType]) -> Schema:
    return MappingProxyType(columns)


REJECTS = _schema(
    row=pl.Int64,
    order_id=pl.String,
    field=pl.String,
    value=pl.String,
    reason=pl.String,
    remedy=pl.String,
)
"""Order rows that were not planned; ``row`` is the 1-based data row of the file."""

NETWORK_REJECTS = _schema(
    file=pl.String,
    row=pl.Int64,
    field=pl.String,
    value=pl.String,
    reason=pl.String,
    remedy=pl.String,
)

ORDERS = _schema(
    row=pl.Int64,
    order_id=pl.String,
    created_at=INSTANT,
    merchant_id=pl.String,
    ship_from_zip=pl.String,
    recipient=pl.String,
    line1=pl.String,
    line2=pl.String,
    city=pl.String,
    state=pl.String,
    zip5=pl.String,
    service=pl.String,
    weight_kg=pl.Float64,
    length_cm=pl.Float64,
    width_cm=pl.Float64,
    height_cm=pl.Float64,
    declared_value_usd=pl.Float64,
    pieces=pl.Int64,
)
"""Orders whose every field passed its check; weight and measures are those of one piece."""

LOCATED_ORDERS = _schema(
    **ORDERS,
    latitude=pl.Float64,
    longitude=pl.Float64,
    precision=pl.String,
    verdict=pl.String,
    address_key=pl.String,
    timezone=pl.String,
)
"""``precision``: premise (matched a reference row) or zip (scattered within its ZIP);
``verdict``: ACCEPT, CONFIRM or CONFIRM_ADD_SUBPREMISES; ``address_key``: equal for parcels that
share a stop (standardised line 1 without unit, and ZIP); ``timezone``: of the ZIP."""

WAVES = _schema(
    wave_index=pl.Int64,
    facility_id=pl.String,
    wave=pl.String,
    date=pl.Date,
    inbound_cutoff_at=INSTANT,
    starts_at=INSTANT,
    ends_at=INSTANT,
    ready_at=INSTANT,
    capacity_parcels=pl.Float64,
)
"""One sort wave of one facility on one local date; ``ready_at``: sorted parcels can leave."""

CONSIGNMENTS = _schema(
    parcel_id=pl.String,
    order_id=pl.String,
    merchant_id=pl.String,
    origin_facility_id=pl.String,
    ship_date=pl.Date,
    origin_wave_index=pl.Int64,
    zip5=pl.String,
    latitude=pl.Float64,
    longitude=pl.Float64,
    precision=pl.String,
    address_key=pl.String,
    pieces=pl.Int64,
    volume_m3=pl.Float64,
    weight_kg=pl.Float64,
    service=pl.String,
    service_due_at=INSTANT,
    service_offered=pl.Boolean,
    destination_facility_id=pl.String,
    delivery_mode=pl.String,
    delivery_carrier_id=pl.String,
    entry_level=pl.String,
    arrive_by_wave_index=pl.Int64,
    delivery_cost_usd=pl.Float64,
    origin_injection_usd=pl.Float64,
    origin_injection_carrier_id=pl.String,
    origin_injection_late_days=pl.Float64,
)
"""A parcel as the line-haul planner takes it: an order inducted at its origin.

``origin_wave_index``: the wave that sorts it at the origin; ``arrive_by_wave_index``: the latest
wave at the destination facility that still keeps ``service_due_at`` (null: none can);
``delivery_cost_usd``: estimated cost from the destination facility to the door;
``origin_injection_usd``: cost of the cheapest origin-entry coverage row to the door (null: the ZIP
has none), with its carrier and the delivery days it would be late."""

LANES = _schema(
    from_facility_id=pl.String,
    to_facility_id=pl.String,
    miles=pl.Float64,
    drive_h_p50=pl.Float64,
    drive_h_p90=pl.Float64,
    toll_usd=pl.Float64,
    driver_mode=pl.String,
    relay_facility_id=pl.String,
    source=pl.String,
)
"""Every ordered pair of facilities that line-haul may join. ``drive_h_*``: hours at the wheel,
fuel stops and traffic included, legally required rests not; ``source``: file or computed."""

OFFERS = _schema(
    offer_id=pl.Int64,
    from_facility_id=pl.String,
    to_facility_id=pl.String,
    miles=pl.Float64,
    kind=pl.String,
    carrier_id=pl.String,
    vehicle_type=pl.String,
    speed=pl.String,
    driver_mode=pl.String,
    relay_facility_id=pl.String,
    seats=pl.Int64,
    transit_s=pl.Int64,
    transit_p90_s=pl.Int64,
    unit_m3=pl.Float64,
    unit_kg=pl.Float64,
    units_per_vehicle=pl.Int64,
    max_units=pl.Int64,
    cost_usd=pl.Float64,
    service_score=pl.Float64,
)
"""What can be had on a lane: one row a carrier, vehicle type and speed. ``kind``: own, bought or
pooled. ``unit_m3``, ``unit_kg``: usable space of one unit. ``cost_usd``: of one vehicle (own: out
and the empty way back); pooled: of one pallet position. ``max_units``: vehicles (pooled: positions)
on one departure, null without limit. ``transit_s`` includes every rest that the law asks for."""

MOVEMENTS = _schema(
    movement_id=pl.String,
    from_facility_id=pl.String,
    to_facility_id=pl.String,
    from_wave_index=pl.Int64,
    departs_at=INSTANT,
    arrive_by=INSTANT,
    speed=pl.String,
    vehicle_type=pl.String,
    units=pl.Int64,
    parcels=pl.Int64,
    volume_m3=pl.Float64,
    weight_kg=pl.Float64,
    planned_cost_usd=pl.Float64,
)
"""A loaded vehicle (or block of pallet positions) that the line-haul planner wants, before a
carrier is matched. ``speed``: pooled, solo or team; ``arrive_by``: inbound cut-off of the wave its
parcels connect to. One row is one vehicle movement; a pair of pups is one row of 2 ``units``."""

PARCEL_MOVEMENTS = _schema(parcel_id=pl.String, seq=pl.Int64, movement_id=pl.String)
"""The movements that each parcel rides, in order from 1."""

LOADS = _schema(
    load_id=pl.String,
    kind=pl.String,
    **{"from": pl.String, "to": pl.String},
    departs_at=INSTANT,
    arrives_at=INSTANT,
    actual_departs_at=INSTANT,
    actual_arrives_at=INSTANT,
    vehicle_type=pl.String,
    units=pl.Int64,
    driver_mode=pl.String,
    driver_ids=pl.String,
    parcels=pl.Int64,
    volume_m3=pl.Float64,
    weight_kg=pl.Float64,
    cube_share=pl.Float64,
    weight_share=pl.Float64,
    miles=pl.Float64,
    cost_usd=pl.Float64,
    carrier_id=pl.String,
    relay_facility_id=pl.String,
    returns_load_id=pl.String,
    movement_id=pl.String,
    transit_h_p50=pl.Float64,
    transit_h_p90=pl.Float64,
)
"""``kind``: loaded, empty, bobtail (own equipment), pooled, bought. ``returns_load_id``: on an own
return trip, the outbound load whose equipment it brings back."""

LEGS = _schema(
    parcel_id=pl.String,
    seq=pl.Int64,
    load_id=pl.String,
    **{"from": pl.String, "to": pl.String},
    departs_at=INSTANT,
    arrives_at=INSTANT,
    actual_departs_at=INSTANT,
    actual_arrives_at=INSTANT,
)

DUTIES = _schema(
    duty_id=pl.String,
    driver_id=pl.String,
    carrier_id=pl.String,
    domicile_facility_id=pl.String,
    load_id=pl.String,
    seq=pl.Int64,
    activity=pl.String,
    starts_at=INSTANT,
    ends_at=INSTANT,
)
"""A line-haul driver's day, segment by segment. ``activity``: D (driving), ON (on duty, not
driving), OFF, SB; contiguous within a duty."""

ROUTES = _schema(
    route_id=pl.String,
    facility_id=pl.String,
    vehicle_id=pl.String,
    driver_id=pl.String,
    carrier_id=pl.String,
    sequence=pl.Int64,
    parcel_id=pl.String,
    arrives_at=INSTANT,
    departs_at=INSTANT,
    actual_arrives_at=INSTANT,
    actual_departs_at=INSTANT,
    distance_m=pl.Float64,
    latitude=pl.Float64,
    longitude=pl.Float64,
    delivery_date=pl.Date,
)
"""One row a parcel; every row of a stop has the same sequence and times; ``distance_m`` of the leg
into the stop is on its first parcel's row, 0 on the others."""

TOURS = _schema(
    route_id=pl.String,
    facility_id=pl.String,
    delivery_date=pl.Date,
    vehicle_id=pl.String,
    vehicle_type=pl.String,
    driver_id=pl.String,
    carrier_id=pl.String,
    departs_at=INSTANT,
    returns_at=INSTANT,
    stops=pl.Int64,
    parcels=pl.Int64,
    volume_m3=pl.Float64,
    weight_kg=pl.Float64,
    distance_m=pl.Float64,
    return_distance_m=pl.Float64,
    paid_s=pl.Int64,
    cost_usd=pl.Float64,
)
"""One row a route, gate out to gate in; ``distance_m`` includes ``return_distance_m``."""

BREAKS = _schema(route_id=pl.String, kind=pl.String, starts_at=INSTANT, ends_at=INSTANT)
"""``kind``: meal or rest."""

FLEET = _schema(
    vehicle_id=pl.String,
    vehicle_type=pl.String,
    facility_id=pl.String,
    carrier_id=pl.String,
    driver_id=pl.String,
    delivery_date=pl.Date,
    capacity_m3=pl.Float64,
    capacity_kg=pl.Float64,
    capacity_parcels=pl.Int64,
    shift_starts_at=INSTANT,
    shift_ends_at=INSTANT,
    max_duty_s=pl.Int64,
    hos_ruleset=pl.String,
    fixed_usd_day=pl.Float64,
    cost_usd_mile=pl.Float64,
    cost_usd_h=pl.Float64,
    usd_stop=pl.Float64,
    usd_parcel=pl.Float64,
    minimum_usd=pl.Float64,
    fuel_pct=pl.Float64,
    invented=pl.Boolean,
)
"""Vehicles offered to the last mile on a delivery day, with usable capacities, shifts and prices.

``cost_usd_h`` is paid for each paid hour, the others by their names; ``minimum_usd`` and
``fuel_pct`` act on the sum. ``hos_ruleset``: hours of service that bind the driver in this vehicle;
null: it is outside of them, as most vans are. ``invented``: no file limits the fleet, the vehicle
is hired as needed."""

HANDOFFS = _schema(
    parcel_id=pl.String,
    facility_id=pl.String,
    carrier_id=pl.String,
    mode=pl.String,
    entry_level=pl.String,
    ready_at=INSTANT,
    handoff_at=INSTANT,
    critical_entry_at=INSTANT,
    manifest_due_at=INSTANT,
    cost_usd=pl.Float64,
    reason=pl.String,
)
"""Parcels given to USPS or a 3PL for the last mile (or from the origin on)."""

PARCELS = _schema(
    parcel_id=pl.String,
    order_id=pl.String,
    origin_facility_id=pl.String,
    destination_facility_id=pl.String,
    delivery_mode=pl.String,
    precision=pl.String,
    volume_m3=pl.Float64,
    weight_kg=pl.Float64,
    service=pl.String,
    service_offered=pl.Boolean,
    service_due_at=INSTANT,
    promised_at=INSTANT,
    eta_p50=INSTANT,
    eta_p80=INSTANT,
    eta_p95=INSTANT,
    final_state=pl.String,
    final_at=INSTANT,
    attempts=pl.Int64,
    cost_usd=pl.Float64,
    delivery_carrier_id=pl.String,
    entry_level=pl.String,
    merchant_id=pl.String,
    zip5=pl.String,
    latitude=pl.Float64,
    longitude=pl.Float64,
    ship_date=pl.Date,
    linehaul_choice=pl.String,
    linehaul_usd=pl.Float64,
    lastmile_usd=pl.Float64,
    handling_usd=pl.Float64,
    pickup_usd=pl.Float64,
    p_on_time_promise=pl.Float64,
    p_on_time_service=pl.Float64,
)
"""``p_on_time_*``: probability, as planned, to arrive by ``promised_at`` (``service_due_at``).
``linehaul_choice``: own, bought, pooled, mixed, injected or local, as the parcel travels."""

DECISIONS = _schema(
    subject=pl.String,
    question=pl.String,
    chosen=pl.String,
    alternatives=pl.String,
    reason=pl.String,
)
"""``subject``: a parcel, load, route, lane or facility id; ``alternatives``: JSON list of
``{"option", "cost_usd", "service", "why_not"}``, best first."""

EXCEPTIONS = _schema(
    exception_id=pl.String,
    kind=pl.String,
    subject=pl.String,
    parcel_id=pl.String,
    facility_id=pl.String,
    opened_at=INSTANT,
    evidence=pl.String,
    severity=pl.String,
    load_id=pl.String,
    route_id=pl.String,
    vehicle_id=pl.String,
    carrier_id=pl.String,
    owner=pl.String,
    closed_at=INSTANT,
    promises_at_risk=pl.Int64,
    money_at_risk_usd=pl.Float64,
    incident_id=pl.String,
)
"""What is or was wrong. A plan's own (``capacity_shortfall``) fill the first seven columns;
``evidence`` is JSON; ``incident_id``: the common cause that an open one belongs to."""

PREDICTIONS = _schema(
    subject=pl.String,
    model=pl.String,
    made_at=INSTANT,
    target=pl.String,
    quantiles=pl.String,
)

LEDGER = _schema(
    entry_id=pl.String,
    kind=pl.String,
    load_id=pl.String,
    route_id=pl.String,
    parcel_id=pl.String,
    cost_usd=pl.Float64,
)
"""``kind``: pickup, handling, linehaul, linehaul_empty, accessorial, lastmile, injection."""

KPIS = _schema(
    name=pl.String,
    grain=pl.String,
    key=pl.String,
    numerator=pl.Float64,
    denominator=pl.Float64,
    value=pl.Float64,
    unit=pl.String,
)

BACKGROUND_STATE = _schema(
    parcel_id=pl.String,
    order_id=pl.String,
    origin_facility_id=pl.String,
    available_at=INSTANT,
    load_id=pl.String,
)
"""Where the parcels of a warm start are when the run begins: at a facility, or (``load_id``) on a
load of ``background_loads`` that brings them there."""

RUN_TABLES: Mapping[str, Schema] = MappingProxyType(
    {
        "parcels": PARCELS,
        "legs": LEGS,
        "loads": LOADS,
        "duties": DUTIES,
        "routes": ROUTES,
        "tours": TOURS,
        "breaks": BREAKS,
        "fleet": FLEET,
        "handoffs": HANDOFFS,
        "decisions": DECISIONS,
        "exceptions": EXCEPTIONS,
        "predictions": PREDICTIONS,
        "ledger": LEDGER,
        "kpis": KPIS,
        "waves": WAVES,
        "background_parcels": PARCELS,
        "background_orders": LOCATED_ORDERS,
        "background_loads": LOADS,
        "background_state": BACKGROUND_STATE,
        "background_ledger": LEDGER,
    }
)
"""Tables of a run folder by file stem; ``background_*`` only after a warm start."""


def empty(schema: Schema) -> pl.DataFrame:
    """Frame of ``schema`` without rows."""
    return pl.DataFrame(schema=dict(schema))


def conform(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """``frame`` with the columns of ``schema``, in its order and types; others are dropped.

    Columns that ``frame`` lacks are null.

    Raises
    ------
    InvalidValueError
        A column cannot be read as its type.
    """
    if not frame.columns:
        return empty(schema)
    promised = pl.Schema(schema)
    if frame.schema == promised:
        return frame
    given = frame.schema
    if promised.keys().isdisjoint(given):  # a selection of literals alone has one row
        frame = frame.with_columns(pl.lit(None).alias(next(iter(promised))))
        given = frame.schema
    chosen = [
        pl.lit(None, kind).alias(name)
        if name not in given
        else pl.col(name)
        if given[name] == kind
        else pl.col(name).cast(kind)
        for name, kind in promised.items()
    ]
    try:
        return frame.select(chosen)
    except pl.exceptions.PolarsError as error:
        raise InvalidValueError(f"a table does not fit its schema: {error}") from error
