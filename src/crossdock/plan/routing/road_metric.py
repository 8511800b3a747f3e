"""Distances and durations over real roads: asymmetric, and never all pairs of many places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from crossdock.model.errors import InfeasibleError, InvalidValueError
from crossdock.plan.routing.metric import Floats, Ints, Legs, MatrixMetric

MOST_PLACES_OF_A_MATRIX = 1_500
"""Up to here all pairs are looked for at once: 18 MB, and some seconds in a metro area."""


class RoadTimes(Protocol):
    """Whatever knows seconds and metres between numbered places: an own graph, a server."""

    @property
    def latitude(self) -> Floats:
        """Degrees of each place."""
        ...

    @property
    def longitude(self) -> Floats:
        """Degrees of each place."""
        ...

    def matrix(self, rows: Ints, columns: Ints) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Seconds and metres between rows and columns; infinite where there is no way."""
        ...

    def pairs(self, start: Ints, end: Ints) -> tuple[Floats, Floats]:
        """Seconds and metres from ``start[i]`` to ``end[i]``."""
        ...


def metric_over_roads(
    roads: RoadTimes, names: Sequence[str] | None = None
) -> RoadMetric | MatrixMetric:
    """The metric of places on roads: a matrix at once if they are few, else as it is asked for.

    Raises
    ------
    InfeasibleError
        Between two of few places there is no way; they are named.
    """
    metric = RoadMetric(roads, None if names is None else tuple(names))
    if metric.places > MOST_PLACES_OF_A_MATRIX:
        return metric
    return metric.part(np.arange(metric.places))


@dataclass(frozen=True, eq=False)
class RoadMetric:
    """Metres and seconds over roads, asked for when they are needed.

    Of up to `MOST_PLACES_OF_A_MATRIX` places `part` is a `MatrixMetric`, which needs no roads any
    more: what is sent to a worker is small.

    Parameters
    ----------
    roads
        Knows the ways.
    names
        Of places, for messages.

    Raises
    ------
    InfeasibleError
        Between two places that are asked for there is no way; they are named.
    """

    roads: RoadTimes
    names: tuple[str, ...] | None = None
    _last: list[tuple[Ints, Ints, Floats, Floats]] = field(
        default_factory=list[tuple[Ints, Ints, Floats, Floats]], repr=False
    )

    def __post_init__(self) -> None:
        if self.names is not None and len(self.names) != self.places:
            raise InvalidValueError(
                f"{len(self.names)} names of {self.places} places", remedy="give one a place"
            )

    @property
    def places(self) -> int:
        """See `Metric`."""
        return len(self.roads.latitude)

    @property
    def distance_units(self) -> int:
        """See `Metric`."""
        return 1

    @property
    def duration_units(self) -> int:
        """See `Metric`."""
        return 1

    def matrix(self, rows: Ints, columns: Ints) -> Legs:
        """See `Metric`."""
        seconds, metres = self.roads.matrix(rows, columns)
        gaps = np.argwhere(~np.isfinite(seconds))
        if len(gaps):
            self._refuse(int(rows[gaps[0, 0]]), int(columns[gaps[0, 1]]))
        return Legs(_metres(metres).astype(np.int64), _seconds(seconds).astype(np.int64))

    def lengths(self, start: Ints, end: Ints) -> Floats:
        """See `Metric`."""
        return self._pairs(start, end)[1]

    def times(self, start: Ints, end: Ints) -> Floats:
        """See `Metric`."""
        return self._pairs(start, end)[0]

    def points(self) -> Floats:
        """See `Metric`."""
        latitude, longitude = self.roads.latitude, self.roads.longitude
        squeeze = np.cos(np.radians(latitude.mean())) if self.places else 1.0
        return np.column_stack([longitude * squeeze, latitude])

    def part(self, places: Ints) -> RoadMetric | MatrixMetric:
        """See `Metric`."""
        if len(places) <= MOST_PLACES_OF_A_MATRIX:
            legs = self.matrix(places, places)
            return MatrixMetric(legs.distance, legs.duration, self.points()[places])
        rows: list[int] = places.tolist()
        names = None if self.names is None else tuple(self.names[at] for at in rows)
        return RoadMetric(_Part(self.roads, places), names)

    def _pairs(self, start: Ints, end: Ints) -> tuple[Floats, Floats]:
        # Whoever asks for lengths asks for times next.
        for one, other, seconds, metres in self._last:
            if np.array_equal(one, start) and np.array_equal(other, end):
                return seconds, metres
        one, other = np.broadcast_arrays(start, end)
        found_s, found_m = self.roads.pairs(one.ravel(), other.ravel())
        gaps = np.flatnonzero(~np.isfinite(found_s))
        if len(gaps):
            self._refuse(int(one.ravel()[gaps[0]]), int(other.ravel()[gaps[0]]))
        seconds, metres = _seconds(found_s).reshape(one.shape), _metres(found_m).reshape(one.shape)
        self._last[:] = [(np.array(start), np.array(end), seconds, metres)]
        return seconds, metres

    def _refuse(self, start: int, end: int) -> None:
        named = [self.names[at] if self.names is not None else f"place {at}" for at in (start, end)]
        raise InfeasibleError(
            f"there is no way from {named[0]} to {named[1]}",
            remedy="check where both are, leave one out, or choose another vehicle",
        )


def _seconds(values: Floats | NDArray[np.float32]) -> Floats:
    # Never too short: a route that is on time by these is on time.
    return np.ceil(values.astype(np.float64) - 1e-3)


def _metres(values: Floats | NDArray[np.float32]) -> Floats:
    return np.rint(values.astype(np.float64))


@dataclass(frozen=True, eq=False)
class _Part:
    """Some of the places of others."""

    whole: RoadTimes
    which: Ints

    @property
    def latitude(self) -> Floats:
        return self.whole.latitude[self.which]

    @property
    def longitude(self) -> Floats:
        return self.whole.longitude[self.which]

    def matrix(self, rows: Ints, columns: Ints) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return self.whole.matrix(self.which[rows], self.which[columns])

    def pairs(self, start: Ints, end: Ints) -> tuple[Floats, Floats]:
        return self.whole.pairs(self.which[start], self.which[end])
