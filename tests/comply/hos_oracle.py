"""Hours of service judged minute by minute, every pairing tried: slow, plain, and apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

HALF, HOUR, DAY = 30, 60, 1_440
REST = {"OFF", "SB", "PC"}
Log = Sequence[tuple[str, int]]
"""Status and minutes, one after the other from minute 0; before it the driver is rested."""


def minutes_of(log: Log) -> list[str]:
    return [status for status, length in log for _ in range(length)]


def rests_of(minutes: Sequence[str]) -> list[tuple[int, int, int]]:
    """Start, end and longest time in the berth of every consecutive rest."""
    found: list[tuple[int, int, int]] = []
    at = 0
    while at < len(minutes):
        if minutes[at] not in REST:
            at += 1
            continue
        end = at
        while end < len(minutes) and minutes[end] in REST:
            end += 1
        berth = longest = 0
        for status in minutes[at:end]:
            berth = berth + 1 if status == "SB" else 0
            longest = max(longest, berth)
        found.append((at, end, longest))
        at = end
    return found


def is_pair(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    lengths = one[1] - one[0], other[1] - other[0]
    berths = one[2], other[2]
    return min(lengths) >= 2 * HOUR and max(berths) >= 7 * HOUR and sum(lengths) >= 10 * HOUR


def pairings(rests: Sequence[tuple[int, int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Every list of pairs (places of rests) one after the other; neighbours may share a rest."""
    possible = [
        (one, other)
        for one, other in combinations(range(len(rests)), 2)
        if is_pair(rests[one], rests[other])
    ]

    def extend(chain: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
        yield chain
        for pair in possible:
            if not chain or pair[0] >= chain[-1][1]:
                yield from extend([*chain, pair])

    yield from extend([])


def tour_minutes(minutes: Sequence[str]) -> Iterator[tuple[int, int, tuple[int, int, int] | None]]:
    """Start and end of every tour, and the reset that ends it."""
    start = 0
    for rest in rests_of(minutes):
        if rest[1] - rest[0] >= 10 * HOUR:
            yield start, rest[0], rest
            start = rest[1]
    if start < len(minutes):
        yield start, len(minutes), None


def judged(
    minutes: Sequence[str],
    start: int,
    end: int,
    rests: Sequence[tuple[int, int, int]],
    pairs: Sequence[tuple[int, int]],
) -> tuple[dict[str, list[int]], int, int]:
    """Minutes of driving in violation by rule, and what is left of both clocks at the end."""
    while start < end and minutes[start] in REST:  # rest before the first work opens no window
        start += 1
    out = {minute for pair in pairs for place in pair for minute in range(*rests[place][:2])}
    broken: dict[str, list[int]] = {"driving_11h": [], "window_14h": []}
    driven = elapsed = 0
    for minute in range(start, end + 1):
        for one, other in pairs:
            if minute == rests[other][1]:
                since = range(rests[one][1], minute)
                driven = sum(minutes[each] == "D" for each in since)
                elapsed = sum(each not in out for each in since)
        if minute == end:
            break
        if minutes[minute] == "D":
            if driven >= 11 * HOUR:
                broken["driving_11h"].append(minute)
            if elapsed >= 14 * HOUR:
                broken["window_14h"].append(minute)
            driven += 1
        elapsed += minute not in out
    return broken, 11 * HOUR - driven, 14 * HOUR - elapsed


def spans(broken: Sequence[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for minute in broken:
        if found and found[-1][1] == minute:
            found[-1] = (found[-1][0], minute + 1)
        else:
            found.append((minute, minute + 1))
    return found


def cost_of(broken: dict[str, list[int]]) -> tuple[int, int, int, int]:
    lengths = [end - start for each in broken.values() for start, end in spans(each)]
    return (
        sum(length > 3 * HOUR for length in lengths),
        sum(15 <= length <= 3 * HOUR for length in lengths),
        sum(length < 15 for length in lengths),
        sum(lengths),
    )


def least_cost(log: Log) -> tuple[tuple[int, int, int, int], tuple[int, int]]:
    """The cost of the best pairing of every tour together, and the two clocks at the end."""
    minutes = minutes_of(log)
    total = (0, 0, 0, 0)
    left = (11 * HOUR, 14 * HOUR)
    for start, end, closing in tour_minutes(minutes):
        rests = [
            rest
            for rest in rests_of(minutes)
            if start <= rest[0]
            and rest[1] <= end
            and any(status not in REST for status in minutes[start : rest[0]])
        ]
        if closing is not None:
            rests.append(closing)
        ranked = []
        for pairs in pairings(rests):
            broken, driving, window = judged(minutes, start, end, rests, pairs)
            cost = cost_of(broken)
            ranked.append((cost, -min(driving, window), -(driving + window), driving, window))
        best = min(ranked)
        total = tuple(one + other for one, other in zip(total, best[0], strict=True))
        left = (best[3], best[4]) if closing is None else (11 * HOUR, 14 * HOUR)
    return total, left
