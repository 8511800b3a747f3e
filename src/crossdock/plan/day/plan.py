"""The day, end to end: from located orders to a draft plan with its costs and reasons."""

from __future__ import annotations

import numpy as np
import polars as pl

from crossdock.locate.roads import great_circle_m
from crossdock.model import Engine, Progress, SilentProgress, Stages, UntimedStages
from crossdock.model.prices import LATE_USD_PARCEL_DAY
from crossdock.model.units import METERS_PER_MILE
from crossdock.plan.day.answer import DayPlan
from crossdock.plan.day.arrivals import at_destination
from crossdock.plan.day.assemble import assemble, handed_at_origin
from crossdock.plan.day.carry import Carriage, carry, fixed_departures
from crossdock.plan.day.ground import Ground, lay_out, under_policy
from crossdock.plan.day.question import DayQuestion, Policy
from crossdock.plan.day.street import Street, deliver
from crossdock.plan.delivery import DeliveryDays, facility_zip3
from crossdock.plan.linehaul import LinehaulProblem
from crossdock.predict.eta import p95_of


def plan_day(
    question: DayQuestion,
    *,
    engine: Engine,
    progress: Progress | None = None,
    stages: Stages | None = None,
) -> DayPlan:
    """Plan every order of ``question``: promise, line-haul, drivers, carriers, routes, costs.

    Parameters
    ----------
    stages
        Told of each stage, to time it.

    Returns
    -------
    DayPlan
        Run tables except ``kpis``, and facts for the manifest.

    Raises
    ------
    InputUnusableError
        The network cannot take a single order in: an origin without sort waves, for example.
    """
    shown, stage = progress or SilentProgress(), stages or UntimedStages()
    with stage("promise"):
        ground = lay_out(question)
    return _plan_on(ground, engine, shown, stage)


def replan_day(
    plan: DayPlan, policy: Policy, *, engine: Engine, progress: Progress | None = None
) -> DayPlan:
    """Plan the orders of ``plan`` under another policy, to compare.

    The same as `plan_day` under that policy; what no policy changes is not worked out again.
    """
    ground = under_policy(plan.ground, policy)
    return _plan_on(ground, engine, progress or SilentProgress(), UntimedStages())


def _plan_on(ground: Ground, engine: Engine, progress: Progress, stage: Stages) -> DayPlan:
    with stage("linehaul"):
        carriage = _carry(ground, engine, progress)
    with stage("lastmile"):
        street = _deliver(ground, carriage, engine, progress)
    with stage("costs"):
        return assemble(ground, carriage, street)


def _carry(ground: Ground, engine: Engine, progress: Progress) -> Carriage:
    travelling = ground.choice.consignments.filter(~handed_at_origin())
    problem = LinehaulProblem(
        facilities=ground.network["facilities"],
        waves=ground.waves,
        consignments=travelling,
        lanes=ground.lanes,
        offers=_as_on_a_slow_day(ground.offers),
        departures=fixed_departures(ground.network, ground.first_date, ground.last_date),
        late_usd_parcel_day=LATE_USD_PARCEL_DAY,
        policy=ground.question.policy,
    )
    return carry(
        ground.network,
        problem,
        ground.offers,
        date=ground.first_date,
        engine=engine,
        progress=progress,
        seed=ground.question.seed,
        effort=ground.question.effort,
        id_scope=ground.question.id_scope,
    )


def _as_on_a_slow_day(offers: pl.DataFrame) -> pl.DataFrame:
    """Offers with their 95th percentile of transit, so that planned connections hold.

    It is the measure by which a service is offered (network.md §4): what is sold can be kept.
    """
    seconds = p95_of(
        offers["transit_s"].to_numpy().astype(np.float64),
        offers["transit_p90_s"].to_numpy().astype(np.float64),
    )
    return offers.with_columns(transit_s=pl.Series(np.ceil(seconds).astype(np.int64)))


def _deliver(ground: Ground, carriage: Carriage, engine: Engine, progress: Progress) -> Street:
    consignments = ground.choice.consignments
    gone = pl.concat([carriage.injected["parcel_id"], carriage.short["parcel_id"]]).implode()
    arriving = consignments.filter(~handed_at_origin() & ~pl.col("parcel_id").is_in(gone))
    arrivals = at_destination(arriving, carriage.legs, ground.waves, ground.choice.delivery_dates)
    days = DeliveryDays(ground.network)
    waiting = (
        pl.concat([arriving, arrivals.drop("parcel_id")], how="horizontal")
        .rename(
            {
                "destination_facility_id": "facility_id",
                "delivery_mode": "mode",
                "delivery_carrier_id": "carrier_id",
                "delivery_days": "days",
            }
        )
        .join(
            facility_zip3(ground.network, ground.question.zips),
            on="facility_id",
            maintain_order="left",
        )
    )
    open_dates = waiting.select(
        "facility_id", "days", partner_days=pl.lit(0), date=pl.col("delivery_date")
    )
    waiting = waiting.with_columns(
        days.delivered_on(open_dates).alias("delivery_date"),
        distance_miles=_miles_to_door(ground, waiting),
    )
    return deliver(
        ground.network,
        waiting,
        ground.choice.weighed,
        engine=engine,
        progress=progress,
        seed=ground.question.seed,
        effort=ground.question.effort,
        policy=ground.question.policy,
        id_scope=ground.question.id_scope,
    )


def _miles_to_door(ground: Ground, parcels: pl.DataFrame) -> pl.Series:
    places = parcels.select("facility_id", "latitude", "longitude").join(
        ground.network["facilities"].select(
            "facility_id", facility_latitude="latitude", facility_longitude="longitude"
        ),
        on="facility_id",
        maintain_order="left",
    )
    return pl.Series(
        great_circle_m(
            places["facility_latitude"].to_numpy(),
            places["facility_longitude"].to_numpy(),
            places["latitude"].to_numpy(),
            places["longitude"].to_numpy(),
        )
        / METERS_PER_MILE
    )
