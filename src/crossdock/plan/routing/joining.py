"""Routes that are joined end to end along pairs of stops, every limit kept.

Plain lists, not a compiled kernel: nearly all pairs are refused at the first look, and loading
compiled code takes longer than joining ten thousand stops. Where lengths are the same both ways a
route may be turned round, as long as one of its directions keeps all windows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crossdock.plan.routing.metric import Floats, Ints
from crossdock.plan.routing.nodes import Nodes
from crossdock.plan.routing.vehicles import VehicleType

_Segment = tuple[float, float, float]
"""Duration, earliest and latest begin at the first stop."""


class RouteEnds:
    """The ways out to stops and back.

    Attributes
    ----------
    out, back
        Times, with loading and parking.
    release
        Before which no route of a stop leaves.
    """

    def __init__(
        self, out: Floats, back: Floats, out_length: Floats, back_length: Floats, release: Floats
    ) -> None:
        self.out, self.back = out, back
        self.out_length, self.back_length = out_length, back_length
        self.release = release


class Joiner:
    """Stops of one kind of vehicle, each a route at first; all are positions in ``chosen``."""

    def __init__(
        self, rows: Nodes, kind: VehicleType, chosen: Ints, ends: RouteEnds, *, either_way: bool
    ) -> None:
        self._kind, self._either_way = kind, either_way
        count = len(chosen)
        self._after, self._before, self._route = [-1] * count, [-1] * count, list(range(count))
        self._first, self._last = list(range(count)), list(range(count))
        self._loads: list[tuple[list[int], float]] = [
            (rows.delivery[chosen, at].tolist(), limit)
            for at, limit in enumerate(kind.capacity)
            if limit is not None
        ]
        if kind.max_stops is not None:
            self._loads.append(([1] * count, kind.max_stops))
        columns = (rows.service[chosen], rows.opens[chosen], rows.closes[chosen])
        alone: list[_Segment] = list(zip(*(each.tolist() for each in columns), strict=True))
        self._forwards: list[_Segment | None] = [*alone]
        self._backwards: list[_Segment | None] = [*alone]
        self._length = [0.0] * count
        self._release: list[float] = np.maximum(ends.release, kind.shift_starts).tolist()
        self._out: list[float] = ends.out.tolist()
        self._back: list[float] = ends.back.tolist()
        self._out_length: list[float] = ends.out_length.tolist()
        self._back_length: list[float] = ends.back_length.tolist()

    def loose(self) -> Ints:
        """Stops at the ends of routes."""
        return np.flatnonzero((np.array(self._after) < 0) | (np.array(self._before) < 0))

    def may_join(self, start: Ints, end: Ints) -> NDArray[np.bool_]:
        """Pairs of two routes that are light enough as they are now: routes only grow."""
        root = np.array([self._root(stop) for stop in range(len(self._route))], dtype=np.int64)
        r, s = root[start], root[end]
        fit = r != s
        for load, limit in self._loads:
            column = np.array(load)
            fit &= column[r] + column[s] <= limit
        return fit

    def routes(self) -> list[list[int]]:
        """Stops of each route in the direction that keeps its windows."""
        found: list[list[int]] = []
        for head, earlier in enumerate(self._before):
            if earlier < 0:
                stop, route = head, list[int]()
                while stop != -1:
                    route.append(stop)
                    stop = self._after[stop]
                in_time = self._forwards[self._root(head)] is not None
                found.append(route if in_time else route[::-1])
        return found

    def join(
        self, start: Ints, end: Ints, lengths: Floats, times: Floats, backwards: Floats
    ) -> None:
        """Join routes along pairs, in their order, where every limit allows.

        Parameters
        ----------
        times, backwards
            From start to end and from end to start, parking at the stop that is reached included.
        """
        after, before, either_way = self._after, self._before, self._either_way
        columns = (each.tolist() for each in (start, end, lengths, times, backwards))
        for i, j, length, time, back in zip(*columns, strict=True):
            if after[i] >= 0 and not (either_way and before[i] < 0):
                continue
            if before[j] >= 0 and not (either_way and after[j] < 0):
                continue
            r, s = self._root(i), self._root(j)
            if r == s:
                continue
            for load, limit in self._loads:
                if load[r] + load[s] > limit:
                    break
            else:
                self._join_routes(r, s, (i, j), length, (time, back))

    def _join_routes(
        self, r: int, s: int, pair: tuple[int, int], length: float, times: tuple[float, float]
    ) -> None:
        i, j = pair
        turn_r, turn_s = self._last[r] != i, self._first[s] != j
        head = self._last[r] if turn_r else self._first[r]
        tail = self._first[s] if turn_s else self._last[s]
        length += self._length[r] + self._length[s]
        if self._out_length[head] + length + self._back_length[tail] > self._kind.max_distance:
            return
        release = max(self._release[r], self._release[s])
        on, off = self._ways(r, turned=turn_r), self._ways(s, turned=turn_s)
        forth = self._held(_joined(on[0], off[0], times[0]), release, head, tail)
        back = None
        if self._either_way:
            back = self._held(_joined(off[1], on[1], times[1]), release, tail, head)
        if forth is None and back is None:
            return
        if turn_r:
            self._turn(r)
        if turn_s:
            self._turn(s)
        self._after[i], self._before[j] = j, i
        self._last[r], self._route[s] = self._last[s], r
        self._forwards[r], self._backwards[r] = forth, back
        self._length[r], self._release[r] = length, release
        for load, _ in self._loads:
            load[r] += load[s]

    def _ways(self, route: int, *, turned: bool) -> tuple[_Segment | None, _Segment | None]:
        forth, back = self._forwards[route], self._backwards[route]
        return (back, forth) if turned else (forth, back)

    def _held(
        self, segment: _Segment | None, release: float, head: int, tail: int
    ) -> _Segment | None:
        """``segment``, if shift and longest duration allow it, with the ways out and back."""
        if segment is None:
            return None
        duration, earliest, latest = segment
        begins = max(earliest, release + self._out[head])
        late = begins > latest or begins + duration + self._back[tail] > self._kind.shift_ends
        lasts = self._out[head] + duration + self._back[tail]
        return None if late or lasts > self._kind.max_duration else segment

    def _root(self, stop: int) -> int:
        """Root of the union-find tree, with path halving."""
        route = self._route
        while route[stop] != stop:
            route[stop] = route[route[stop]]
            stop = route[stop]
        return stop

    def _turn(self, route: int) -> None:
        """Have a route run the other way."""
        after, before, stop = self._after, self._before, self._first[route]
        self._first[route], self._last[route] = self._last[route], stop
        while stop != -1:
            following = after[stop]
            after[stop], before[stop] = before[stop], following
            stop = following


def _joined(one: _Segment | None, other: _Segment | None, time: float) -> _Segment | None:
    """One segment and then the other; None where they cannot both be in time."""
    if one is None or other is None:
        return None
    delta = one[0] + time
    if one[1] + delta > other[2]:
        return None
    wait = max(other[1] - delta - one[2], 0.0)
    return (
        delta + other[0] + wait,
        max(other[1] - delta, one[1]) - wait,
        min(other[2] - delta, one[2]),
    )
