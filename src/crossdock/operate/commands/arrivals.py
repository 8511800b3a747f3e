"""When parcels arrive if the day goes on as it looks: an estimate by rules, not a simulation.

- A parcel at a facility is sorted by the first wave whose inbound cut-off it met; one that is still
  to come to its origin, by the wave that its departure waits for, if it can still meet it.
- It makes its load if it is sorted by the departure. If not, it takes the load of that lane with
  space that arrives first; where its load does not run at all, the way that habit would choose,
  over a hub too. Where that is later, or none, it loses delivery days and goes as planned, but a
  day or more later.
- Where it was brought to a place off its path it goes on from there: along its path if that leads
  through the place, else by the way that habit would choose, else by a vehicle of its own at 50 mph
  and at least a day late.
- It keeps its last step (partner, route) if it is sorted by then, else it loses delivery days.
- A delivery day is 24 hours; days without delivery and the spread of times are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from crossdock.operate.commands.journeys import Journey, Leg
from crossdock.operate.commands.rides import Ride, Rides
from crossdock.operate.commands.waves import WaveTimes

DAY_S = 86_400
_MOST_STEPS = 12

DriveSeconds = Callable[[str, str], int]


@dataclass
class Arrival:
    """How a parcel comes to its door.

    Attributes
    ----------
    eta_s
        None where the plan has no arrival.
    boards
        Loads that it still takes, each with the instant at which it is ready.
    missed
        Planned loads that it does not make: when it is ready, and when they leave.
    misses_last
        When it is ready for its last step, and when that is; None where it is in time.
    """

    eta_s: int | None
    boards: dict[str, int] = field(default_factory=dict[str, int])
    missed: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    misses_last: tuple[int, int] | None = None


class Foresight:
    """Estimates arrivals under given loads.

    Parameters
    ----------
    drive_s
        Driving seconds between two facilities.
    """

    def __init__(self, rides: Rides, waves: WaveTimes, drive_s: DriveSeconds, at_s: int) -> None:
        self._rides, self._waves, self._drive_s, self._at_s = rides, waves, drive_s, at_s
        self._free = {
            ride.load_id: ride.free_m3 for ride in rides.by_id.values() if ride.free_m3 is not None
        }

    def arrivals(self, journeys: Iterable[Journey]) -> dict[str, Arrival]:
        """The arrival of each parcel; space goes to whom is named first."""
        return {each.parcel_id: self._arrival(each) for each in journeys}

    def _arrival(self, journey: Journey) -> Arrival:
        found = Arrival(journey.eta_s)
        start = self._start(journey)
        if start is None:
            return _not_before(found, self._at_s)
        place, ready_s, lost_days = *start, 0
        for _ in range(_MOST_STEPS):
            index = _leg_from(journey, place)
            if index == len(journey.legs):
                break
            if index is None:
                place, comes_s, days = self._off_path(journey, place, ready_s)
                lost_days += days
            else:
                leg = journey.legs[index]
                place, comes_s = self._ride(journey, leg, ready_s, found)
            ready_s = self._waves.ready_after(place, comes_s)
        return self._last_step(journey, ready_s, lost_days, found)

    def _start(self, journey: Journey) -> tuple[str, int] | None:
        """Where a parcel is next, and when it is ready there; None: no load moves it any more."""
        if journey.custody in ("facility", "load") and journey.holder:
            if journey.custody == "facility":
                ready_s = self._waves.ready_after(journey.holder, journey.since_s)
                return journey.holder, ready_s
            return self._aboard(journey.holder)
        if journey.custody in ("nobody", "none", "merchant", "facility"):
            return self._not_seen(journey)
        return None

    def _aboard(self, load_id: str) -> tuple[str, int] | None:
        ride = self._rides.by_id.get(load_id)
        if ride is None:
            return None
        if ride.cancelled:
            return ride.origin, self._at_s
        return ride.to, self._waves.ready_after(ride.to, ride.arrives_s)

    def _not_seen(self, journey: Journey) -> tuple[str, int] | None:
        """A parcel that is not at a known place: it is to come to its origin.

        One of which nothing at all was heard is with the last of its loads that left.
        """
        if not journey.legs:
            return None
        if journey.custody == "nobody":
            for leg in reversed(journey.legs):
                ride = self._rides.by_id.get(leg.load_id)
                if ride is not None and not ride.waits and not ride.cancelled:
                    return self._aboard(leg.load_id)
        first = journey.legs[0]
        cutoff_s, ready_s = self._waves.meant_for(first.origin, first.departs_s)
        if self._at_s > cutoff_s:
            ready_s = max(ready_s, self._waves.ready_after(first.origin, self._at_s))
        return first.origin, ready_s

    def _ride(self, journey: Journey, leg: Leg, ready_s: int, found: Arrival) -> tuple[str, int]:
        """Where the next ride of a parcel brings it, and when."""
        planned = self._rides.by_id.get(leg.load_id)
        if planned is not None and planned.waits and planned.departs_s >= ready_s:
            found.boards[planned.load_id] = ready_s
            return planned.to, planned.arrives_s
        found.missed[leg.load_id] = ready_s, leg.departs_s if planned is None else planned.departs_s
        days = max(1, -(-(ready_s - leg.departs_s) // DAY_S))
        lost_s = leg.arrives_s + days * DAY_S
        other = self._other_ride(journey, leg, ready_s, planned)
        if other is None or other.arrives_s > lost_s:
            return leg.to, lost_s
        found.boards[other.load_id] = ready_s
        if other.load_id in self._free:
            self._free[other.load_id] -= journey.volume_m3
        return other.to, other.arrives_s

    def _other_ride(
        self, journey: Journey, leg: Leg, ready_s: int, planned: Ride | None
    ) -> Ride | None:
        for ride in self._rides.lane(leg.origin, leg.to):
            free_m3 = self._free.get(ride.load_id)
            fits = free_m3 is None or free_m3 >= journey.volume_m3
            if ready_s <= ride.departs_s and ride.load_id != leg.load_id and fits:
                return ride
        if planned is not None and planned.cancelled:
            return self._rides.way(leg.origin, leg.to, ready_s, journey.volume_m3)
        return None

    def _off_path(self, journey: Journey, place: str, ready_s: int) -> tuple[str, int, int]:
        """Where a parcel comes from a place off its path, when, and the days that it loses."""
        way = self._rides.way(place, journey.destination, ready_s, journey.volume_m3)
        if way is not None:
            return way.to, way.arrives_s, 0
        return journey.destination, ready_s + self._drive_s(place, journey.destination), 1

    def _last_step(self, journey: Journey, ready_s: int, lost_days: int, found: Arrival) -> Arrival:
        due_s = journey.last_step_s
        if due_s is None and journey.legs:
            # Without a known last step the parcel must be sorted when the plan has it sorted.
            last = journey.legs[-1]
            due_s = self._waves.ready_after(last.to, last.arrives_s)
        if due_s is not None and ready_s > due_s:
            found.misses_last = ready_s, due_s
            lost_days = max(lost_days, -(-(ready_s - due_s) // DAY_S))
        if found.eta_s is not None:
            found.eta_s += lost_days * DAY_S
        return _not_before(found, self._at_s)


def _leg_from(journey: Journey, place: str) -> int | None:
    """The leg with which a parcel leaves a place; all of them: it is there; None: off its path."""
    if place == journey.destination:
        return len(journey.legs)
    for index, leg in enumerate(journey.legs):
        if leg.origin == place:
            return index
    return len(journey.legs) if journey.legs and journey.legs[-1].to == place else None


def _not_before(found: Arrival, at_s: int) -> Arrival:
    """What has not arrived arrives now at the earliest."""
    if found.eta_s is not None:
        found.eta_s = max(found.eta_s, at_s)
    return found
