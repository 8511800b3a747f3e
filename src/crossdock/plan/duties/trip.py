"""One vehicle's trip, one way or out and back, as the duties of its drivers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crossdock.comply.hos import RESTING, US_70_8, Crew, Segment
from crossdock.plan.duties.modes import (
    DOCK_S,
    POOLED_TERMINAL_S,
    PRE_TRIP_S,
    RELAY_SWAP_S,
    pooled_drive_s,
    pooled_seats,
)

SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class Trip:
    """What is to be driven. Times in UTC seconds.

    Attributes
    ----------
    mode
        solo_turn, solo_layover, team or relay (a pooled trailer: ``pooled``).
    departs_s
        When the vehicle leaves the dock; its driver begins 45 minutes earlier.
    out_s, back_s
        Driving there and, for own equipment, back (None: one way).
    relay_share
        Share of the driving between the start and the relay point.
    back_departs_s
        When a load back is ready to leave (None: back at once, empty).
    """

    mode: str
    departs_s: int
    out_s: int
    back_s: int | None = None
    relay_share: float = 0.5
    back_departs_s: int | None = None


@dataclass(frozen=True)
class CrewDuty:
    """Who drives the trip and when.

    Attributes
    ----------
    seats
        Duty segments of each driver.
    paid_s
        Paid seconds of each seat: driving and work; a team's two are paid for all of both's.
    mode
        The driver mode that came of it: a turn that had to rest is a lay-over.
    arrives_s, turned_s
        Arrival at the far end, and the end of the dock work there: what follows is the way back.
    back_departs_s, back_arrives_s
        Of the way back; None when there is none.
    """

    seats: tuple[tuple[Segment, ...], ...]
    paid_s: tuple[int, ...]
    mode: str
    arrives_s: int
    turned_s: int
    back_departs_s: int | None
    back_arrives_s: int | None

    @property
    def starts_s(self) -> int:
        """First instant of the first duty."""
        return min(seat[0].start_s for seat in self.seats)

    @property
    def ends_s(self) -> int:
        """Last instant of the last duty."""
        return max(seat[-1].end_s for seat in self.seats)

    @property
    def days(self) -> int:
        """Days that the vehicle is in use: begun 24-hour periods."""
        return max(1, -(-(self.ends_s - self.starts_s) // SECONDS_PER_DAY))


def crew_duty(trip: Trip) -> CrewDuty:
    """Duties of a trip by rested drivers, as early as 49 CFR 395.3 allows."""
    if trip.mode == "relay":
        return _relay_duty(trip)
    if trip.mode == "pooled":
        return _pooled_duty(trip)
    return _crewed_duty(trip)


def _crewed_duty(trip: Trip) -> CrewDuty:
    """Solo or team: the same people all the way."""
    team = trip.mode == "team"
    crew = Crew.rested(trip.departs_s - PRE_TRIP_S - DOCK_S, 2 if team else 1)
    crew.work(PRE_TRIP_S + DOCK_S)
    crew.drive(trip.out_s)
    arrives_s = crew.now_s
    crew.work(DOCK_S)
    turned_s = crew.now_s
    back_departs_s = back_arrives_s = None
    if trip.back_s is not None:
        if trip.back_departs_s is not None:
            crew.wait_until(trip.back_departs_s)
        back_departs_s = crew.now_s
        crew.drive(trip.back_s)
        back_arrives_s = crew.now_s
        crew.work(DOCK_S)
    seats = tuple(crew.segments())
    return CrewDuty(
        seats,
        (crew.worked_s,) * len(seats),
        "team" if team else _solo_mode(trip.mode, seats[0], one_way=trip.back_s is None),
        arrives_s,
        turned_s,
        back_departs_s,
        back_arrives_s,
    )


def _solo_mode(wanted: str, segments: tuple[Segment, ...], *, one_way: bool) -> str:
    # A carrier's driver shows one way only: its mode was settled with the lane's way back.
    return wanted if one_way else "solo_layover" if _rests(segments) else "solo_turn"


def _rests(segments: tuple[Segment, ...]) -> bool:
    return any(
        activity in RESTING and end_s - start_s >= US_70_8.reset_s
        for activity, start_s, end_s in segments
    )


def _relay_duty(trip: Trip) -> CrewDuty:
    """Two drivers: the first takes the trailer to the relay point and brings it home from there.

    The second, based at the relay point, goes to the far end and back. The first rests at the
    relay point meanwhile, at least until his return is legal.
    """
    first = Crew.rested(trip.departs_s - PRE_TRIP_S - DOCK_S)
    first.work(PRE_TRIP_S + DOCK_S)
    first_out_s = round(trip.out_s * trip.relay_share)
    first.drive(first_out_s)
    second = Crew.rested(first.now_s)
    first.work(RELAY_SWAP_S)
    second.work(RELAY_SWAP_S)
    second.drive(trip.out_s - first_out_s)
    arrives_s = second.now_s
    second.work(DOCK_S)
    turned_s = second.now_s
    back_departs_s = back_arrives_s = None
    if trip.back_s is not None:
        if trip.back_departs_s is not None:
            second.wait_until(trip.back_departs_s)
        back_departs_s = second.now_s
        first_back_s = round(trip.back_s * trip.relay_share)
        second.drive(trip.back_s - first_back_s)
        _rest_for_return(first, second.now_s, first_back_s)
        second.work(RELAY_SWAP_S)
        first.work(RELAY_SWAP_S)
        first.drive(first_back_s)
        back_arrives_s = first.now_s
        first.work(DOCK_S)
    return CrewDuty(
        (first.segments()[0], second.segments()[0]),
        (first.worked_s, second.worked_s),
        "relay",
        arrives_s,
        turned_s,
        back_departs_s,
        back_arrives_s,
    )


def _rest_for_return(first: Crew, trailer_back_s: int, drive_s: int) -> None:
    first.rest(trailer_back_s - first.now_s)
    log = first.logs[0]
    if log.driving_left_s < drive_s + RELAY_SWAP_S:
        first.rest(log.until_reset_s)


def _pooled_duty(trip: Trip) -> CrewDuty:
    """A scheduled trailer: an hour of terminal work at each end, drivers in turn between."""
    drive_s = int(pooled_drive_s(np.asarray([trip.out_s]))[0])
    count = int(pooled_seats(np.asarray([drive_s]))[0])
    cuts = [drive_s * seat // count for seat in range(count + 1)]
    terminal_s = POOLED_TERMINAL_S // 2
    at_wheel_s = trip.departs_s + terminal_s
    seats: list[tuple[Segment, ...]] = []
    paid: list[int] = []
    for seat in range(count):
        starts_s = trip.departs_s - DOCK_S if seat == 0 else at_wheel_s + cuts[seat]
        crew = Crew.rested(starts_s - PRE_TRIP_S)
        crew.work(at_wheel_s + cuts[seat] - crew.now_s)
        crew.drive(cuts[seat + 1] - cuts[seat])
        crew.work(terminal_s + DOCK_S if seat == count - 1 else DOCK_S)
        seats.append(crew.segments()[0])
        paid.append(crew.worked_s)
    arrives_s = at_wheel_s + drive_s + terminal_s
    return CrewDuty(tuple(seats), tuple(paid), trip.mode, arrives_s, arrives_s + DOCK_S, None, None)
