"""The dispatch game: each hour requests appear, and some must leave or it is too late for them.

The rules are those of the dynamic problem of the EURO Meets NeurIPS 2022 vehicle routing
competition, as its environment states them (``environment.py`` and ``tools.py`` of
https://github.com/ortec/euro-neurips-vrp-2022-quickstart, commit 13bc548c): one seed gives the
same requests here as there. This is a simulator of its own; unlike that one it also refuses a
request that is dispatched twice in one epoch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crossdock.model.errors import InvalidValueError
from crossdock.plan.routing.dynamic.day import EPOCH_S, MARGIN_S, Day, Requests

Routes = Sequence[Sequence[int]]
"""Ids of requests in the order in which each vehicle serves them."""


@dataclass(frozen=True, eq=False)
class State:
    """What a policy knows when it decides.

    Attributes
    ----------
    requests
        Those that are open.
    must
        Which of them have to leave now.
    """

    day: Day
    epoch: int
    last_epoch: int
    requests: Requests
    must: NDArray[np.bool_]

    @property
    def leaves_s(self) -> int:
        """When the routes of this epoch leave."""
        return self.epoch * EPOCH_S + MARGIN_S

    @property
    def next_leaves_s(self) -> int:
        """When those of the next epoch do."""
        return self.leaves_s + EPOCH_S

    @property
    def is_last(self) -> bool:
        """Whether no epoch follows, so that everything has to leave."""
        return self.epoch == self.last_epoch


@dataclass(frozen=True)
class EpochResult:
    """What left in an epoch, and the seconds of driving that it costs."""

    epoch: int
    cost: int
    routes: tuple[tuple[int, ...], ...]


class Game:
    """One day, epoch after epoch.

    Parameters
    ----------
    seed
        Of the requests.

    Attributes
    ----------
    results
        Of the epochs that are over.
    """

    def __init__(self, day: Day, seed: int) -> None:
        # The competition's rule: its published costs are of the requests of this generator.
        self._random = np.random.default_rng(seed)  # noqa: TID251
        self._day, self._epochs = day, day.epochs()
        self._revealed = 0
        self.results: list[EpochResult] = []
        self._state = self._reveal(self._epochs.start, None)

    @property
    def state(self) -> State | None:
        """What the next answer is to; None when the day is over."""
        return None if len(self.results) == len(self._epochs) else self._state

    def dispatch(self, routes: Routes) -> EpochResult:
        """Let routes leave, and go on to the next epoch.

        Raises
        ------
        InvalidValueError
            The routes break a rule, or the day is over; nothing has changed.
        """
        state = self.state
        if state is None:
            raise InvalidValueError("the day is over", remedy="dispatch within its epochs")
        row_of = {int(each): row for row, each in enumerate(state.requests.id)}
        _refuse_illegal(state, routes, row_of)
        rows = [[row_of[each] for each in route] for route in routes]
        cost = sum(self._day.driving_s(state.requests, route) for route in rows)
        result = EpochResult(state.epoch, cost, tuple(tuple(route) for route in routes))
        self.results.append(result)
        if not state.is_last:
            stays = np.ones(len(state.requests), dtype=np.bool_)
            stays[[row for route in rows for row in route]] = False
            self._state = self._reveal(state.epoch + 1, state.requests.where(stays))
        return result

    def _reveal(self, epoch: int, left: Requests | None) -> State:
        leaves_s = epoch * EPOCH_S + MARGIN_S
        new = self._day.draw(self._random, leaves_s, self._revealed + 1)
        self._revealed += len(new)
        requests = new if left is None else left.followed_by(new)
        last = self._epochs[-1]
        if epoch == last:
            must = np.ones(len(requests), dtype=np.bool_)
        else:
            must = ~self._day.in_time(requests, leaves_s + EPOCH_S)
        return State(self._day, epoch, last, requests, must)


def play(
    day: Day,
    seed: int,
    answer: Callable[[State], Routes],
    on_epoch: Callable[[EpochResult], None] | None = None,
) -> list[EpochResult]:
    """A whole day with the answers of a policy, each checked."""
    game = Game(day, seed)
    while (state := game.state) is not None:
        result = game.dispatch(answer(state))
        if on_epoch is not None:
            on_epoch(result)
    return game.results


def _refuse_illegal(state: State, routes: Routes, row_of: dict[int, int]) -> None:
    times = Counter(each for route in routes for each in route)
    for each, count in times.items():
        if each not in row_of:
            _refuse(state, f"request {each} is not open", "dispatch requests of the state")
        if count > 1:
            _refuse(state, f"request {each} leaves {count} times", "dispatch each once")
    held = [int(each) for each in state.requests.id[state.must] if int(each) not in times]
    if held:
        _refuse(state, f"request {held[0]} has to leave now", "dispatch all that must leave")
    for number, route in enumerate(routes, start=1):
        if not route:
            _refuse(state, f"route {number} is empty", "leave it out")
        rows = [row_of[each] for each in route]
        fault = state.day.fault(state.requests, rows, state.leaves_s)
        if fault:
            _refuse(state, f"route {number}: {fault}", "dispatch routes that keep every limit")


def _refuse(state: State, message: str, remedy: str) -> None:
    raise InvalidValueError(f"epoch {state.epoch}: {message}", remedy=remedy)
