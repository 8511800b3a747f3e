"""The search for quickest ways over the states of a vehicle's roads, compiled.

Buckets of a few seconds in a circle (Dial 1969, "Algorithm 360: shortest-path forest with
topological ordering", Communications of the ACM 12(11)), refined within a bucket until nothing in
it improves. SciPy's search gives the least time and nothing else: the metres of that same way need
every predecessor, and it cannot end once what was asked for is found. This one carries both along,
in memory that grows with the graph alone, at about half of the time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from crossdock.locate.roads.streets.arcs import F32, F64, I32, I64, Arcs, Ends, Flags
from crossdock.model.compiled import compiled

_NOBODY = -1
_UNSEEN, _WAITING, _DONE = 0, 1, 2


class _Labels(NamedTuple):
    """What a search knows of each state.

    Attributes
    ----------
    parent
        The arc by which a state is reached; of length 0 where nobody asks.
    links
        States that wait in one bucket as linked lists: after and before each state, then the first
        of each bucket.
    """

    seconds: F64
    metres: F64
    parent: I32
    stage: Flags
    wanted: Flags
    links: I32


@compiled
def table(arcs: Arcs, starts: Ends, goals: Ends, limit_s: float, out_s: F32, out_m: F32) -> None:
    """Least seconds, and the metres of that way, from every start to every goal.

    Parameters
    ----------
    limit_s
        Ways that take longer are not looked for.
    out_s, out_m
        Seconds and metres, (starts, goals); infinite where there is no way.
    """
    labels = _labels(arcs, 0)
    for start in range(len(starts.first) - 1):
        labels.wanted[:] = 0
        wanted = 0
        for end in range(len(goals.state)):
            wanted += _want(goals, end, labels.wanted)
        _search(arcs, starts, start, wanted, goals.slack_s, limit_s, labels)
        for goal in range(len(goals.first) - 1):
            out_s[start, goal], out_m[start, goal] = _best(goals, goal, labels, limit_s)


@compiled
def pairs(
    arcs: Arcs, starts: Ends, goals: Ends, asked_first: I64, asked: I64, out_s: F32, out_m: F32
) -> None:
    """As `table`, of the goals ``asked[asked_first[i] : asked_first[i + 1]]`` of start i only.

    Each search ends when its own goals are found: near ones are cheap in a large graph.
    """
    labels = _labels(arcs, 0)
    for start in range(len(starts.first) - 1):
        labels.wanted[:] = 0
        wanted = 0
        for place in range(asked_first[start], asked_first[start + 1]):
            for end in range(goals.first[asked[place]], goals.first[asked[place] + 1]):
                wanted += _want(goals, end, labels.wanted)
        _search(arcs, starts, start, wanted, goals.slack_s, np.inf, labels)
        for place in range(asked_first[start], asked_first[start + 1]):
            out_s[place], out_m[place] = _best(goals, asked[place], labels, np.inf)


@compiled
def tree(arcs: Arcs, starts: Ends, goals: Ends) -> tuple[F64, I32]:
    """The search from the first start until all goals are found.

    Returns
    -------
    tuple
        Seconds of each state, infinite where not found; the arc by which it is reached, -1 at the
        beginning of a way.
    """
    states = len(arcs.first) - 1
    labels = _labels(arcs, states)
    labels.wanted[:] = 0
    wanted = 0
    for end in range(len(goals.state)):
        wanted += _want(goals, end, labels.wanted)
    _search(arcs, starts, 0, wanted, goals.slack_s, np.inf, labels)
    for state in range(states):
        if labels.stage[state] != _DONE:
            labels.seconds[state] = np.inf
    return labels.seconds, labels.parent


@compiled
def _labels(arcs: Arcs, parents: int) -> _Labels:
    states = len(arcs.first) - 1
    return _Labels(
        np.empty(states),
        np.empty(states),
        np.empty(parents, np.int32),
        np.empty(states, np.uint8),
        np.empty(states, np.uint8),
        np.empty(2 * states + arcs.buckets, np.int32),
    )


@compiled
def _want(goals: Ends, end: int, wanted: Flags) -> int:
    """Mark the state of an end, if a search has to wait for it; 1 if it was not marked."""
    state = goals.state[end]
    if wanted[state] == 1 or goals.waits[end] == 0:
        return 0
    wanted[state] = 1
    return 1


@compiled
def _search(
    arcs: Arcs,
    starts: Ends,
    start: int,
    wanted: int,
    slack_s: float,
    limit_s: float,
    labels: _Labels,
) -> None:
    """Settle states by time until the wanted ones are settled, or all are beyond the limit."""
    first, head, arc_s, arc_m = arcs.first, arcs.head, arcs.seconds, arcs.metres
    seconds, metres, parent = labels.seconds, labels.metres, labels.parent
    stage, links = labels.stage, labels.links
    seconds[:] = np.inf
    stage[:] = _UNSEEN
    links[:] = _NOBODY
    if len(parent) > 0:
        parent[:] = _NOBODY
    a_second, circle, base = 1.0 / arcs.bucket_s, arcs.buckets - 1, 2 * len(seconds)
    waiting = 0
    for seed in range(starts.first[start], starts.first[start + 1]):
        state, then_s = starts.state[seed], starts.seconds[seed]
        if then_s < seconds[state]:
            if stage[state] == _WAITING:
                _take(links, state, base + (int(seconds[state] * a_second) & circle))
                waiting -= 1
            seconds[state], metres[state] = then_s, starts.metres[seed]
            _put(links, state, base + (int(then_s * a_second) & circle))
            stage[state] = _WAITING
            waiting += 1
    now, last = 0, np.inf if wanted > 0 else slack_s
    while waiting > 0 and now * arcs.bucket_s <= min(limit_s, last):
        here = base + (now & circle)
        while links[here] != _NOBODY:
            state = links[here]
            _take(links, state, here)
            stage[state] = _DONE
            waiting -= 1
            # A state that comes back within its bucket is wanted once only.
            wanted -= int(labels.wanted[state])
            labels.wanted[state] = 0
            at_s, at_m = seconds[state], metres[state]
            for arc in range(first[state], first[state + 1]):
                reached, then_s = head[arc], at_s + arc_s[arc]
                if then_s < seconds[reached]:
                    there = base + (int(then_s * a_second) & circle)
                    if stage[reached] == _WAITING:
                        _take(links, reached, base + (int(seconds[reached] * a_second) & circle))
                        waiting -= 1
                    _put(links, reached, there)
                    stage[reached] = _WAITING
                    waiting += 1
                    seconds[reached], metres[reached] = then_s, at_m + arc_m[arc]
                    if len(parent) > 0:
                        parent[reached] = arc
        now += 1
        if wanted == 0 and last == np.inf:
            last = now * arcs.bucket_s + slack_s


@compiled
def _put(links: I32, state: int, bucket: int) -> None:
    """Put a state in front of those that wait in a bucket."""
    after = links[bucket]
    links[2 * state], links[2 * state + 1] = after, _NOBODY
    if after != _NOBODY:
        links[2 * after + 1] = state
    links[bucket] = state


@compiled
def _take(links: I32, state: int, bucket: int) -> None:
    """Take a state out of the bucket in which it waits."""
    after, before = links[2 * state], links[2 * state + 1]
    if before == _NOBODY:
        links[bucket] = after
    else:
        links[2 * before] = after
    if after != _NOBODY:
        links[2 * after + 1] = before


@compiled
def _best(goals: Ends, goal: int, labels: _Labels, limit_s: float) -> tuple[float, float]:
    """Seconds and metres to a goal by the best of the states from which it is reached."""
    best_s, best_m = np.inf, np.inf
    for end in range(goals.first[goal], goals.first[goal + 1]):
        state = goals.state[end]
        if labels.stage[state] == _DONE:
            at_s = labels.seconds[state] + goals.seconds[end]
            if at_s < best_s and at_s <= limit_s:
                best_s, best_m = at_s, labels.metres[state] + goals.metres[end]
    return best_s, best_m
