"""The forward labelling of one route as loops over whole numbers: plain Python and numba alike.

A label says how a place on the route can be reached in the present tour (the work since the last
reset). Its seven numbers, in seconds:

0. earliest, 1. latest start of the tour: any start between them will do;
2. elapsed: from the start of the tour to here, the same for each of these starts;
3. driven in the tour;
4. driven since the last interruption;
5. elapsed and 6. earliest start as they were when the present time without driving began; of a
   driver who is resting, 6. is the earliest instant of being here.

A start before ``earliest`` would reach the same places at the same time with more of the window
used, and one after ``latest`` would miss a window of a stop: so one label stands for all
departures, postponed ones included. Of the labels of a place, those remain that no other beats.

Why these labels are enough. Waiting on the road can be moved to the next stop, and a rest or pause
on the road to the point where the law stops the drive or to the next stop, whichever comes first:
what is driven before it need not be driven after it, so the place behind is reached no later and
with less used. Rests are therefore tried where a limit stops the drive and before each service;
pauses where 8 hours stop it and around each service. A rest ends a tour as early as it can: a
later start of the next is within its label.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

Numbers = Sequence[int]
Pool = MutableSequence[int]

ROW = 7
FAR_S = 1 << 40
OVERFLOW = -(1 << 60)
"""A pool was too small: try again with larger ones."""


def route_end(
    first: int,
    end: int,
    drive_s: Numbers,
    service_s: Numbers,
    window_from: Numbers,
    opens_s: Numbers,
    closes_s: Numbers,
    clocks: Numbers,
    limits: Numbers,
    here: Pool,
    there: Pool,
    todo: Pool,
    rested: Pool,
) -> int:
    """Earliest end of the last service of stops ``first`` to ``end``, or which stop fails.

    Parameters
    ----------
    window_from
        Stop ``i`` may be served in windows ``window_from[i]`` to ``window_from[i + 1]``.
    clocks
        Start not before; 1 if the window is not open, else 0; driven; window used; driven since
        the break; resting and not driving up to second 0.
    limits
        Driving, window, driving before a pause, pause, reset.
    here, there, todo, rested
        Room for labels; their content means nothing.

    Returns
    -------
    int
        Seconds; or -1 less the number of stops served before the first that cannot be; or
        `OVERFLOW`.
    """
    remaining = 0
    for stop in range(first, end):
        remaining += drive_s[stop]
    count = first_labels(here, clocks, limits)
    finished = 0
    for stop in range(first, end):
        arrived = count
        if drive_s[stop] == 0:
            for number in range(count * ROW):
                there[number] = here[number]
        else:
            waiting = leave(here, count, drive_s[stop], remaining, limits, todo)
            arrived = drive(todo, waiting, limits, there, rested)
        arrived = rest_here(there, arrived, limits)
        if arrived < 0:
            return OVERFLOW
        remaining -= drive_s[stop]
        count, finished = serve(
            there, arrived, service_s[stop], opens_s, closes_s, window_from[stop],
            window_from[stop + 1], remaining, limits, here,
        )  # fmt: skip
        if count < 0:
            return OVERFLOW
        if count == 0:
            return -1 - (stop - first)
    return finished


def first_labels(pool: Pool, clocks: Numbers, limits: Numbers) -> int:
    """Labels of a driver at the start; how many."""
    pause, reset = limits[3], limits[4]
    starts = clocks[0]
    resting = clocks[5] + starts
    not_driving = max(clocks[6], clocks[5]) + starts
    broken = 0 if not_driving >= pause else clocks[4]
    rested_at = max(starts, reset - clocks[5])
    count = add_label(pool, 0, rested_at, FAR_S, 0, 0, 0, 0, starts)
    if resting >= reset:
        return count
    if clocks[1] == 1:
        # The window begins with the first work: a pause before it costs nothing of it.
        unbroken_at = starts + max(0, pause - not_driving)
        count = add_label(pool, count, unbroken_at, FAR_S, 0, 0, 0, 0, starts)
        return add_label(pool, count, starts, FAR_S, 0, 0, broken, -not_driving, starts)
    used = clocks[3] + starts
    began = -clocks[3]
    return add_label(pool, count, began, began, used, clocks[2], broken, used - not_driving, began)


def leave(here: Pool, count: int, left: int, remaining: int, limits: Numbers, todo: Pool) -> int:
    """Put the labels at a stop on its next leg, at once and after a pause; how many, or -1."""
    waiting = 0
    for label in range(count):
        at = label * ROW
        if (waiting + 2) * ROW > len(todo):
            return -1
        for number in range(5):
            todo[waiting * ROW + number] = here[at + number]
        todo[waiting * ROW + 5] = left
        waiting += 1
        if here[at + 4] > 0 and here[at + 4] + remaining > limits[2]:
            # The pause is made whole, before, between or after the services here: time that the
            # stop keeps the driver waiting anyway is part of it.
            paused = here[at + 5] + limits[3]
            todo[waiting * ROW] = max(here[at + 6], here[at] - (paused - here[at + 2]))
            todo[waiting * ROW + 1] = here[at + 1]
            todo[waiting * ROW + 2] = paused
            todo[waiting * ROW + 3] = here[at + 3]
            todo[waiting * ROW + 4] = 0
            todo[waiting * ROW + 5] = left
            waiting += 1
    return waiting


def drive(todo: Pool, waiting: int, limits: Numbers, there: Pool, rested: Pool) -> int:
    """Drive a leg to its end, with the rests and pauses that limits ask for; how many, or -1."""
    most_driven, window, before_pause, pause = limits[0], limits[1], limits[2], limits[3]
    arrived, fresh = min(waiting, 0), 0
    while waiting > 0 and arrived >= 0:
        waiting -= 1
        at = waiting * ROW
        earliest, latest, elapsed = todo[at], todo[at + 1], todo[at + 2]
        driven, broken, left = todo[at + 3], todo[at + 4], todo[at + 5]
        while True:
            step = min(left, most_driven - driven, before_pause - broken, window - elapsed)
            if step > 0:
                elapsed += step
                driven += step
                broken += step
                left -= step
            if left == 0:
                arrived = add_label(
                    there, arrived, earliest, latest, elapsed, driven, broken, elapsed, earliest
                )
                break
            rested_at = earliest + elapsed + limits[4]
            if is_new_rest(rested, fresh, left, rested_at):
                if 2 * fresh + 2 > len(rested) or (waiting + 1) * ROW > len(todo):
                    return -1
                rested[2 * fresh] = left
                rested[2 * fresh + 1] = rested_at
                fresh += 1
                at = waiting * ROW
                todo[at] = rested_at
                todo[at + 1] = FAR_S
                todo[at + 2] = todo[at + 3] = todo[at + 4] = 0
                todo[at + 5] = left
                waiting += 1
            if broken < before_pause or driven >= most_driven or elapsed + pause >= window:
                break
            elapsed += pause
            broken = 0
    return arrived


def is_new_rest(rested: Pool, count: int, left: int, rested_at: int) -> bool:
    """Whether no rest on this leg was as far and ended as early."""
    for each in range(count):
        if rested[2 * each] <= left and rested[2 * each + 1] <= rested_at:
            return False
    return True


def rest_here(there: Pool, arrived: int, limits: Numbers) -> int:
    """Add the label of a driver who rests at a stop before its service; how many, or -1."""
    soonest = FAR_S * 4
    for label in range(arrived):
        soonest = min(soonest, there[label * ROW] + there[label * ROW + 2])
    if arrived < 0:
        return -1
    return add_label(there, arrived, soonest + limits[4], FAR_S, 0, 0, 0, 0, soonest)


def serve(
    there: Pool,
    arrived: int,
    service: int,
    opens_s: Numbers,
    closes_s: Numbers,
    first_window: int,
    end_window: int,
    remaining: int,
    limits: Numbers,
    here: Pool,
) -> tuple[int, int]:
    """Labels after a service in each window: how many, or -1; and the earliest end."""
    count, finished = 0, FAR_S * 4
    for label in range(arrived):
        at = label * ROW
        for each in range(first_window, end_window):
            earliest, latest, elapsed = there[at], there[at + 1], there[at + 2]
            driven, broken, run_earliest = there[at + 3], there[at + 4], there[at + 6]
            opens, closes = opens_s[each], closes_s[each]
            if service == 0 and elapsed == 0 and latest == FAR_S:
                # Nothing to do: being here is enough, also in the middle of a rest.
                run_earliest = max(run_earliest, opens)
                if run_earliest > closes:
                    continue
                earliest = max(earliest, run_earliest)
                finished = min(finished, run_earliest)
            elif closes - elapsed < earliest:
                continue
            else:
                if opens - elapsed > latest:  # no start is late enough not to wait
                    elapsed = opens - latest
                    earliest = latest
                else:
                    earliest = max(earliest, opens - elapsed)
                    latest = min(latest, closes - elapsed)
                elapsed += service
                finished = min(finished, earliest + elapsed)
            # A counter that can bind no more is as good as an empty one.
            if driven + remaining <= limits[0]:
                driven = 0
            if elapsed - there[at + 5] >= limits[3] or broken + remaining <= limits[2]:
                broken = 0
            count = add_label(
                here, count, earliest, latest, elapsed, driven, broken, there[at + 5], run_earliest
            )
            if count < 0:
                return -1, 0
    return count, finished


def add_label(
    pool: Pool,
    count: int,
    earliest: int,
    latest: int,
    elapsed: int,
    driven: int,
    broken: int,
    run_elapsed: int,
    run_earliest: int,
) -> int:
    """Add a label unless another is as good; drop those that it beats. How many are kept, or -1."""
    kept = 0
    here_at = earliest + elapsed
    run_at = run_earliest + run_elapsed
    for label in range(count):
        at = label * ROW
        other_at = pool[at] + pool[at + 2]
        other_run_at = pool[at + 6] + pool[at + 5]
        if (
            other_at <= here_at
            and pool[at + 2] <= elapsed
            and pool[at + 1] >= latest
            and pool[at + 3] <= driven
            and pool[at + 4] <= broken
            and (pool[at + 4] == 0 or (pool[at + 5] <= run_elapsed and other_run_at <= run_at))
        ):
            return count
        if not (
            here_at <= other_at
            and elapsed <= pool[at + 2]
            and latest >= pool[at + 1]
            and driven <= pool[at + 3]
            and broken <= pool[at + 4]
            and (broken == 0 or (run_elapsed <= pool[at + 5] and run_at <= other_run_at))
        ):
            if kept < label:
                for number in range(ROW):
                    pool[kept * ROW + number] = pool[at + number]
            kept += 1
    if (kept + 1) * ROW > len(pool):
        return -1
    at = kept * ROW
    pool[at] = earliest
    pool[at + 1] = latest
    pool[at + 2] = elapsed
    pool[at + 3] = driven
    pool[at + 4] = broken
    pool[at + 5] = run_elapsed
    pool[at + 6] = run_earliest
    return kept + 1


KERNEL_PARTS = (
    add_label, is_new_rest, first_labels, leave, drive, rest_here, serve, route_end
)  # fmt: skip
"""What a compiled kernel that calls `route_end` needs to know, each after those that it calls."""
