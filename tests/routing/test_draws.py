"""Random draws of compiled searches."""

from __future__ import annotations

import numpy as np

from crossdock.plan.routing.draws import below, seeded, uniform


def test_the_first_draws_are_those_of_the_published_generator() -> None:
    # SplitMix64 from state 1234567: 6457827717110365317, 3203168211198807973, 9817491932198370423.
    state = seeded(1234567)
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    drawn = [uniform(state) for _ in published]
    assert drawn == [(word >> 11) / 2**53 for word in published]


def test_draws_below_a_limit_are_even() -> None:
    state = seeded(7)
    counts = np.bincount([below(state, 10) for _ in range(20_000)], minlength=10)
    assert len(counts) == 10
    assert abs(counts - 2000).max() < 200
