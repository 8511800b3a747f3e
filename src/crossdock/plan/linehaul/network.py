"""The time-expanded network: every departure of every lane and the wave it lands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from crossdock.plan.linehaul.ladder import FloatArray, IntArray, Ladders, build_ladders
from crossdock.plan.linehaul.problem import SPEEDS, LinehaulProblem

NO_LIMIT = 1_000_000_000
SECONDS_PER_DAY = 86_400


class Timetable(NamedTuple):
    """When parcels can leave and where they land; waves, lanes and arcs are numbered from 0.

    ``wave_cutoff_s``, ``wave_rank``: last arrival (epoch seconds) and place among the waves of its
    facility. ``lane_departures``: departures of a lane; ``lane_day``: departures in about a day;
    ``lane_first``: offset into ``first_departure``, which holds for each wave (by rank) the first
    departure of the lane it can make. ``lane_ladder``: ladder by speed code, -1 where there is no
    offer. The arc of a ladder's departure ``k`` is ``ladder_arc[ladder] + k``. ``arc_to_wave`` is
    -1 where the calendar ends before the arrival.
    """

    wave_cutoff_s: IntArray
    wave_rank: IntArray
    lane_departures: IntArray
    lane_day: IntArray
    lane_first: IntArray
    first_departure: IntArray
    lane_ladder: IntArray
    ladder_arc: IntArray
    arc_ladder: IntArray
    arc_from_wave: IntArray
    arc_to_wave: IntArray
    arc_departs_s: IntArray


@dataclass(frozen=True)
class TimedNetwork:
    """Facilities, waves, lanes and departures as arrays, and the frames they came from.

    Attributes
    ----------
    facility_ids
        Sorted; a facility's number is its place here.
    handling_usd
        A touch at each facility, for one piece.
    is_hub
        Which facilities may transship.
    waves
        `WAVES` in the order of the wave numbers, with ``facility``.
    wave_doors, wave_capacity
        Vehicles that may leave, and pieces that may be sorted, in each wave.
    lanes
        ``from_facility_id, to_facility_id, miles`` in the order of the lane numbers.
    lane_from, lane_to, lane_miles
        The same as arrays of facility numbers and miles.
    rungs, ladders
        See `build_ladders`; ``ladder_lane`` is the lane of each ladder.
    timetable
        See `Timetable`.
    """

    facility_ids: tuple[str, ...]
    handling_usd: FloatArray
    is_hub: IntArray
    waves: pl.DataFrame
    wave_doors: IntArray
    wave_capacity: IntArray
    lanes: pl.DataFrame
    lane_from: IntArray
    lane_to: IntArray
    lane_miles: FloatArray
    rungs: pl.DataFrame
    ladders: Ladders
    ladder_lane: IntArray
    timetable: Timetable


def build_network(problem: LinehaulProblem) -> TimedNetwork:
    """Expand the lanes that parcels of ``problem`` could use over the waves of its calendar."""
    facilities = problem.facilities.sort("facility_id")
    facility_ids = tuple(facilities["facility_id"].to_list())
    is_hub = np.array(["hub" in roles for roles in facilities["roles"].to_list()], dtype=np.int64)
    waves = _waves(problem, facility_ids, facilities)
    travelling = problem.consignments.filter(
        pl.col("origin_facility_id") != pl.col("destination_facility_id")
    )
    offers = _offers_in_play(
        problem.offers, travelling, [f for f, hub in zip(facility_ids, is_hub, strict=True) if hub]
    )
    ladders, rungs = build_ladders(
        offers, float(travelling["volume_m3"].sum()), float(travelling["weight_kg"].sum())
    )
    lanes = _lanes(problem, rungs)
    place = {facility: number for number, facility in enumerate(facility_ids)}
    lane_from = np.array([place[f] for f in lanes["from_facility_id"].to_list()], dtype=np.int64)
    lane_to = np.array([place[f] for f in lanes["to_facility_id"].to_list()], dtype=np.int64)
    by_ladder = rungs.group_by("ladder", maintain_order=True).agg(
        # By the slowest offer of the class: whichever carrier is matched later still connects.
        pl.col("from_facility_id", "to_facility_id", "speed_code", "slowest_s").first(),
    )
    by_ladder = by_ladder.join(
        lanes.with_row_index("lane"),
        on=["from_facility_id", "to_facility_id"],
        how="left",
        maintain_order="left",
    )
    ladder_lane = by_ladder["lane"].to_numpy().astype(np.int64)
    lane_ladder = np.full((lanes.height, len(SPEEDS)), -1, dtype=np.int64)
    lane_ladder[ladder_lane, by_ladder["speed_code"].to_numpy()] = np.arange(by_ladder.height)
    return TimedNetwork(
        facility_ids=facility_ids,
        handling_usd=facilities["handling_usd_parcel"].fill_null(0.0).to_numpy().astype(np.float64),
        is_hub=is_hub,
        waves=waves,
        wave_doors=waves["doors"].fill_null(NO_LIMIT).to_numpy().astype(np.int64),
        wave_capacity=waves["capacity_parcels"]
        .fill_null(NO_LIMIT)
        .clip(0, NO_LIMIT)
        .to_numpy()
        .astype(np.int64),
        lanes=lanes,
        lane_from=lane_from,
        lane_to=lane_to,
        lane_miles=lanes["miles"].to_numpy().astype(np.float64),
        rungs=rungs,
        ladders=ladders,
        ladder_lane=ladder_lane,
        timetable=_timetable(
            problem,
            waves,
            lanes,
            lane_from,
            lane_to,
            lane_ladder,
            ladder_lane,
            by_ladder["slowest_s"].to_numpy().astype(np.int64),
        ),
    )


def _waves(
    problem: LinehaulProblem, facility_ids: tuple[str, ...], facilities: pl.DataFrame
) -> pl.DataFrame:
    numbers = pl.DataFrame({"facility_id": facility_ids}).with_row_index("facility")
    return (
        problem.waves.join(numbers, on="facility_id", how="left")
        .join(facilities.select("facility_id", "doors"), on="facility_id", how="left")
        .with_columns(
            cutoff_s=pl.col("inbound_cutoff_at").dt.epoch("s"),
            ready_s=pl.col("ready_at").dt.epoch("s"),
            facility=pl.col("facility").cast(pl.Int64),
        )
        .sort("facility", "cutoff_s", "wave_index")
    )


def _offers_in_play(
    offers: pl.DataFrame, travelling: pl.DataFrame, hubs: list[str]
) -> pl.DataFrame:
    """Offers that leave an origin or a hub and arrive at a hub or a destination."""
    senders = sorted({*travelling["origin_facility_id"].unique().to_list(), *hubs})
    takers = sorted({*travelling["destination_facility_id"].unique().to_list(), *hubs})
    return offers.filter(
        pl.col("from_facility_id").is_in(senders)
        & pl.col("to_facility_id").is_in(takers)
        & (pl.col("from_facility_id") != pl.col("to_facility_id"))
    )


def _lanes(problem: LinehaulProblem, rungs: pl.DataFrame) -> pl.DataFrame:
    ends = ["from_facility_id", "to_facility_id"]
    known = problem.lanes.group_by(ends, maintain_order=True).agg(lane_miles=pl.col("miles").min())
    return (
        rungs.group_by(ends, maintain_order=True)
        .agg(pl.col("miles").min())
        .join(known, on=ends, how="left", maintain_order="left")
        .select(*ends, miles=pl.coalesce("lane_miles", "miles").fill_null(0.0))
        .sort(ends)
    )


@dataclass(frozen=True)
class _Schedule:
    """Departures of a lane, and for each wave of its facility (by rank) the first it can make."""

    departs_s: IntArray
    wave: IntArray
    first: IntArray
    per_day: int


def _timetable(
    problem: LinehaulProblem,
    waves: pl.DataFrame,
    lanes: pl.DataFrame,
    lane_from: IntArray,
    lane_to: IntArray,
    lane_ladder: IntArray,
    ladder_lane: IntArray,
    transit_s: IntArray,
) -> Timetable:
    facility = waves["facility"].to_numpy()
    cutoff_s = waves["cutoff_s"].to_numpy().astype(np.int64)
    ready_s = waves["ready_s"].to_numpy().astype(np.int64)
    ends = int(max([*lane_from, *lane_to], default=-1)) + 2
    bounds = np.searchsorted(facility, np.arange(ends))
    schedules = _lane_schedules(problem, lanes, lane_from, bounds, ready_s)
    departures = np.array([schedule.departs_s.size for schedule in schedules], dtype=np.int64)
    ladder_arc = np.zeros(ladder_lane.size + 1, dtype=np.int64)
    np.cumsum(departures[ladder_lane], out=ladder_arc[1:])
    lane_numbers: list[int] = ladder_lane.tolist()
    on_ladder = [schedules[lane] for lane in lane_numbers]
    landing: list[IntArray] = []
    takers = lane_to[ladder_lane].tolist()
    for taker, transit, schedule in zip(takers, transit_s.tolist(), on_ladder, strict=True):
        low, high = int(bounds[taker]), int(bounds[taker + 1])
        arrives_s: IntArray = schedule.departs_s + transit
        wave: IntArray = low + np.searchsorted(cutoff_s[low:high], arrives_s).astype(np.int64)
        landing.append(np.where(wave < high, wave, -1).astype(np.int64))
    firsts = [schedule.first for schedule in schedules]
    return Timetable(
        wave_cutoff_s=cutoff_s.copy(),
        wave_rank=np.arange(facility.size, dtype=np.int64)
        - np.searchsorted(facility, facility).astype(np.int64),
        lane_departures=departures,
        lane_day=np.array([schedule.per_day for schedule in schedules], dtype=np.int64),
        lane_first=_offsets(firsts),
        first_departure=_joined(firsts),
        lane_ladder=lane_ladder,
        ladder_arc=ladder_arc,
        arc_ladder=np.repeat(np.arange(ladder_lane.size), departures[ladder_lane]).astype(np.int64),
        arc_from_wave=_joined([schedule.wave for schedule in on_ladder]),
        arc_to_wave=_joined(landing),
        arc_departs_s=_joined([schedule.departs_s for schedule in on_ladder]),
    )


def _lane_schedules(
    problem: LinehaulProblem,
    lanes: pl.DataFrame,
    lane_from: IntArray,
    bounds: IntArray,
    ready_s: IntArray,
) -> list[_Schedule]:
    fixed = {
        (str(key[0]), str(key[1])): np.unique(group["departs_at"].dt.epoch("s").to_numpy())
        for key, group in problem.departures.group_by(
            "from_facility_id", "to_facility_id", maintain_order=True
        )
    }
    open_schedules: dict[int, _Schedule] = {}
    schedules: list[_Schedule] = []
    for lane, ends in enumerate(lanes.select("from_facility_id", "to_facility_id").iter_rows()):
        sender = int(lane_from[lane])
        low, high = int(bounds[sender]), int(bounds[sender + 1])
        ready = ready_s[low:high]
        if ends in fixed:
            schedules.append(_schedule(ready, low, fixed[ends]))
            continue
        if sender not in open_schedules:
            open_schedules[sender] = _schedule(ready, low, np.unique(ready))
        schedules.append(open_schedules[sender])
    return schedules


def _schedule(ready_s: IntArray, first_wave: int, departs_s: IntArray) -> _Schedule:
    order = np.argsort(ready_s, kind="stable")
    # The wave that feeds a departure is the last one ready by then.
    feeding = np.searchsorted(ready_s[order], departs_s, side="right") - 1
    departs_s, feeding = departs_s[feeding >= 0], feeding[feeding >= 0]
    days = max(1.0, float(np.ptp(departs_s)) / SECONDS_PER_DAY) if departs_s.size else 1.0
    return _Schedule(
        departs_s=departs_s.astype(np.int64),
        wave=(first_wave + order[feeding]).astype(np.int64),
        first=np.searchsorted(departs_s, ready_s).astype(np.int64),
        per_day=max(1, round(departs_s.size / days)),
    )


def _joined(parts: list[IntArray]) -> IntArray:
    return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, dtype=np.int64)


def _offsets(parts: list[IntArray]) -> IntArray:
    return np.concatenate([[0], np.cumsum([part.size for part in parts])]).astype(np.int64)
