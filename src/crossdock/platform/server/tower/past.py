"""What the tower knew at a past instant: the log up to then, folded as the present is.

Known at an instant is what the log holds up to the first event that was received later. A question
folds from the nearest state before it; on the way there, states are kept, so that the next question
near it folds little. A state shares its rows with the others: it costs the rows that were joined
anew since the one before.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass, fields, replace
from typing import cast

from crossdock.operate.cases import Cases
from crossdock.operate.exceptions import ExceptionState
from crossdock.operate.load_calls import LoadCalls
from crossdock.operate.present import Present
from crossdock.operate.shift_notes import ShiftNotes
from crossdock.operate.tracking import TrackingState
from crossdock.platform.server.tower.ground import Ground
from crossdock.platform.server.tower.keeping import Kept
from crossdock.platform.store.database import EventLog

_EVENTS_APART = 25_000
"""Of the states that are kept, at first; twice as many whenever there are too many states."""
_MOST_STATES = 32
_MOST_MOMENTS = 4
_BEFORE_ALL = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class Moment:
    """A past instant, looked at.

    Attributes
    ----------
    sequence
        Of the last event that was received by then.
    """

    present: Present
    cases: Cases
    notes: ShiftNotes
    ground: Ground
    sequence: int


@dataclass(frozen=True)
class _State:
    """How far a fold came.

    Attributes
    ----------
    received_at
        The latest of its events.
    is_last
        The event after it was received later than what was asked for: no more will come.
    """

    kept: Kept
    received_at: dt.datetime = _BEFORE_ALL
    is_last: bool = False


class Past:
    """The past of one tenant. One question is answered at a time.

    Parameters
    ----------
    events_apart
        Of the states that are kept.
    """

    def __init__(
        self, log: EventLog, *, events_apart: int = _EVENTS_APART, most_states: int = _MOST_STATES
    ) -> None:
        self._log = log
        self._events_apart = events_apart
        self._most_states = most_states
        self._states = [_State(Kept.nothing())]
        self._asked: OrderedDict[dt.datetime, tuple[Moment, _State]] = OrderedDict()
        self._asking = asyncio.Lock()

    @property
    def states(self) -> int:
        """How many states are kept, the empty one among them."""
        return len(self._states)

    async def at(self, instant: dt.datetime, ground: Ground) -> Moment:
        """What was known at ``instant``, with the plans of ``ground``."""
        async with self._asking:
            return await asyncio.to_thread(self._at, instant, ground)

    def _at(self, instant: dt.datetime, ground: Ground) -> Moment:
        moment, state = self._asked.pop(instant, (None, None))
        if state is None or not (state.is_last or self._log.last_sequence() == state.kept.sequence):
            moment, state = None, self._state_at(instant)
        if moment is None or moment.ground is not ground:
            moment = _looked_at(state.kept, ground, instant)
        self._asked[instant] = moment, state
        if len(self._asked) > _MOST_MOMENTS:
            self._asked.popitem(last=False)
        return moment

    def _state_at(self, instant: dt.datetime) -> _State:
        """The state after all that was received by ``instant``."""
        state = self._nearest(instant)
        for events in self._log.read(state.kept.sequence, batch=self._events_apart):
            is_later = events["received_at"] > instant
            known = events.head(is_later.arg_max() or 0) if is_later.any() else events
            if known.height:
                latest = cast("dt.datetime", known["received_at"].max())
                kept = state.kept.after(known)
                state = _State(_bare(kept), max(state.received_at, latest))
            if known.height < events.height:
                return replace(state, is_last=True)
            self._keep(state)
        return replace(state, is_last=False)

    def _nearest(self, instant: dt.datetime) -> _State:
        """The latest state that is known and holds nothing that was received later."""
        place = bisect_right(self._states, instant, key=lambda state: state.received_at)
        asked = (state for _, state in self._asked.values() if state.received_at <= instant)
        known = [self._states[place - 1], *asked]
        return max(known, key=lambda state: state.kept.sequence)

    def _keep(self, state: _State) -> None:
        if state.kept.sequence < self._states[-1].kept.sequence + self._events_apart:
            return
        self._states.append(state)
        if len(self._states) > self._most_states:
            self._states = self._states[::2]
            self._events_apart *= 2


def _looked_at(kept: Kept, ground: Ground, instant: dt.datetime) -> Moment:
    present = Present.of(_bare(kept).folded)
    present, _ = present.with_found(present.look_around(ground.plan, instant))
    # What a look gathers on the way takes more room than what it finds; and what answers gather
    # later goes with the moment, not into the state, which is kept for longer.
    present = replace(present, folded=_bare(kept).folded)
    cases, notes = Cases().after(kept.acted), ShiftNotes().after(kept.acted)
    return Moment(present, cases, notes, ground, kept.sequence)


def _bare(kept: Kept) -> Kept:
    """The same without what was gathered from it: rows alone, which it shares with others."""
    tracking, evidence = kept.folded.tracking, kept.folded.exceptions.evidence
    parts = {each.name: replace(getattr(tracking, each.name)) for each in fields(tracking)}
    folded = replace(
        kept.folded,
        tracking=TrackingState(**parts),
        exceptions=ExceptionState(replace(evidence)),
        load_calls=LoadCalls(replace(kept.folded.load_calls.calls)),
    )
    return replace(kept, folded=folded)
