"""The stages' answers as run tables: one truth about each parcel, and where its dollars went."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from crossdock.model import Prefix, sequential_ids
from crossdock.model.tables import (
    DECISIONS,
    DUTIES,
    EXCEPTIONS,
    HANDOFFS,
    INSTANT,
    PARCELS,
    PREDICTIONS,
    conform,
)
from crossdock.plan.day.answer import DayPlan
from crossdock.plan.day.arrivals import connection_probability
from crossdock.plan.day.carry import Carriage
from crossdock.plan.day.ground import Ground, of_orders
from crossdock.plan.day.ledger import build_ledger, parcel_shares, split_ledger
from crossdock.plan.day.pickup import pickup_costs
from crossdock.plan.day.promise import (
    PARTNER_SPREAD_S,
    STREET_SPREAD_S,
    STREET_SPREAD_SHARE,
    ByArithmetic,
    ByHistory,
    Foretold,
    partner_door_times,
    promises,
)
from crossdock.plan.day.street import Street
from crossdock.plan.delivery import (
    GROUP,
    Appointments,
    DeliveryDays,
    delivery_decisions,
    service_decisions,
)
from crossdock.predict.eta import ArrivalModel
from crossdock.predict.eta.learned import EtaModel, plan_paths


def assemble(ground: Ground, carriage: Carriage, street: Street) -> DayPlan:
    """Tables and facts of the plan."""
    handoffs = pl.concat([street.handoffs, _origin_handoffs(ground, carriage)]).sort("parcel_id")
    used = _rows_used(ground, street, handoffs)
    ordered = of_orders(ground)
    pickup, pickup_notes = pickup_costs(ground.network, ground.parcels.filter(ordered))
    short = pl.concat([carriage.short, street.short]).sort("parcel_id")
    ledger = build_ledger(
        carriage.loads, street.tours, _handling(ground, carriage.legs), pickup, handoffs
    )
    shares = parcel_shares(
        ledger,
        ground.choice.consignments.select("parcel_id", "volume_m3"),
        carriage.legs,
        carriage.loads,
        street.routes,
    )
    told = promises(
        ground.network,
        ground.choice.consignments,
        _foretold(ground, carriage, street, handoffs, used),
    )
    parcels = _parcels(ground, carriage, handoffs, used, shares, told)
    own, others = parcels.filter(ordered), parcels.filter(~ordered)
    borne, borne_by_others = split_ledger(
        ledger, parcels, others["parcel_id"], carriage.legs, carriage.loads, street.routes
    )
    tables = {
        "parcels": own,
        "legs": carriage.legs,
        "loads": carriage.loads,
        "duties": conform(carriage.duties, DUTIES),
        "routes": street.routes,
        "tours": street.tours,
        "breaks": street.breaks,
        "fleet": street.fleet,
        "handoffs": conform(handoffs, HANDOFFS),
        "decisions": _decisions(ground, carriage, street).filter(
            ~pl.col("subject").is_in(others["parcel_id"].implode())
        ),
        "exceptions": _exceptions(ground, short),
        "predictions": _predictions(own, ground),
        "ledger": borne,
        "waves": ground.waves,
    }
    if others.height:
        tables |= {"background_parcels": others, "background_ledger": borne_by_others}
    notes = (
        *carriage.linehaul.notes,
        *carriage.capacity.notes,
        *street.notes,
        *pickup_notes,
        _eta_note(ground.question.eta_model),
    )
    return DayPlan(tables, _facts(ground, carriage, short, notes), ground)


def handed_at_origin() -> pl.Expr:
    """Parcels whose only coverage rows are entry at their own origin."""
    return pl.col("entry_level").eq_missing("origin") & (
        pl.col("destination_facility_id") == pl.col("origin_facility_id")
    )


def _origin_handoffs(ground: Ground, carriage: Carriage) -> pl.DataFrame:
    """Parcels given to a partner at their origin, schema ``HANDOFFS`` with ``handoff_date``."""
    consignments = ground.choice.consignments
    forced = consignments.filter(handed_at_origin()).select(
        "parcel_id", carrier_id="delivery_carrier_id", cost_usd="delivery_cost_usd"
    )
    given = pl.concat([carriage.injected, forced])
    ready = ground.waves.select("wave_index", "ready_at")
    rows = (
        given.join(
            consignments.select("parcel_id", "origin_wave_index", facility_id="origin_facility_id"),
            on="parcel_id",
            maintain_order="left",
        )
        .join(ready, left_on="origin_wave_index", right_on="wave_index", maintain_order="left")
        .with_columns(
            mode=pl.lit("usps"),
            entry_level=pl.lit("origin"),
            reason=pl.lit("handing the lane to a partner at the origin costs less"),
        )
    )
    modes = (
        ground.choice.weighed.filter("injects_here")
        .select("carrier_id", true_mode="mode")
        .unique(maintain_order=True)
    )
    rows = rows.join(modes, on="carrier_id", how="left", maintain_order="left").with_columns(
        mode=pl.coalesce("true_mode", "mode")
    )
    entries = Appointments(ground.network).entries(rows)
    return pl.concat([rows, entries], how="horizontal").select(*HANDOFFS, "handoff_date")


def _rows_used(ground: Ground, street: Street, handoffs: pl.DataFrame) -> pl.DataFrame:
    """The coverage row each parcel ends under: ``parcel_id`` and ``used_*``."""
    at_origin = handoffs.filter(pl.col("entry_level").eq_missing("origin")).select(
        "parcel_id", "mode", "entry_level", days=pl.lit(None, pl.String), carrier_id="carrier_id"
    )
    planned = ground.choice.consignments.select(
        "parcel_id",
        mode="delivery_mode",
        entry_level="entry_level",
        days="delivery_days",
        carrier_id="delivery_carrier_id",
    )
    return pl.concat([at_origin, street.modes, planned]).unique(
        "parcel_id", keep="first", maintain_order=True
    )


def _handling(ground: Ground, legs: pl.DataFrame) -> pl.DataFrame:
    """Every touch of a parcel: at its origin and wherever a leg ends."""
    rates = ground.network["facilities"].select(
        "facility_id", usd=pl.col("handling_usd_parcel").fill_null(0.0)
    )
    touches = pl.concat(
        [
            ground.parcels.select("parcel_id", facility_id="origin_facility_id"),
            legs.select("parcel_id", facility_id="to"),
        ]
    )
    return (
        touches.join(rates, on="facility_id", maintain_order="left")
        .join(ground.parcels.select("parcel_id", "pieces"), on="parcel_id", maintain_order="left")
        .group_by("parcel_id", maintain_order=True)
        .agg(cost_usd=(pl.col("usd") * pl.col("pieces")).sum())
    )


def _foretold(
    ground: Ground,
    carriage: Carriage,
    street: Street,
    handoffs: pl.DataFrame,
    used: pl.DataFrame,
) -> Foretold:
    """The model that foretells this plan's deliveries."""
    model = ground.question.eta_model
    if model is None:
        return ByArithmetic(
            ground.network,
            _doors(ground, street, handoffs, used),
            connection_probability(carriage.legs, carriage.loads, ground.waves),
        )
    tables = {
        "parcels": _ending(ground, handoffs, used),
        "legs": carriage.legs,
        "loads": carriage.loads,
        "waves": ground.waves,
        "routes": street.routes,
        "tours": street.tours,
        "handoffs": handoffs,
    }
    paths = plan_paths(tables, ground.network["facilities"], ground.network["calendars"])
    return ByHistory(model, paths, ground.question.seed)


def _ending(ground: Ground, handoffs: pl.DataFrame, used: pl.DataFrame) -> pl.DataFrame:
    """Consignments as they end: at which facility, and who takes them to the door."""
    at_origin = handoffs.filter(pl.col("entry_level").eq_missing("origin")).select(
        "parcel_id", handed_at="facility_id"
    )
    return (
        ground.choice.consignments.drop("entry_level")
        .join(used, on="parcel_id", maintain_order="left")
        .join(at_origin, on="parcel_id", how="left", maintain_order="left")
        .with_columns(
            # A parcel handed over at its origin ends the network's own path there.
            destination_facility_id=pl.coalesce("handed_at", "destination_facility_id"),
            delivery_mode="mode",
            delivery_carrier_id="carrier_id",
        )
    )


def _doors(
    ground: Ground, street: Street, handoffs: pl.DataFrame, used: pl.DataFrame
) -> pl.DataFrame:
    """When and by whom each parcel is planned to reach the door."""
    tours = street.tours.select("route_id", left_at="departs_at")
    routed = (
        street.routes.join(tours, on="route_id", maintain_order="left")
        .join(used.select("parcel_id", "days"), on="parcel_id", how="left", maintain_order="left")
        .select(
            "parcel_id",
            "facility_id",
            "days",
            planned_at="arrives_at",
            delivered_on="delivery_date",
            spread_s=STREET_SPREAD_S
            + STREET_SPREAD_SHARE * (pl.col("arrives_at") - pl.col("left_at")).dt.total_seconds(),
            by_partner=pl.lit(value=False),
        )
    )
    partner = ground.choice.weighed.select(
        *GROUP, "facility_id", "carrier_id", "mode", "entry_level", "days", "partner_days"
    ).unique(maintain_order=True)
    asked = (
        handoffs.join(
            ground.parcels.select("parcel_id", *GROUP), on="parcel_id", maintain_order="left"
        )
        .join(
            partner,
            on=[*GROUP, "facility_id", "carrier_id", "mode", "entry_level"],
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        .unique("parcel_id", keep="first", maintain_order=True)
        .with_columns(pl.col("partner_days").fill_null(1), date=pl.col("handoff_date"))
        .join(
            ground.choice.consignments.select("parcel_id", "due_timezone"),
            on="parcel_id",
            maintain_order="left",
        )
    )
    dates = DeliveryDays(ground.network).delivered_on(asked)
    handed = asked.with_columns(
        dates, planned_at=partner_door_times(dates, asked["due_timezone"])
    ).select(
        "parcel_id",
        "facility_id",
        "days",
        planned_at=pl.max_horizontal("planned_at", pl.col("handoff_at") + pl.duration(hours=2)),
        delivered_on="delivered_on",
        spread_s=pl.lit(PARTNER_SPREAD_S),
        by_partner=pl.lit(value=True),
    )
    return pl.concat([routed, handed])


def _parcels(
    ground: Ground,
    carriage: Carriage,
    handoffs: pl.DataFrame,
    used: pl.DataFrame,
    shares: pl.DataFrame,
    told: pl.DataFrame,
) -> pl.DataFrame:
    rode = (
        carriage.legs.select("parcel_id", "load_id")
        .join(carriage.loads.select("load_id", "kind"), on="load_id", maintain_order="left")
        .with_columns(kind=pl.col("kind").replace("loaded", "own"))
        .group_by("parcel_id", maintain_order=True)
        .agg(kinds=pl.col("kind").unique().sort())
        .with_columns(
            rode=pl.when(pl.col("kinds").list.len() > 1)
            .then(pl.lit("mixed"))
            .otherwise(pl.col("kinds").list.first())
        )
    )
    stuck = carriage.short.select("parcel_id", stuck=pl.lit(value=True))
    joined = (
        _ending(ground, handoffs, used)
        .join(shares, on="parcel_id", maintain_order="left")
        .join(told, on="parcel_id", maintain_order="left")
        .join(rode, on="parcel_id", how="left", maintain_order="left")
        .join(stuck, on="parcel_id", how="left", maintain_order="left")
    )
    priced = joined.with_columns(
        lastmile_usd=pl.col("lastmile_usd") + pl.col("injection_usd"),
        linehaul_choice=pl.when(pl.col("handed_at").is_not_null())
        .then(pl.lit("injected"))
        .otherwise(pl.coalesce("rode", pl.lit("local"))),
        attempts=pl.lit(None, pl.Int64),
        final_state=pl.lit(None, pl.String),
        final_at=pl.lit(None, INSTANT),
    ).with_columns(
        cost_usd=pl.col("pickup_usd")
        + pl.col("handling_usd")
        + pl.col("linehaul_usd")
        + pl.col("lastmile_usd")
    )
    return conform(priced, PARCELS).sort("parcel_id")


def _decisions(ground: Ground, carriage: Carriage, street: Street) -> pl.DataFrame:
    choice = ground.choice
    return pl.concat(
        [
            delivery_decisions(
                choice.consignments.select("parcel_id").join(
                    ground.parcels.select("parcel_id", *GROUP),
                    on="parcel_id",
                    maintain_order="left",
                ),
                choice.weighed,
            ),
            service_decisions(choice.lanes),
            conform(carriage.linehaul.decisions, DECISIONS),
            conform(carriage.capacity.decisions, DECISIONS),
            conform(street.decisions, DECISIONS),
        ]
    ).sort("subject", "question")


def _exceptions(ground: Ground, short: pl.DataFrame) -> pl.DataFrame:
    rows = short.join(
        ground.choice.consignments.select(
            "parcel_id", "origin_facility_id", "destination_facility_id", "origin_wave_index"
        ),
        on="parcel_id",
        maintain_order="left",
    ).join(
        ground.waves.select("wave_index", "ready_at"),
        left_on="origin_wave_index",
        right_on="wave_index",
        maintain_order="left",
    )
    return conform(
        rows.with_columns(
            exception_id=pl.Series(sequential_ids(Prefix.EXCEPTION, rows.height), dtype=pl.String),
            kind=pl.lit("capacity_shortfall"),
            subject="parcel_id",
            facility_id="origin_facility_id",
            opened_at="ready_at",
            evidence="reason",
        ),
        EXCEPTIONS,
    )


def _eta_note(model: EtaModel | None) -> str:
    if model is None:
        return (
            "ETAs and promises come from transit arithmetic: there is no history of 28 days to "
            "learn from"
        )
    return (
        f"ETAs and promises come from the model {model.name}, learned from {model.facts['days']} "
        f"days of events"
    )


def _predictions(parcels: pl.DataFrame, ground: Ground) -> pl.DataFrame:
    made_at, model = ground.parcels["created_at"].max(), ground.question.eta_model
    quantiles = pl.struct(
        p50=pl.col("eta_p50").dt.to_string("iso"),
        p80=pl.col("eta_p80").dt.to_string("iso"),
        p95=pl.col("eta_p95").dt.to_string("iso"),
    ).struct.json_encode()
    return conform(
        parcels.filter(pl.col("eta_p50").is_not_null()).select(
            subject="parcel_id",
            model=pl.lit(model.name if model else ArrivalModel().name),
            made_at=pl.lit(made_at, INSTANT),
            target=pl.lit("delivered_at"),
            quantiles=quantiles,
        ),
        PREDICTIONS,
    )


def _facts(
    ground: Ground, carriage: Carriage, short: pl.DataFrame, notes: tuple[str, ...]
) -> dict[str, Any]:
    plan = carriage.linehaul
    return {
        "first_date": str(ground.first_date),
        "notes": list(dict.fromkeys(notes)),
        "linehaul": {
            "objective_usd": plan.objective_usd,
            "bound_usd": plan.bound_usd,
            "gap": plan.gap,
            "restricted_gap": plan.restricted_gap,
            "counts": plan.counts,
        },
        "counts": {
            "parcels": ground.parcels.filter(of_orders(ground)).height,
            "loads": carriage.loads.height,
            "capacity_shortfall": short.height,
            "injected_at_origin": carriage.injected.height,
        },
        "lanes": json.loads(ground.choice.lanes.write_json()),
    }
