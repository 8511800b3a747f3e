"""The folded state of a tenant, kept in the store so that a start does not fold the whole log."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import polars as pl

from crossdock.model import InputUnusableError
from crossdock.model.event import EVENTS
from crossdock.model.packing import packed_frames, unpacked_frames
from crossdock.operate.cases import ACTIONS
from crossdock.operate.commands import COMMAND_KINDS
from crossdock.operate.folded import Folded
from crossdock.operate.shift_notes import KINDS
from crossdock.platform.store.database import EventLog

_LOG = logging.getLogger(__name__)
_KEPT = [*ACTIONS.values(), *COMMAND_KINDS, *KINDS]
_NAME, _FORM, _CASES = "present", "present-3", "case_events"


@dataclass(frozen=True)
class Kept:
    """What is folded from the events up to ``sequence``.

    Attributes
    ----------
    acted
        The events of what people did: with exceptions, what they commanded, their shift notes.
    """

    folded: Folded
    acted: pl.DataFrame
    sequence: int = 0

    @classmethod
    def nothing(cls) -> Kept:
        """Before the first event."""
        return cls(Folded(), pl.DataFrame(schema=EVENTS))

    def after(self, events: pl.DataFrame) -> Kept:
        """The same after ``events`` of the log, with their ``sequence``."""
        return Kept(
            self.folded.after(events.drop("sequence")),
            pl.concat([self.acted, actions(events)]),
            int(events["sequence"][-1]),
        )


def actions(events: pl.DataFrame) -> pl.DataFrame:
    """Those of ``events`` that tell of what people did."""
    return events.filter(pl.col("kind").is_in(_KEPT)).select(list(EVENTS))


def kept_state(log: EventLog) -> Kept:
    """The state that was kept last; nothing where it is of another version: the log has it all."""
    found = log.load_checkpoint(_NAME)
    if found is None:
        return Kept.nothing()
    sequence, content = found
    try:
        frames = unpacked_frames(content, _FORM)
    except InputUnusableError as error:
        _LOG.warning("the kept state is not used and the log is folded anew: %s", error.message)
        return Kept.nothing()
    return Kept(Folded.from_frames(frames), frames[_CASES], sequence)


def keep_state(log: EventLog, kept: Kept) -> None:
    """Keep a state in the place of the one before."""
    frames = {**kept.folded.to_frames(), _CASES: kept.acted}
    log.keep_checkpoint(_NAME, packed_frames(frames, _FORM), kept.sequence)
