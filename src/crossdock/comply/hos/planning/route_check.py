"""When can a route be finished legally? One route in plain Python, many at once compiled.

The answer is that of `crossdock.comply.hos.planning.plan` for one driver without splits, cycle and
relays, without the schedule: made to be asked of every candidate of an optimiser.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from crossdock.comply.hos.planning.question import FRESH, PlanClocks, PlanLimits, PlanStop
from crossdock.comply.hos.planning.route_labels import (
    KERNEL_PARTS,
    OVERFLOW,
    ROW,
    Numbers,
    route_end,
)
from crossdock.model.errors import InvalidValueError

Ints = npt.NDArray[np.int64]

_LABELS = 64
_MOST_LABELS = 1 << 16


@dataclass(frozen=True)
class RouteArrays:
    """Routes as arrays; route ``r`` has stops ``stop_from[r]`` to ``stop_from[r + 1]``.

    Attributes
    ----------
    stop_from
        One more than there are routes.
    drive_s, service_s
        A value a stop, as in `PlanStop`.
    window_from
        One more than there are stops: windows ``window_from[i]`` to ``window_from[i + 1]`` are
        those of stop ``i``.
    opens_s, closes_s
        A value a window.
    """

    stop_from: Ints
    drive_s: Ints
    service_s: Ints
    window_from: Ints
    opens_s: Ints
    closes_s: Ints

    @classmethod
    def of(cls, routes: Sequence[Sequence[PlanStop]]) -> RouteArrays:
        """Arrays of routes that are told as stops."""
        stops = [stop for route in routes for stop in route]
        windows = [window for stop in stops for window in stop.windows]
        return cls(
            stop_from=_offsets([len(route) for route in routes]),
            drive_s=np.array([stop.drive_s for stop in stops], np.int64),
            service_s=np.array([stop.service_s for stop in stops], np.int64),
            window_from=_offsets([len(stop.windows) for stop in stops]),
            opens_s=np.array([opens_s for opens_s, _ in windows], np.int64),
            closes_s=np.array([closes_s for _, closes_s in windows], np.int64),
        )


def check_routes(
    routes: RouteArrays,
    limits: PlanLimits,
    clocks: PlanClocks | Sequence[PlanClocks] = FRESH,
    *,
    not_before_s: int = 0,
) -> Ints:
    """Earliest legal end of each route's last service, compiled.

    The first call in a process loads the machine code, or compiles it where there is none in the
    cache yet.

    Parameters
    ----------
    limits
        See `limits_of`.
    clocks
        Of every route's driver, or one for each route.
    not_before_s
        Nobody works before.

    Returns
    -------
    Ints
        Seconds from the start; a negative number ``-1 - n`` where the stop of place ``n`` in its
        route cannot be served, and no order of rests and pauses helps.
    """
    count = routes.stop_from.size - 1
    several = [clocks] if isinstance(clocks, PlanClocks) else list(clocks)
    if len(several) not in {1, count}:
        raise InvalidValueError(
            f"{len(several)} drivers for {count} routes",
            remedy="give the clocks of one driver, or one for each route",
        )
    told = np.array([_told(each, not_before_s) for each in several], np.int64)
    ends = np.empty(count, np.int64)
    labels = _LABELS
    while True:
        room = np.empty(4 * labels * ROW, np.int64)
        _compiled()(
            routes.stop_from, routes.drive_s, routes.service_s, routes.window_from,
            routes.opens_s, routes.closes_s, told, _as_numbers(limits), room, ends,
        )  # fmt: skip
        if labels >= _MOST_LABELS or not (ends == OVERFLOW).any():
            return ends
        labels *= 8


def check_route(
    stops: Sequence[PlanStop],
    limits: PlanLimits,
    clocks: PlanClocks = FRESH,
    *,
    not_before_s: int = 0,
) -> int:
    """The same of one route, in plain Python: for few routes, where compiling would cost more."""
    window_from = [0]
    for stop in stops:
        window_from.append(window_from[-1] + len(stop.windows))
    told = (
        [stop.drive_s for stop in stops],
        [stop.service_s for stop in stops],
        window_from,
        [opens_s for stop in stops for opens_s, _ in stop.windows],
        [closes_s for stop in stops for _, closes_s in stop.windows],
        _told(clocks, not_before_s),
        _as_numbers(limits),
    )
    labels = _LABELS
    while True:
        pools = [[0] * (labels * ROW) for _ in range(4)]
        end_s = route_end(0, len(stops), *told, *pools)
        if end_s != OVERFLOW:
            return end_s
        labels *= 8


def route_ends(
    stop_from: Ints,
    drive_s: Ints,
    service_s: Ints,
    window_from: Ints,
    opens_s: Ints,
    closes_s: Ints,
    clocks: Ints,
    limits: Numbers,
    room: Ints,
    ends: Ints,
) -> None:
    """Fill ``ends`` with the end of each route, or why there is none (see `route_end`)."""
    quarter = room.size // 4
    here, there = room[:quarter], room[quarter : 2 * quarter]
    todo, rested = room[2 * quarter : 3 * quarter], room[3 * quarter :]
    for route in range(stop_from.size - 1):
        ends[route] = _route_end(
            stop_from[route], stop_from[route + 1], drive_s, service_s, window_from, opens_s,
            closes_s, clocks[min(route, clocks.shape[0] - 1)], limits, here, there, todo, rested,
        )  # fmt: skip


_route_end: Callable[..., int] = route_end  # arrays are sequences of numbers to the kernel alone


@cache
def _compiled() -> Callable[..., None]:
    from crossdock.model.compiled import (  # noqa: PLC0415 numba takes a second
        callable_from_kernels,
        compiled,
    )

    for part in KERNEL_PARTS:
        callable_from_kernels(part)
    return compiled(route_ends)


def _told(clocks: PlanClocks, not_before_s: int) -> tuple[int, ...]:
    """Clocks as `route_end` reads them."""
    closed = not clocks.window_s and clocks.driving_s == 0
    return (
        not_before_s,
        int(closed),
        clocks.driving_s,
        clocks.driving_s if clocks.window_s is None else clocks.window_s,
        clocks.since_break_s,
        clocks.resting_s,
        clocks.not_driving_s,
    )


def _as_numbers(limits: PlanLimits) -> tuple[int, ...]:
    return (
        limits.driving_s,
        limits.window_s,
        limits.drive_before_pause_s,
        limits.pause_s,
        limits.reset_s,
    )


def _offsets(counts: Sequence[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
