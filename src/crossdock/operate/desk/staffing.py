"""How many people a desk needs so that most exceptions are taken up in time: Erlang C.

Exceptions arrive at random, each takes about as long, nobody gives up (M/M/c). Breaks and absence
come on top.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from crossdock.model import InfeasibleError, InvalidValueError

CITATION = "M/M/c queue (Erlang C), no abandonment, no shrinkage"

MOST_BUSY = 100_000.0
"""People busy at once beyond which a desk is no desk; it bounds the search."""

_MINUTES_PER_HOUR = 60.0


@dataclass(frozen=True)
class DeskStaffing:
    """The smallest crew of a desk that keeps its promise.

    Attributes
    ----------
    agents
        People at the desk.
    p_wait
        Share of exceptions that wait at all.
    asa_min
        Average wait, those that do not wait included.
    service_level
        Share taken up within the target wait.
    occupancy
        Share of their time that people are busy.
    """

    agents: int
    p_wait: float
    asa_min: float
    service_level: float
    occupancy: float


def desk_staffing(
    *,
    exceptions_per_hour: float,
    handle_min: float,
    target_wait_min: float,
    target_service_level: float,
) -> DeskStaffing:
    """The fewest people with whom ``target_service_level`` of exceptions wait ``target_wait_min``.

    Raises
    ------
    InvalidValueError
        A rate, time or level that no desk has.
    InfeasibleError
        A desk of more than `MOST_BUSY` busy people.
    """
    if min(exceptions_per_hour, target_wait_min) < 0 or handle_min <= 0:
        raise InvalidValueError(
            f"a desk cannot have {exceptions_per_hour} exceptions an hour of {handle_min} min "
            f"within {target_wait_min} min",
            remedy="give a handling time above 0, and 0 or more for the others",
        )
    if not 0 <= target_service_level < 1:
        raise InvalidValueError(
            f"a service level of {target_service_level} is out of reach",
            remedy="give a share from 0 to below 1",
        )
    busy = exceptions_per_hour * handle_min / _MINUTES_PER_HOUR
    if busy > MOST_BUSY:
        raise InfeasibleError(
            f"{busy:,.0f} people would be busy at once", remedy="split the work among desks"
        )
    agents, blocked = 0, 1.0
    while True:
        if agents > busy or busy == 0:
            answer = _answer(agents, busy, blocked, handle_min, target_wait_min)
            if answer.service_level >= target_service_level:
                return answer
        agents += 1
        blocked = busy * blocked / (agents + busy * blocked)


def wait_probability(agents: int, busy: float) -> float:
    """Erlang C: the share that waits, with ``busy`` people's work for ``agents`` people."""
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = busy * blocked / (number + busy * blocked)
    return _waits(agents, busy, blocked)


def _answer(
    agents: int, busy: float, blocked: float, handle_min: float, target_wait_min: float
) -> DeskStaffing:
    if busy == 0:
        return DeskStaffing(agents, 0.0, 0.0, 1.0, 0.0)
    p_wait = _waits(agents, busy, blocked)
    idle = agents - busy
    late = p_wait * math.exp(-idle * target_wait_min / handle_min)
    return DeskStaffing(agents, p_wait, p_wait * handle_min / idle, 1 - late, busy / agents)


def _waits(agents: int, busy: float, blocked: float) -> float:
    """Erlang C from the blocking probability of Erlang B, which does not overflow."""
    if agents <= busy:
        return 1.0
    return agents * blocked / (agents - busy * (1 - blocked))
