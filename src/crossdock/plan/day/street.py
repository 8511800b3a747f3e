"""The last mile of the day: routes first, then whoever else may take what no route could.

Delivery dates are planned one after another. What the own fleet cannot take goes to the crowd, then
to a partner of the ZIP's coverage rows at the same facility; what nobody takes waits for the next
delivery day, up to `MOST_WAITS` times, and is short after that.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import cast

import polars as pl

from crossdock.model import Engine, Network, Progress
from crossdock.model.tables import BREAKS, DECISIONS, FLEET, HANDOFFS, ROUTES, TOURS, empty
from crossdock.plan.delivery import GROUP, Appointments, DeliveryDays, delivery_rates
from crossdock.plan.lastmile import FleetYard, LastMileProblem, plan_routes

ROUTED_MODES = ("own", "crowd")
PARTNER_MODES = ("3pl", "usps")
MOST_WAITS = 3

_REASONS = {
    "chosen": "the cheapest coverage row of its ZIP",
    "overflow": "no route of the day had room",
}


@dataclass(frozen=True)
class Street:
    """Everything between the destination facility and the door.

    Attributes
    ----------
    handoffs
        Schema ``HANDOFFS`` with ``handoff_date``.
    modes
        ``parcel_id, mode, carrier_id, entry_level, days``: the coverage row used in the end.
    short
        ``parcel_id, reason``.
    """

    routes: pl.DataFrame
    tours: pl.DataFrame
    breaks: pl.DataFrame
    fleet: pl.DataFrame
    decisions: pl.DataFrame
    handoffs: pl.DataFrame
    modes: pl.DataFrame
    short: pl.DataFrame
    notes: tuple[str, ...]


@dataclass
class _Day:
    """Work in hand while dates are planned in turn."""

    routes: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])
    tours: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])
    breaks: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])
    fleet: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])
    decisions: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])
    handoffs: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])
    modes: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])
    short: list[pl.DataFrame] = field(default_factory=list[pl.DataFrame])
    notes: dict[str, None] = field(default_factory=dict[str, None])


@dataclass(frozen=True)
class _Solver:
    """How routes are planned."""

    engine: Engine
    progress: Progress
    seed: int
    effort: float
    policy: str
    stops_in_all: int
    id_scope: str


def deliver(
    network: Network,
    waiting: pl.DataFrame,
    weighed: pl.DataFrame,
    *,
    engine: Engine,
    progress: Progress,
    seed: int,
    effort: float,
    policy: str,
    id_scope: str = "",
) -> Street:
    """Bring every parcel of ``waiting`` from its destination facility to the door.

    Parameters
    ----------
    waiting
        Consignments that reached their destination: columns of ``CONSIGNMENTS`` with
        ``facility_id, mode, carrier_id, entry_level, days, ready_at, delivery_date,
        facility_zip3`` and the columns of ``GROUP``.
    weighed
        `DeliveryChoice.weighed`: the other coverage rows of each group, with their cost.
    """
    done = _Day()
    appointments, days = Appointments(network), DeliveryDays(network)
    to_route = waiting.filter(pl.col("mode").is_in(list(ROUTED_MODES)))
    stops = to_route.select("facility_id", "delivery_date", "address_key").n_unique()
    solver = _Solver(engine, progress, seed, effort, policy, stops, id_scope)
    queue = waiting.with_columns(waits=pl.lit(0), reason=pl.lit(None, pl.String))
    while queue.height:
        date = cast("dt.date", queue["delivery_date"].min())
        held = network.on(date)
        left = queue.filter(pl.col("delivery_date") == date)
        for place, mode in enumerate(ROUTED_MODES, start=1):
            unserved = _route(held, left.filter(pl.col("mode") == mode), mode, date, done, solver)
            following = (*ROUTED_MODES[place:], *PARTNER_MODES)
            moved = _next_option(unserved, weighed, following)
            left = pl.concat([left.filter(pl.col("mode") != mode), moved])
        stuck = _hand_over(held, left, done, appointments)
        tried = stuck["waits"] >= MOST_WAITS
        done.short.append(stuck.filter(tried))
        waits = _wait(stuck.filter(~tried), waiting, date, days)
        queue = pl.concat([queue.filter(pl.col("delivery_date") > date), waits])
    return _street(done)


def _route(
    network: Network,
    parcels: pl.DataFrame,
    mode: str,
    date: dt.date,
    done: _Day,
    solver: _Solver,
) -> pl.DataFrame:
    """Plan routes of ``mode``; returns the parcels that no route took, with the reason."""
    facilities = {row["facility_id"]: row for row in network["facilities"].iter_rows(named=True)}
    yard = FleetYard(network, mode)
    problems: list[LastMileProblem] = []
    unstaffed: list[pl.DataFrame] = []
    for (facility_id,), group in parcels.group_by("facility_id", maintain_order=True):
        fleet = yard.fleet(
            str(facility_id),
            date,
            parcels=group.height,
            volume_m3=float(group["volume_m3"].sum()),
        )
        if fleet.is_empty():
            unstaffed.append(
                group.with_columns(reason=pl.lit(f"no {mode} vehicle with a driver works this day"))
            )
            continue
        facility = facilities[str(facility_id)]
        problems.append(
            LastMileProblem(
                facility_id=str(facility_id),
                delivery_date=date,
                timezone=facility["timezone"],
                latitude=facility["latitude"],
                longitude=facility["longitude"],
                parcels=group.with_columns(due_at=pl.col("service_due_at")),
                fleet=fleet,
            )
        )
    if not problems:
        return pl.concat([parcels.head(0), *unstaffed])
    plan = plan_routes(
        problems,
        engine=solver.engine,
        progress=solver.progress,
        seed=solver.seed,
        effort=solver.effort,
        policy=solver.policy,
        first_route=1 + sum(tours.height for tours in done.tours),
        id_scope=solver.id_scope,
        stops_in_all=solver.stops_in_all,
    )
    done.routes.append(plan.routes)
    done.tours.append(plan.tours)
    done.breaks.append(plan.breaks)
    done.decisions.append(plan.decisions)
    done.fleet.append(plan.fleet)
    done.notes.update(dict.fromkeys(plan.notes))
    served = parcels.join(
        plan.routes.select("parcel_id", served_by="carrier_id"),
        on="parcel_id",
        maintain_order="left",
    )
    done.modes.append(
        served.select("parcel_id", "mode", "entry_level", "days", carrier_id="served_by")
    )
    unserved = (
        parcels.drop("reason")
        .join(plan.unserved.select("parcel_id", "reason"), on="parcel_id", maintain_order="left")
        .select(parcels.columns)
    )
    return pl.concat([unserved, *unstaffed])


def _next_option(
    parcels: pl.DataFrame, weighed: pl.DataFrame, modes: tuple[str, ...]
) -> pl.DataFrame:
    """``parcels`` under their next best coverage row of ``modes`` at the same facility.

    Those without one keep their row: they will wait.
    """
    if parcels.is_empty():
        return parcels
    options = (
        weighed.filter(
            pl.col("mode").is_in(list(modes))
            & pl.col("delivery_usd").is_not_null()
            & ~pl.col("injects_here")
        )
        .sort(*GROUP, "facility_id", "score_usd", "priority", "carrier_id", maintain_order=True)
        .unique([*GROUP, "facility_id"], keep="first", maintain_order=True)
        .select(
            *GROUP,
            "facility_id",
            next_mode="mode",
            next_carrier_id="carrier_id",
            next_entry_level="entry_level",
            next_days="days",
        )
    )
    found = parcels.join(options, on=[*GROUP, "facility_id"], how="left", maintain_order="left")
    changed = pl.col("next_mode").is_not_null()
    return (
        found.with_columns(
            pl.when(changed).then(pl.col(f"next_{name}")).otherwise(pl.col(name)).alias(name)
            for name in ("carrier_id", "entry_level", "days")
        )
        .with_columns(mode=pl.coalesce("next_mode", "mode"))
        .select(parcels.columns)
    )


def _hand_over(
    network: Network, parcels: pl.DataFrame, done: _Day, appointments: Appointments
) -> pl.DataFrame:
    """Give parcels of partner modes to their partner; returns those that are stuck."""
    asked = parcels.filter(pl.col("mode").is_in(list(PARTNER_MODES)))
    priced = asked.with_columns(delivery_rates(network, asked).alias("cost_usd"))
    given, spilled = _within_capacity(network, priced.filter(pl.col("cost_usd").is_not_null()))
    if given.height:
        entries = appointments.entries(given)
        rows = pl.concat([given, entries], how="horizontal")
        done.handoffs.append(
            rows.with_columns(
                reason=pl.when(pl.col("reason").is_null())
                .then(pl.lit(_REASONS["chosen"]))
                .otherwise(pl.lit(_REASONS["overflow"]))
            ).select(*HANDOFFS, "handoff_date")
        )
        done.modes.append(rows.select("parcel_id", "mode", "entry_level", "days", "carrier_id"))
    routed = parcels.filter(~pl.col("mode").is_in(list(PARTNER_MODES)))
    unpriced = priced.filter(pl.col("cost_usd").is_null()).with_columns(
        reason=pl.lit("its carrier has no rate for this parcel")
    )
    full = spilled.with_columns(reason=pl.lit("its carrier has no capacity left this day"))
    return pl.concat([routed, unpriced.drop("cost_usd"), full.drop("cost_usd")])


def _within_capacity(network: Network, parcels: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The parcels that carriers can take today, most urgent first, and the rest."""
    limits = network["carriers"].select("carrier_id", "daily_capacity")
    ranked = (
        parcels.join(limits, on="carrier_id", how="left", maintain_order="left")
        .sort("carrier_id", "service_due_at", "parcel_id")
        .with_columns(place=pl.int_range(1, pl.len() + 1).over("carrier_id"))
    )
    fits = pl.col("daily_capacity").is_null() | (pl.col("place") <= pl.col("daily_capacity"))
    return (
        ranked.filter(fits).select(parcels.columns),
        ranked.filter(~fits).select(parcels.columns),
    )


def _wait(
    stuck: pl.DataFrame, waiting: pl.DataFrame, date: dt.date, days: DeliveryDays
) -> pl.DataFrame:
    """``stuck`` on their next delivery day, under the coverage row that was chosen first."""
    first = waiting.join(
        stuck.select("parcel_id", "waits", "reason"), on="parcel_id", maintain_order="left"
    )
    keys = ["facility_id", "days"]
    unique = first.select(keys).unique(maintain_order=True)
    following = unique.with_columns(
        next_date=pl.Series(
            [
                days.first_from(facility, mask, date + dt.timedelta(days=1))
                for facility, mask in unique.iter_rows()
            ],
            dtype=pl.Date,
        )
    )
    return (
        first.join(following, on=keys, nulls_equal=True, maintain_order="left")
        .with_columns(delivery_date=pl.col("next_date"), waits=pl.col("waits") + 1)
        .select(stuck.columns)
    )


def _street(done: _Day) -> Street:
    handoffs = empty(HANDOFFS).with_columns(handoff_date=pl.lit(None, pl.Date))
    modes = pl.DataFrame(
        schema=dict.fromkeys(["parcel_id", "mode", "entry_level", "days", "carrier_id"], pl.String)
    )
    # Where nothing came as far as the street there is not one frame.
    short = pl.DataFrame(schema={"parcel_id": pl.String, "reason": pl.String})
    return Street(
        routes=pl.concat([empty(ROUTES), *done.routes]).sort("route_id", "sequence", "parcel_id"),
        tours=pl.concat([empty(TOURS), *done.tours]).sort("route_id"),
        breaks=pl.concat([empty(BREAKS), *done.breaks]).sort("route_id", "starts_at"),
        fleet=pl.concat([empty(FLEET), *done.fleet]).sort("delivery_date", "vehicle_id"),
        decisions=pl.concat([empty(DECISIONS), *done.decisions]).sort("subject", "question"),
        handoffs=pl.concat([handoffs, *done.handoffs]).sort("parcel_id"),
        modes=pl.concat([modes, *done.modes]).sort("parcel_id"),
        short=pl.concat([short, *(each.select(short.columns) for each in done.short)])
        .with_columns(pl.col("reason").fill_null("nobody takes it to the door"))
        .sort("parcel_id"),
        notes=tuple(done.notes),
    )
