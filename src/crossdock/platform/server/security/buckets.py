"""Token buckets: how often each may ask."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from math import ceil

from crossdock.platform.server.problems import RefusedError

_MOST_BUCKETS = 50_000


class TokenBuckets:
    """A bucket for each who asks: it holds ``burst`` tokens and gains ``rate_per_s``.

    A bucket that was idle longest is dropped where there are too many; whoever comes back to it
    finds a full one. For the one thread of an event loop.
    """

    def __init__(
        self,
        rate_per_s: float,
        burst: float,
        now: Callable[[], datetime],
        *,
        most_buckets: int = _MOST_BUCKETS,
    ) -> None:
        self._rate_per_s = rate_per_s
        self._burst = max(burst, 1.0)
        self._now = now
        self._most_buckets = most_buckets
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, whose: str) -> None:
        """Take a token out of the bucket of ``whose``.

        Raises
        ------
        RefusedError
            429 with the whole seconds until there is one again: the bucket is empty.
        """
        now = self._now()
        tokens, filled_at = self._buckets.pop(whose, (self._burst, now))
        # A clock that was set back fills nothing, and is believed from then on.
        gained = max(0.0, (now - filled_at).total_seconds()) * self._rate_per_s
        tokens = min(self._burst, tokens + gained)
        enough = tokens >= 1.0
        self._buckets[whose] = (tokens - 1.0 if enough else tokens, now)
        if len(self._buckets) > self._most_buckets:
            self._buckets.popitem(last=False)
        if not enough:
            wait_s = max(1, ceil((1.0 - tokens) / self._rate_per_s))
            raise RefusedError(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"too many requests: ask again in {wait_s} s",
                headers={"Retry-After": str(wait_s)},
            )
