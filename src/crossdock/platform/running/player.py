"""A run's twin on top of its log: what it tells, and the commands that it obeys."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

import polars as pl

from crossdock.model.event import EVENT_KINDS
from crossdock.platform.store.database import EventLog
from crossdock.simulate.twin import Twin, TwinInput

TWIN = "twin"
"""Name of the checkpoint with the state of the twin."""

_COMMANDS = [kind.name for kind in EVENT_KINDS.values() if kind.about == "command"]


class Player:
    """Plays on from where a log ends.

    The state of the twin is that of the last checkpoint; commands that the log has since are
    obeyed again at their instants, so that a day that was acted on ends in the same events
    however often it is stopped, and whenever it is played again from its commands alone.

    One caller at a time: it keeps no lock.

    Parameters
    ----------
    log
        Of the run; what the player tells is appended by who calls it.
    """

    def __init__(self, log: EventLog, given: TwinInput) -> None:
        saved = log.load_checkpoint(TWIN)
        self._twin = Twin(given) if saved is None else Twin.resume(given, saved[1])
        self._commands = _commands(log, after=0 if saved is None else saved[0])

    @property
    def now(self) -> int:
        """Seconds since the epoch: everything before it has happened."""
        return self._twin.now

    @property
    def next_at(self) -> int:
        """Earliest instant at which something may happen or be received."""
        return self._twin.next_at

    @property
    def starts_at(self) -> int:
        """Instant of the first order."""
        return self._twin.starts_at

    @property
    def ends_at(self) -> int:
        """Instant at which the run ends at the latest."""
        return self._twin.ends_at

    @property
    def finished(self) -> bool:
        """Every parcel has come to its end, or the run's time is over, and all is told."""
        return self._twin.finished

    def advance(self, until: int) -> pl.DataFrame:
        """Play up to ``until``, obeying what the log says was told until then.

        Returns
        -------
        polars.DataFrame
            Schema ``EVENTS``, in the order of reception.
        """
        told: list[pl.DataFrame] = []
        while self._commands and self._commands[0][0] < until:
            at, kind, payload = self._commands.popleft()
            told.append(self._twin.advance(at))
            self._twin.command(kind, payload)
        told.append(self._twin.advance(until))
        return pl.concat(told)

    def obey(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Do what a new command says, now.

        Raises
        ------
        InvalidValueError
            The command or what it names does not exist, or can no longer be done.
        """
        self._twin.command(kind, payload)

    def save(self) -> bytes:
        """The state of the twin, for the checkpoint `TWIN`."""
        return self._twin.save()


def _commands(log: EventLog, *, after: int) -> deque[tuple[int, str, Mapping[str, Any]]]:
    """Instant, kind and payload of each command in the log."""
    found: deque[tuple[int, str, Mapping[str, Any]]] = deque()
    for events in log.read(after):
        given = events.filter(pl.col("kind").is_in(_COMMANDS)).select(
            pl.col("occurred_at").dt.epoch("s"), "kind", "payload"
        )
        found.extend(
            (at, kind, json.loads(payload or "{}")) for at, kind, payload in given.iter_rows()
        )
    return found
