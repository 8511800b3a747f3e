"""Meal and rest breaks of a delivery driver: how many, how long, and what they add to a tour.

The strictest of the state rules is applied everywhere (California Labor Code 512; IWC wage order 9,
sections 11 and 12): a meal of 30 minutes that begins within 5 hours of the start of any duty over 6
hours, and 10 minutes of rest per 4 hours or major fraction of them. A duty under 3.5 hours needs no
rest, over 6 hours two; no duty here is over 10 hours. Not compared with the official text.
"""

from __future__ import annotations

MEAL_S = 30 * 60
MEAL_WITHIN_S = 5 * 3600
MEAL_OVER_S = 6 * 3600
REST_S = 10 * 60
REST_FROM_S = (12_600, 21_601)  # 3.5 h; over 6 h


def rests_needed(duty_s: int) -> int:
    """Rest breaks of a duty."""
    return sum(duty_s >= start for start in REST_FROM_S)


def breaks_for_work(work_s: int) -> tuple[int, bool]:
    """Rests and meal of ``work_s`` of driving, service and waiting, breaks not counted.

    A duty over the meal threshold only because of its breaks takes the meal too.
    """
    rests = rests_needed(work_s)
    if work_s + rests * REST_S <= MEAL_OVER_S:
        return rests, False
    return len(REST_FROM_S), True


def breaks_s(work_s: int) -> int:
    """Seconds of breaks that ``work_s`` of work brings."""
    rests, meal = breaks_for_work(work_s)
    return rests * REST_S + (MEAL_S if meal else 0)


def longest_work_s(max_duty_s: int) -> int:
    """Longest work that, with the breaks it brings, fits into ``max_duty_s``."""
    sizes = (0, REST_S, MEAL_S + 2 * REST_S)
    steps = (REST_FROM_S[0] - 1, MEAL_OVER_S - REST_S)
    trials = [max_duty_s - size for size in sizes] + [step for step in steps if step < max_duty_s]
    fits = [work for work in trials if work >= 0 and work + breaks_s(work) <= max_duty_s]
    return max(fits, default=0)


def breaks_at_most_s(max_duty_s: int) -> int:
    """Breaks of the longest work that fits into ``max_duty_s``."""
    return breaks_s(longest_work_s(max_duty_s))
