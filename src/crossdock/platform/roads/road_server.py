"""Servers of road times over HTTP: asked in bounded tiles, again when they stumble."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import httpx
import numpy as np
from numpy.typing import NDArray
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from crossdock.locate.roads.streets import RoadMatrix
from crossdock.model import (
    InvalidValueError,
    NotFoundError,
    ServiceUnavailableError,
    UsageError,
)

Floats = NDArray[np.float64]
Matrices = tuple[NDArray[np.float32], NDArray[np.float32]]

_PASSING = {429, 502, 503, 504}
_REFUSED_KEY = {401, 403}
_LONGEST_WAIT_S = 30.0
_MOST_ANSWER_BYTES = 64 * 1024**2


class NoWayError(Exception):
    """The server knows no way between any two places of a tile."""


@dataclass(frozen=True)
class RoadServer:
    """Where a server is and how patiently it is asked.

    Parameters
    ----------
    url
        Such as ``http://127.0.0.1:8002``; with neither user, password nor query.
    headers
        Sent along, keys too; never shown.
    timeout_s
        Longest wait for one answer.
    attempts
        How often a tile is asked for when the server is busy or cannot be reached.
    tile
        Most sources, and most targets, of one request.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    timeout_s: float = 30.0
    attempts: int = 4
    tile: int = 50

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError(
                "the address of the road server is none", remedy="give http://HOST:PORT"
            )
        if parts.username or parts.password or parts.query:
            # They would stand in every log of requests.
            raise UsageError(
                f"the address of the road server {parts.hostname} holds a password or a query",
                remedy="give keys as headers",
            )
        if self.tile < 1 or self.attempts < 1 or not self.timeout_s > 0:
            raise InvalidValueError(
                f"tile {self.tile}, attempts {self.attempts}, timeout_s {self.timeout_s}",
                remedy="give numbers above 0",
            )


class AsksTile(Protocol):
    """One request of a kind of server."""

    def __call__(self, asking: Asking, sources: Floats, targets: Floats) -> Matrices:
        """Seconds and metres between latitudes and longitudes, (n, 2) each."""
        ...


class Asking:
    """Requests to one server; close it when done."""

    def __init__(self, server: RoadServer) -> None:
        self.server = server
        self._http = httpx.Client(
            base_url=server.url,
            headers=dict(server.headers),
            timeout=server.timeout_s,
            limits=httpx.Limits(max_connections=2),
        )
        self._again = Retrying(
            stop=stop_after_attempt(server.attempts),
            wait=_wait_s,
            retry=retry_if_exception_type(_PassingError),
            reraise=True,
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def json(self, method: str, path: str, **asked: Any) -> tuple[int, dict[str, Any]]:
        """Status and JSON object of an answer.

        Raises
        ------
        ServiceUnavailableError
            No answer after all attempts, or none that is JSON.
        UsageError
            The server wants another key.
        """
        try:
            return self._again(self._json, method, path, **asked)
        except _PassingError as error:
            raise ServiceUnavailableError(
                f"the road server {self.server.url} {error.what} ({self.server.attempts} attempts)",
                remedy="check that it runs there, or ask later",
            ) from None

    def _json(self, method: str, path: str, **asked: Any) -> tuple[int, dict[str, Any]]:
        try:
            answer = self._http.request(method, path, **asked)
        except httpx.TimeoutException:
            raise _PassingError(f"did not answer in {self.server.timeout_s:g} s") from None
        except httpx.TransportError as error:
            raise _PassingError(f"cannot be reached: {error}") from None
        if answer.status_code in _PASSING:
            raise _PassingError(f"answers {answer.status_code}", answer.headers.get("retry-after"))
        if answer.status_code in _REFUSED_KEY:
            raise UsageError(
                f"the road server {self.server.url} answers {answer.status_code}",
                remedy="send it a key that it takes, as a header",
            )
        try:
            if len(answer.content) > _MOST_ANSWER_BYTES:
                raise ValueError("too long")
            told = json.loads(answer.content)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise self.unusable(f"an answer {answer.status_code} that is no JSON object")
        return answer.status_code, cast("dict[str, Any]", told)

    def unusable(self, what: str) -> ServiceUnavailableError:
        """The error for an answer that is not what the published interface says."""
        return ServiceUnavailableError(
            f"the road server {self.server.url} gives {what}",
            remedy="check the address and the version of the server",
        )

    def refused(self, words: str) -> InvalidValueError:
        """The error for a request that the server does not take."""
        return InvalidValueError(
            f"the road server {self.server.url} refuses: {words}",
            remedy="ask for less, or correct what it names",
        )

    def cells(self, rows: object, shape: tuple[int, int], scale: float = 1.0) -> Any:
        """A matrix of an answer; null is no way."""
        try:
            told = np.array(rows, dtype=np.float64)  # null becomes nan
        except (TypeError, ValueError):
            told = np.empty(0)
        if told.shape != shape or (told < 0).any():
            raise self.unusable(f"no {shape[0]} x {shape[1]} numbers")
        return np.where(np.isnan(told), np.inf, told * scale).astype(np.float32)


class _PassingError(Exception):
    """What may be over at the next attempt."""

    def __init__(self, what: str, retry_after: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.retry_after = retry_after


_usual_wait_s = wait_random_exponential(multiplier=0.5, max=10)


def _wait_s(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    told = error.retry_after if isinstance(error, _PassingError) else None
    if told is not None and told.strip().isdigit():
        return min(float(told), _LONGEST_WAIT_S)
    return _usual_wait_s(state)


def ask_matrix(
    asking: Asking,
    ask: AsksTile,
    sources: Floats,
    targets: Floats,
    names: tuple[Sequence[str], Sequence[str]] | None = None,
) -> RoadMatrix:
    """All pairs of sources and targets, tile by tile.

    Parameters
    ----------
    names
        Of sources and targets, for messages.

    Raises
    ------
    InfeasibleError
        There is no way between two places; they are named.
    NotFoundError
        A place is near no road of the server.
    """
    duration_s = np.full((len(sources), len(targets)), np.inf, dtype=np.float32)
    distance_m = np.full_like(duration_s, np.inf)
    size = asking.server.tile
    for row in range(0, len(sources), size):
        for column in range(0, len(targets), size):
            rows, columns = slice(row, row + size), slice(column, column + size)
            try:
                tile = ask(asking, sources[rows], targets[columns])
            except NoWayError:
                continue
            except _OffRoadError as error:
                is_source, at = error.is_source, error.index
                raise NotFoundError(
                    f"{_name(names, is_source, at + (row if is_source else column))} is near no "
                    f"road of {asking.server.url}",
                    remedy="correct its latitude and longitude",
                ) from None
            duration_s[rows, columns], distance_m[rows, columns] = tile
    matrix = RoadMatrix(duration_s, distance_m)
    return matrix.without_gaps(*names) if names is not None else matrix.without_gaps()


class _OffRoadError(Exception):
    def __init__(self, index: int, *, is_source: bool) -> None:
        super().__init__()
        self.index = index
        self.is_source = is_source


def off_road(index: int, *, is_source: bool) -> Exception:
    """A place of a tile that is near no road."""
    return _OffRoadError(index, is_source=is_source)


def _name(names: tuple[Sequence[str], Sequence[str]] | None, is_source: bool, at: int) -> str:
    if names is None:
        return f"{'source' if is_source else 'target'} {at}"
    return names[0][at] if is_source else names[1][at]
