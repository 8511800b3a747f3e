"""Positions between places, as a problem that has matrices or not can name them."""

from __future__ import annotations

from typing import cast

from crossdock.platform.routing.documents.plan_shape import PlanSpot
from crossdock.platform.routing.documents.problem_shape import (
    Given,
    PlaceRow,
    RouteProblem,
    Spot,
)
from crossdock.platform.routing.documents.progress import OnTheWay

Matrix = list[list[float]]


class Places:
    """The places of a problem, and those that are added to it.

    With given matrices a position on the way from one place to another becomes a place of its own:
    from there one goes on, or turns back, whichever is quicker.
    """

    def __init__(self, document: RouteProblem) -> None:
        self.rows = list(document.places)
        self._given = document.distances if isinstance(document.distances, Given) else None
        if self._given is not None:
            self._metres = [list(row) for row in cast("Matrix", self._given.distance_m)]
            self._seconds = [list(row) for row in cast("Matrix", self._given.duration_s)]

    def changed(self) -> Given | None:
        """The matrices with the places that were added; None where there are none."""
        if self._given is None:
            return None
        told = {"distance_m": self._metres, "duration_s": self._seconds}
        return self._given.model_copy(update=told)

    def spot(self, where: OnTheWay, name: str) -> Spot:
        """A position as a spot; ``name`` is that of the place that it may become."""
        if where.share <= 0 or where.leaves == where.reaches:
            return self._known(where.leaves)
        if where.share >= 1:
            return self._known(where.reaches)
        if self._given is None:
            return Spot(lat=where.lat, lon=where.lon)
        return Spot(place=self._add(where, name))

    def _known(self, told: PlanSpot) -> Spot:
        if told.place is not None:
            return Spot(place=told.place)
        if told.lat is not None:
            return Spot(lat=told.lat, lon=told.lon)
        return Spot(depot=told.depot)

    def _add(self, where: OnTheWay, name: str) -> str:
        index = {row.id: at for at, row in enumerate(self.rows)}
        while name in index:
            name += "'"
        leaves, reaches = index[where.leaves.place or ""], index[where.reaches.place or ""]
        on, back = 1 - where.share, where.share
        metres, seconds = self._metres, self._seconds
        leg_m, leg_s = metres[leaves][reaches], seconds[leaves][reaches]
        count = len(self.rows)
        to, come = range(count), range(count)
        ways_to = [
            min((back * leg_s + seconds[leaves][other], back * leg_m + metres[leaves][other]),
                (on * leg_s + seconds[reaches][other], on * leg_m + metres[reaches][other]))
            for other in to
        ]  # fmt: skip
        ways_from = [
            min((seconds[other][leaves] + back * leg_s, metres[other][leaves] + back * leg_m),
                (seconds[other][reaches] + on * leg_s, metres[other][reaches] + on * leg_m))
            for other in come
        ]  # fmt: skip
        for other, (lasts, reach) in enumerate(ways_from):
            seconds[other].append(lasts)
            metres[other].append(reach)
        seconds.append([*(lasts for lasts, _ in ways_to), 0.0])
        metres.append([*(reach for _, reach in ways_to), 0.0])
        self.rows.append(PlaceRow(id=name, lat=where.lat, lon=where.lon))
        return name
