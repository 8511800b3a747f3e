"""What leaving stops out means before any cost: how many of each rank are left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crossdock.plan.routing.jobs import Job, Shipment
from crossdock.plan.routing.problem import Problem


def rank_key(stop: Job | Shipment) -> tuple[int, int] | None:
    """What ranks higher is greater: required, then priority; None: a matter of the prize."""
    if not (stop.required or stop.priority > 0):
        return None
    return (2 if stop.required else 1, stop.priority)


@dataclass(frozen=True)
class Ranks:
    """Jobs and shipments by rank.

    Attributes
    ----------
    rank
        Of each job, then of each shipment, the highest is 0; None: a matter of its prize.
    count
        Ranks that there are.
    """

    rank: tuple[int | None, ...]
    count: int

    @classmethod
    def of(cls, problem: Problem) -> Ranks:
        """Ranks of a problem."""
        keys = [rank_key(stop) for stop in (*problem.jobs, *problem.shipments)]
        order = sorted({key for key in keys if key is not None}, reverse=True)
        number = {key: at for at, key in enumerate(order)}
        return cls(tuple(None if key is None else number[key] for key in keys), len(order))

    def is_by_prize(self, request: int) -> bool:
        """Whether leaving it out is a matter of its prize."""
        return self.rank[request] is None

    def of_request(self, request: int) -> int:
        """Its rank; behind all of them where it is a matter of its prize."""
        rank = self.rank[request]
        return self.count if rank is None else rank

    def left(self, requests: Iterable[int]) -> tuple[int, ...]:
        """How many of each rank are among ``requests``: of two plans the lesser is better."""
        counts = [0] * self.count
        for request in requests:
            rank = self.rank[request]
            if rank is not None:
                counts[rank] += 1
        return tuple(counts)
