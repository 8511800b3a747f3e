"""Meal and rest breaks of delivery drivers: what states ask for, and where they fall on a tour."""

from crossdock.comply.breaks.placement import (
    Break,
    Itinerary,
    Timeline,
    follow,
    is_legal,
    place_breaks,
)
from crossdock.comply.breaks.rules import (
    MEAL_OVER_S,
    MEAL_S,
    MEAL_WITHIN_S,
    REST_FROM_S,
    REST_S,
    breaks_at_most_s,
    breaks_for_work,
    breaks_s,
    longest_work_s,
    rests_needed,
)

__all__ = [
    "MEAL_OVER_S",
    "MEAL_S",
    "MEAL_WITHIN_S",
    "REST_FROM_S",
    "REST_S",
    "Break",
    "Itinerary",
    "Timeline",
    "breaks_at_most_s",
    "breaks_for_work",
    "breaks_s",
    "follow",
    "is_legal",
    "longest_work_s",
    "place_breaks",
    "rests_needed",
]
