"""Districts: neighbouring routes that are improved together, cut anew in each round.

A large facility-day is first routed as a whole by savings; a district is then a set of
neighbouring routes with their vehicles and a share of the idle ones. The first round cuts by
recursive bisection, the next by a sweep round the depot, so that what was a border becomes the
inside of another district.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crossdock.model.seeds import stream, stream_seed
from crossdock.plan.lastmile.day import FacilityDay, Floats, Ints, Route
from crossdock.plan.lastmile.kernel import District
from crossdock.plan.lastmile.near import local_xy

STOPS_A_DISTRICT = 300
_UNSERVED_A_SPARE = 25


def cut_districts(
    day: FacilityDay,
    routes: Sequence[Route],
    *,
    round_number: int,
    iterations_a_stop: float,
    seed: int,
) -> list[District]:
    """Districts that hold every stop of ``day`` once, sorted as cut."""
    groups = _group_routes(day, routes, round_number, seed)
    members = [[list(routes[index][1]) for index in group] for group in groups]
    extra = _attach_unserved(day, routes, members)
    spare = _share_spares(day, routes, [len(stops) for stops in extra])
    return [
        _district(
            day,
            [routes[index] for index in group],
            extra[at],
            spare[at],
            name=f"{day.name}, round {round_number + 1}, district {at + 1}",
            iterations_a_stop=iterations_a_stop,
            seed=stream_seed(seed, "lastmile", day.name, day.facility_id, round_number, at),
        )
        for at, group in enumerate(groups)
        if group or extra[at]
    ]


def _group_routes(
    day: FacilityDay, routes: Sequence[Route], round_number: int, seed: int
) -> list[list[int]]:
    """Route indices of each district; one empty group where there is no route yet."""
    if not routes:
        return [[]]
    centres = _centres(day, routes)
    sizes = np.array([len(stops) for _, stops in routes])
    count = max(1, round(sizes.sum() / STOPS_A_DISTRICT))
    if count == 1:
        return [list(range(len(routes)))]
    if round_number % 2 == 0:
        return _bisect(centres, sizes, np.arange(len(routes)), count)
    offset = stream(seed, "sweep", day.name, round_number).uniform(0, 2 * np.pi)
    depot = _depot_point(day)
    angles = np.arctan2(centres[:, 1] - depot[1], centres[:, 0] - depot[0]) + offset
    order = np.lexsort((np.arange(len(routes)), angles % (2 * np.pi)))
    return _chunks(order, sizes, count)


def _bisect(centres: Floats, sizes: Ints, members: Ints, count: int) -> list[list[int]]:
    """Halve along the longer side, in proportion to the districts each half becomes."""
    if count <= 1 or len(members) <= 1:
        return [sorted(members.tolist())]
    held = centres[members]
    east, north = (float(side.max() - side.min()) for side in held.T)
    longer = int(north > east)
    order = members[np.lexsort((members, held[:, longer]))]
    share = (count // 2) / count
    reached = np.cumsum(sizes[order])
    cut = int(np.count_nonzero(reached < share * reached[-1])) + 1
    cut = min(max(cut, 1), len(order) - 1)
    left = _bisect(centres, sizes, order[:cut], count // 2)
    return left + _bisect(centres, sizes, order[cut:], count - count // 2)


def _chunks(order: Ints, sizes: Ints, count: int) -> list[list[int]]:
    """``order`` in ``count`` runs of about equal size."""
    middle = np.cumsum(sizes[order]) - sizes[order] / 2
    run = np.minimum((middle * count / sizes.sum()).astype(np.int64), count - 1)
    chunks = [sorted(order[run == index].tolist()) for index in range(count)]
    return [chunk for chunk in chunks if chunk]


def _centres(day: FacilityDay, routes: Sequence[Route]) -> Floats:
    points = local_xy(day.latitude, day.longitude)[1:]
    return np.array([points[stops].mean(axis=0) for _, stops in routes])


def _depot_point(day: FacilityDay) -> Floats:
    return local_xy(day.latitude, day.longitude)[0]


def _attach_unserved(
    day: FacilityDay, routes: Sequence[Route], members: list[list[list[int]]]
) -> list[list[int]]:
    """Stops of no route, each to the district with the nearest centre."""
    served = np.zeros(len(day.stops), dtype=np.bool_)
    served[[stop for _, stops in routes for stop in stops]] = True
    extra: list[list[int]] = [[] for _ in members]
    points = local_xy(day.latitude, day.longitude)[1:]
    held = [[stop for route in group for stop in route] for group in members]
    centres = np.array([points[stops or slice(None)].mean(axis=0) for stops in held])
    for stop in np.flatnonzero(~served).tolist():
        nearest = np.argmin(((centres - points[stop]) ** 2).sum(axis=1))
        extra[int(nearest)].append(stop)
    return extra


def _share_spares(day: FacilityDay, routes: Sequence[Route], unserved: Sequence[int]) -> list[Ints]:
    """Idle vehicles of each kind for each district: one, and more where stops are unserved."""
    used = np.bincount([kind for kind, _ in routes], minlength=len(day.kinds))
    idle = day.available - used
    wanted = [1 + -(-count // _UNSERVED_A_SPARE) for count in unserved]
    neediest = sorted(range(len(unserved)), key=lambda at: (-unserved[at], at))
    shares = [np.zeros(len(day.kinds), dtype=np.int64) for _ in unserved]
    for kind in range(len(day.kinds)):
        left = int(idle[kind])
        # Kinds of few vehicles go round the districts in turn, not all to the first.
        turn = kind % len(neediest)
        for at in neediest[turn:] + neediest[:turn]:
            given = min(left, wanted[at])
            shares[at][kind] = given
            left -= given
    return shares


def _district(
    day: FacilityDay,
    routes: list[Route],
    extra: list[int],
    spare: Ints,
    *,
    name: str,
    iterations_a_stop: float,
    seed: int,
) -> District:
    stop_ids = np.array([s for _, stops in routes for s in stops] + extra, dtype=np.int64)
    position = {int(stop): at for at, stop in enumerate(stop_ids)}
    counts = spare + np.bincount([kind for kind, _ in routes], minlength=len(day.kinds))
    nodes = np.concatenate([[0], stop_ids + 1])
    stops = day.stops
    return District(
        name=name,
        stop_ids=stop_ids,
        latitude=day.latitude[nodes],
        longitude=day.longitude[nodes],
        place=stops.place[stop_ids],
        litres=stops.litres[stop_ids],
        grams=stops.grams[stop_ids],
        pieces=stops.pieces[stop_ids],
        handle_s=stops.handle_s[stop_ids],
        ready_s=stops.ready_s[stop_ids],
        opens_s=stops.opens_s[stop_ids],
        latest_s=stops.due_s[stop_ids],
        lost_usd=_lost_usd(day, stop_ids),
        vehicles=tuple(
            (index, kind, int(counts[index]))
            for index, kind in enumerate(day.kinds)
            if counts[index] > 0
        ),
        routes=tuple((kind, [position[stop] for stop in stops_of]) for kind, stops_of in routes),
        iterations=max(20, round(iterations_a_stop * len(stop_ids))),
        seed=seed,
    )


def _lost_usd(day: FacilityDay, stop_ids: Ints) -> Floats:
    """Twice the dearest vehicle sent for the stop alone, and a little more a parcel."""
    kinds = day.kinds
    fixed = max((max(kind.fixed_usd, kind.minimum_usd) for kind in kinds), default=0.0)
    per_m = max((kind.usd_mile for kind in kinds), default=0.0) / 1609.344
    per_s = max((kind.usd_h for kind in kinds), default=0.0) / 3600
    alone = fixed + 2 * (per_m * day.depot_m[stop_ids] + per_s * day.depot_s[stop_ids])
    parcels = np.diff(day.stops.first_row)[stop_ids]
    return 2 * alone + 20.0 + 2.0 * parcels
