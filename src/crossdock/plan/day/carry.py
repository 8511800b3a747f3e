"""Line-haul of the day: plan the movements, match who drives them, say who rides what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from crossdock.model import Engine, Network, Progress
from crossdock.model.calendars import OperatingCalendar
from crossdock.model.tables import LEGS, LOADS, conform
from crossdock.plan.capacity import CapacityPlan, match_movements
from crossdock.plan.linehaul import FIXED_DEPARTURES, LinehaulPlan, LinehaulProblem, plan_linehaul


@dataclass(frozen=True)
class Carriage:
    """Line-haul of the day.

    Attributes
    ----------
    linehaul, capacity
        The two rooms' answers.
    loads, legs, duties
        Schemas ``LOADS``, ``LEGS``, ``DUTIES``; a load's parcels, cube and weight are its legs'.
    injected
        ``parcel_id, carrier_id, cost_usd``: handed to a partner at the origin.
    short
        ``parcel_id, reason``: nothing in the files can take them; their path ends at the origin.
    """

    linehaul: LinehaulPlan
    capacity: CapacityPlan
    loads: pl.DataFrame
    legs: pl.DataFrame
    duties: pl.DataFrame
    injected: pl.DataFrame
    short: pl.DataFrame


def carry(
    network: Network,
    problem: LinehaulProblem,
    offers: pl.DataFrame,
    *,
    date: dt.date,
    engine: Engine,
    progress: Progress,
    seed: int,
    effort: float,
    id_scope: str = "",
) -> Carriage:
    """Plan line-haul for ``problem`` and match each movement to a carrier or the own fleet.

    Parameters
    ----------
    problem
        Its offers carry the transit that connections are planned with.
    offers
        The same offers with their usual transit, by which loads are timed.

    Notes
    -----
    A parcel on a movement that nobody can take is handed to a partner at the origin where its ZIP
    has such a coverage row; else it is short.
    """
    plan = plan_linehaul(problem, engine=engine, progress=progress, seed=seed, effort=effort)
    matched = match_movements(
        network,
        plan.movements,
        offers,
        problem.lanes,
        policy=problem.policy,
        date=date,
        id_scope=id_scope,
        progress=progress,
    )
    ridden = plan.parcel_movements.join(
        matched.loads.filter(pl.col("movement_id").is_not_null()).select(
            "movement_id", "load_id", "from", "to", "departs_at", "arrives_at"
        ),
        on="movement_id",
        how="left",
        maintain_order="left",
    )
    broken = ridden.filter(pl.col("load_id").is_null())["parcel_id"].unique(maintain_order=True)
    legs = conform(
        ridden.filter(~pl.col("parcel_id").is_in(broken.implode())).sort("parcel_id", "seq"), LEGS
    )
    rescued, short = _without_ride(problem.consignments, broken)
    loads = _recounted(matched.loads, legs, problem.consignments, network)
    return Carriage(
        plan,
        matched,
        loads,
        legs,
        matched.duties.filter(pl.col("load_id").is_in(loads["load_id"].implode())),
        pl.concat([plan.injected, rescued]).sort("parcel_id"),
        pl.concat([plan.stranded, short]).sort("parcel_id"),
    )


def fixed_departures(network: Network, first_date: dt.date, last_date: dt.date) -> pl.DataFrame:
    """The user's schedule on real dates, schema ``FIXED_DEPARTURES``."""
    calendar = OperatingCalendar(network["calendars"])
    facilities = {row["facility_id"]: row for row in network["facilities"].iter_rows(named=True)}
    rows = list(_dated_departures(network, calendar, facilities, first_date, last_date))
    return pl.DataFrame(rows, schema=pl.Schema(FIXED_DEPARTURES), orient="row")


def _dated_departures(
    network: Network,
    calendar: OperatingCalendar,
    facilities: dict[str, dict[str, object]],
    first_date: dt.date,
    last_date: dt.date,
) -> Iterator[tuple[str, str, str, dt.datetime]]:
    for row in network["departures"].iter_rows(named=True):
        facility = facilities[row["from"]]
        zone = ZoneInfo(str(facility["timezone"]))
        calendar_id = facility["calendar_id"]
        for offset in range((last_date - first_date).days + 1):
            date = first_date + dt.timedelta(days=offset)
            if calendar.runs_on(
                None if calendar_id is None else str(calendar_id), row["days"], date
            ):
                departs = dt.datetime.combine(date, row["departs"], tzinfo=zone)
                yield row["departure_id"], row["from"], row["to"], departs.astimezone(dt.UTC)


def _without_ride(
    consignments: pl.DataFrame, broken: pl.Series
) -> tuple[pl.DataFrame, pl.DataFrame]:
    stuck = consignments.filter(pl.col("parcel_id").is_in(broken.implode()))
    can_inject = pl.col("origin_injection_usd").is_not_null()
    rescued = stuck.filter(can_inject).select(
        "parcel_id", carrier_id="origin_injection_carrier_id", cost_usd="origin_injection_usd"
    )
    short = stuck.filter(~can_inject).select(
        "parcel_id", reason=pl.lit("no carrier or own vehicle has capacity left on its path")
    )
    return rescued, short


def _recounted(
    loads: pl.DataFrame, legs: pl.DataFrame, consignments: pl.DataFrame, network: Network
) -> pl.DataFrame:
    """Loads with the parcels that really ride; a load that lost them all is not run."""
    riding = (
        legs.select("parcel_id", "load_id")
        .join(
            consignments.select("parcel_id", "volume_m3", "weight_kg"),
            on="parcel_id",
            maintain_order="left",
        )
        .group_by("load_id", maintain_order=True)
        .agg(
            riding=pl.len().cast(pl.Int64),
            cube=pl.col("volume_m3").sum(),
            mass=pl.col("weight_kg").sum(),
        )
    )
    spaces = network["vehicle_types"].select(
        "vehicle_type",
        unit_m3=pl.col("nominal_m3") * pl.col("stow_factor"),
        unit_kg="payload_kg",
    )
    counted = (
        loads.join(riding, on="load_id", how="left", maintain_order="left")
        .join(spaces, on="vehicle_type", how="left", maintain_order="left")
        .with_columns(
            parcels=pl.col("riding").fill_null(0),
            volume_m3=pl.col("cube").fill_null(0.0),
            weight_kg=pl.col("mass").fill_null(0.0),
        )
        .with_columns(
            cube_share=pl.col("volume_m3") / (pl.col("units") * pl.col("unit_m3")),
            weight_share=pl.col("weight_kg") / (pl.col("units") * pl.col("unit_kg")),
        )
    )
    emptied = counted.filter(pl.col("movement_id").is_not_null() & (pl.col("parcels") == 0))[
        "load_id"
    ]
    return conform(
        counted.filter(
            ~pl.col("load_id").is_in(emptied.implode())
            & ~pl.col("returns_load_id").is_in(emptied.implode()).fill_null(value=False)
        ),
        LOADS,
    )
