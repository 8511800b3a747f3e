"""What an operator may set of a server: limits, times, where it listens."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields

from crossdock.model import UsageError

_PREFIX = "CROSSDOCK_"


@dataclass(frozen=True)
class ServerSettings:
    """Limits of a server; each is set by ``CROSSDOCK_`` and its name in upper case.

    Attributes
    ----------
    max_body_bytes
        Largest body of a request that is read.
    max_batch_items
        Most items of a bulk request.
    max_json_depth
        Deepest nesting of arrays and objects in a body.
    max_connections
        Connections that are open at once, streams and idle ones too; the next ones wait.
    requests_per_s, request_burst
        Token bucket of each API key, session, and address without either.
    streams_per_actor
        Open event streams of one key or user.
    stream_queue
        Messages that wait for a slow subscriber before it is told to load anew.
    stream_replay
        Most messages that are replayed to a subscriber who comes back.
    heartbeat_s
        Silence after which a stream shows that it lives.
    outbox_kept_h, idempotency_kept_h
        How long told messages and answers are kept for those who come back.
    commit_wait_ms
        How long a batch waits for company before it is committed.
    sweep_s
        Time between two looks for what nobody reported: silence, lateness.
    session_idle_min, session_max_h
        A session ends after this silence, and at the latest after this time.
    lockout_failures, lockout_min
        Wrong passwords in a row that lock an account, and for how long.
    job_lease_s, job_attempts
        A job whose worker is silent for so long is taken up anew, so many times in all.
    drain_s
        How long a stop waits for what is under way.
    secure_cookies
        Cookies go over HTTPS only; off for a server on this machine.
    """

    max_body_bytes: int = 16 * 1024 * 1024
    max_batch_items: int = 10_000
    max_json_depth: int = 32
    max_connections: int = 4_000
    requests_per_s: float = 2_000.0
    request_burst: float = 4_000.0
    streams_per_actor: int = 20
    stream_queue: int = 50_000
    stream_replay: int = 50_000
    heartbeat_s: float = 15.0
    outbox_kept_h: float = 24.0
    idempotency_kept_h: float = 24.0
    commit_wait_ms: float = 2.0
    sweep_s: float = 15.0
    session_idle_min: float = 60.0
    session_max_h: float = 12.0
    lockout_failures: int = 5
    lockout_min: float = 15.0
    job_lease_s: float = 60.0
    job_attempts: int = 3
    drain_s: float = 10.0
    secure_cookies: bool = False

    @classmethod
    def of(cls, environment: Mapping[str, str] | None = None) -> ServerSettings:
        """Settings of the environment over the defaults.

        Raises
        ------
        UsageError
            A value cannot be read, or is not above zero.
        """
        told = os.environ if environment is None else environment
        found: dict[str, object] = {}
        for each in fields(cls):
            text = told.get(_PREFIX + each.name.upper())
            if text is not None:
                found[each.name] = _read(each.name, text, _DEFAULTS[each.name])
        return cls(**found)  # pyright: ignore[reportArgumentType]


_DEFAULTS: Mapping[str, object] = vars(ServerSettings())


def _read(name: str, text: str, default: object) -> object:
    if isinstance(default, bool):
        if text.lower() in ("1", "true", "yes", "on", "0", "false", "no", "off"):
            return text.lower() in ("1", "true", "yes", "on")
    else:
        try:
            value = int(text) if isinstance(default, int) else float(text)
        except ValueError:
            value = 0
        if value > 0:
            return value
    raise UsageError(
        f"{_PREFIX}{name.upper()} cannot be {text!r}",
        remedy="give true or false" if isinstance(default, bool) else "give a number above 0",
    )
