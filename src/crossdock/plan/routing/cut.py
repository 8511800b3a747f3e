"""Routes cut into parts that lie together: halves by a line drawn by lot, and halves of these."""

from __future__ import annotations

import numpy as np

from crossdock.plan.routing.metric import Floats, Ints


def cut(centres: Floats, sizes: Ints, parts: int, random: np.random.Generator) -> list[Ints]:
    """Indices of the routes of each part; parts have about as many stops each.

    Parameters
    ----------
    centres
        Of the routes, (routes, 2).
    sizes
        Stops of each.
    """
    return [own for own in _cut(np.arange(len(sizes)), centres, sizes, parts, random) if len(own)]


def _cut(
    routes: Ints, centres: Floats, sizes: Ints, parts: int, random: np.random.Generator
) -> list[Ints]:
    if parts <= 1 or len(routes) < 2:
        return [routes]
    angle = random.uniform(0, 2 * np.pi)
    along = centres[routes] @ np.array([np.cos(angle), np.sin(angle)])
    ordered: Ints = routes[np.argsort(along, kind="stable")]
    passed: Ints = np.cumsum(sizes[ordered])
    left = parts // 2
    at = int(np.searchsorted(passed, float(passed[-1]) * left / parts)) + 1
    at = min(max(at, 1), len(ordered) - 1)
    return [
        *_cut(ordered[:at], centres, sizes, left, random),
        *_cut(ordered[at:], centres, sizes, parts - left, random),
    ]
