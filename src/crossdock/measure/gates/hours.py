"""Drivers within 49 CFR 395.3: their duty log and what the plan gives them, audited together.

Line-haul drivers by their duties; delivery drivers by their tours, where the vehicle is regulated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from crossdock.comply.hos import (
    DRIVING,
    OFF_DUTY,
    ON_DUTY,
    STATUSES,
    RuleSet,
    Segment,
    Timeline,
    audit,
    logged_segments,
    planning_ruleset,
)
from crossdock.measure.frames import OWN_KINDS, Tables, table
from crossdock.measure.gates.fault import HOURS_REMEDY, GateFault, faults
from crossdock.model.errors import InvalidValueError
from crossdock.model.network import Network
from crossdock.model.units import SECONDS_PER_HOUR
from crossdock.plan.lastmile import tour_segments

_SAID = {
    "driving": "drives {h} h too long, over {limit} h between rests ({citation})",
    "window": "drives {h} h past the window, over {limit} h after coming on duty ({citation})",
    "break": "drives {h} h without 30 min off the wheel after {limit} h of driving ({citation})",
    "cycle": "drives {h} h past the cycle, over {limit} h on duty in {days} days ({citation})",
}


def hours_gate(tables: Tables, network: Network) -> list[GateFault]:
    """11 h at the wheel, 14 h window, 30 min after 8 h, the cycle, no overlap, nobody missing.

    Judged with the driver's ``duty_log`` of the days before, by `crossdock.comply.hos.audit`.
    """
    duties = table(tables, "duties")
    return [
        *_own_loads_without_driver(tables, duties),
        *_overlaps(duties),
        *_broken(network, _rows(duties), _homes(duties, "domicile_facility_id")),
        *_routes_broken(tables, network),
    ]


def hours_not_checked(tables: Tables, network: Network) -> list[str]:
    """Drivers whose last 8 days are not known."""
    drivers = table(tables, "duties").select("driver_id").unique()
    logged = network["duty_log"].select("driver_id").unique()
    missing = drivers.join(logged, on="driver_id", how="anti").height
    if not missing:
        return []
    return [
        f"hours before the plan: {missing:,} line-haul drivers have no duty_log, taken as rested"
    ]


def _routes_broken(tables: Tables, network: Network) -> Iterator[GateFault]:
    """The same of delivery drivers in commercial motor vehicles."""
    bound = (
        table(tables, "fleet")
        .filter(pl.col("hos_ruleset").is_not_null())
        .select("vehicle_id", "delivery_date")
        .unique()
    )
    tours = (
        table(tables, "tours")
        .filter(pl.col("driver_id").is_not_null())
        .join(bound, on=["vehicle_id", "delivery_date"], how="semi")
    )
    if tours.is_empty():
        return
    segments = tour_segments(tours, table(tables, "routes"), table(tables, "breaks"))
    duties = segments.join(
        tours.select("route_id", "driver_id", "facility_id"), on="route_id"
    ).with_columns(
        activity=pl.col("kind").replace_strict(
            {"drive": DRIVING, "break": OFF_DUTY}, default=ON_DUTY, return_dtype=pl.String
        )
    )
    yield from _broken(network, _rows(duties), _homes(duties, "facility_id"))


def _homes(duties: pl.DataFrame, facility: str) -> dict[str, str]:
    return dict(duties.select("driver_id", facility).iter_rows())


def _broken(
    network: Network, duties: Iterable[tuple[str, Segment]], homes: Mapping[str, str]
) -> Iterator[GateFault]:
    """What each driver drives against the law, rule by rule."""
    logged = logged_segments(network["duty_log"])
    planned: dict[str, list[Segment]] = {}
    for driver_id, segment in duties:
        planned.setdefault(driver_id, []).append(segment)
    named = dict(network["drivers"].select("driver_id", "hos_ruleset").iter_rows())
    zones = network.timezones
    for driver_id, segments in planned.items():
        rules = planning_ruleset(named.get(driver_id))
        before = _before(logged.get(driver_id, ()), segments[0].start_s)
        try:
            log = Timeline.of(
                [*before, *segments],
                timezone=zones.get(homes[driver_id], "UTC"),
                gaps_are_rest=True,
            )
        except InvalidValueError:  # an overlap, which is told by itself
            continue
        yield from _told(driver_id, log, rules, segments[0].start_s)


def _before(logged: Iterable[Segment], starts_s: int) -> list[Segment]:
    """A log up to the first duty; what is no duty status is rest, whatever the rows call it."""
    return [
        Segment(activity if activity in STATUSES else OFF_DUTY, from_s, min(to_s, starts_s))
        for activity, from_s, to_s in logged
        if from_s < starts_s
    ]


def _told(driver_id: str, log: Timeline, rules: RuleSet, from_s: int) -> Iterator[GateFault]:
    broken: Counter[str] = Counter()
    for found in audit(log, rules):
        if found.end_s > from_s:
            broken[found.rule] += found.end_s - found.start_s
    limits = {limit.rule: limit for limit in rules.limits}
    for rule, seconds in broken.items():
        limit = limits[rule]
        what = _SAID[rule.partition("_")[0]].format(
            h=round(seconds / SECONDS_PER_HOUR, 2),
            limit=limit.limit_s // SECONDS_PER_HOUR,
            days=limit.days,
            citation=limit.citation,
        )
        yield GateFault("hours", driver_id, what, HOURS_REMEDY)


def _rows(segments: pl.DataFrame) -> Iterator[tuple[str, Segment]]:
    """Segments by driver and time; what is no duty status is rest, whatever the rows call it."""
    rows = segments.sort("driver_id", "starts_at").select(
        "driver_id",
        pl.when(pl.col("activity").is_in(list(STATUSES)))
        .then("activity")
        .otherwise(pl.lit(OFF_DUTY)),
        pl.col("starts_at").dt.epoch("s"),
        pl.col("ends_at").dt.epoch("s"),
    )
    for driver_id, activity, start_s, end_s in rows.iter_rows():
        yield driver_id, Segment(activity, start_s, end_s)


def _overlaps(duties: pl.DataFrame) -> list[GateFault]:
    ordered = duties.sort("driver_id", "starts_at", "ends_at").with_columns(
        busy_until=pl.col("ends_at").cum_max().shift(1).over("driver_id"),
        other=pl.col("load_id").shift(1).over("driver_id"),
    )
    both = ordered.filter(pl.col("starts_at") < pl.col("busy_until"))
    what = pl.format(
        "is on {} and {} at once", pl.col("other").fill_null("-"), pl.col("load_id").fill_null("-")
    )
    return faults(
        "hours", both.unique("driver_id", maintain_order=True), "driver_id", what, HOURS_REMEDY
    )


def _own_loads_without_driver(tables: Tables, duties: pl.DataFrame) -> list[GateFault]:
    driven = duties.filter(pl.col("activity") == "D").select("load_id").unique()
    own = table(tables, "loads").filter(pl.col("kind").is_in(OWN_KINDS))
    nobody = own.join(driven, on="load_id", how="anti")
    return faults(
        "hours", nobody, "load_id", "no driver's duty drives it", "plan again with more drivers"
    )
