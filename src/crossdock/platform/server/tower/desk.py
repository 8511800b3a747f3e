"""One tenant's live tower: commits what comes in, keeps the present, tells what changed.

Three things happen beside each other:

- *committing* (`committing`): a batch is acknowledged when it is on the disk.
- *following*: what was committed is folded; each event of a parcel is told with the parcel's
  new status. Exceptions of the parcels that were named are looked at a moment later.
- *looking around*: now and then everything is looked at, since silence and passing promises come
  with no event.

Messages are committed to the outbox before they are published, with the sequence of the log that
they cover (`telling`): a server that dies goes on where its outbox ends, so that nothing is left
untold.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass

import polars as pl

from crossdock.operate.cases import Cases
from crossdock.operate.present import Present
from crossdock.operate.shift_notes import ShiftNotes
from crossdock.operate.tracking import PlanView, parcel_statuses
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.server.tower.committing import GroupCommit, Taken
from crossdock.platform.server.tower.ground import Ground
from crossdock.platform.server.tower.hub import Hub
from crossdock.platform.server.tower.keeping import Kept, keep_state, kept_state
from crossdock.platform.server.tower.messages import Told, event_messages, exception_messages
from crossdock.platform.server.tower.news import news_of
from crossdock.platform.server.tower.past import Past
from crossdock.platform.server.tower.telling import Teller
from crossdock.platform.store.database import AppendedRows, EventRow, Outbox, Store

_LOG = logging.getLogger(__name__)
_LONGEST_PAUSE_S = 0.04
_PAUSE_FOR = 1.5
"""A fold costs much the same for one event and for a thousand, so under load they are folded
together: after each follows a pause of so many times what it took. What comes alone is folded at
once."""
_LOOK_EVERY_S = 0.5
_QUICK_S = 0.2
"""A look around that is quicker than this is waited for by who reads."""
_SAVE_EVERY_EVENTS = 200_000

Obeyer = Callable[[Callable[[dt.datetime], EventRow]], Awaitable[Taken]]
"""Who carries out commands: a twin that plays the day. It is given how to make the event of a
command at an instant, obeys, commits the event, and raises `InvalidValueError` where it cannot be
done."""


@dataclass(frozen=True)
class _ToTell:
    """Messages of what was folded.

    Attributes
    ----------
    kept
        What is known after it.
    events, commits
        How many it was.
    """

    messages: Sequence[Told]
    kept: Kept
    events: int
    commits: int


class Desk:
    """The live tower of a tenant. Its coroutines run on one event loop.

    Parameters
    ----------
    now
        The tenant's clock: the world's, or a twin's.
    ground
        The released plans at the start; see `stand_on`.

    Attributes
    ----------
    past
        What was known at past instants.
    teller
        Numbers and replays what was told; there once the desk has started.
    obeyed_by
        Carries out commands; None: their events are committed for others to obey.
    """

    teller: Teller
    obeyed_by: Obeyer | None = None

    def __init__(
        self,
        store: Store,
        tenant: str,
        settings: ServerSettings,
        now: Callable[[], dt.datetime],
        ground: Ground | None = None,
    ) -> None:
        self.tenant = tenant
        self.hub = Hub(settings.stream_queue)
        self.log = store.log(tenant)
        self.outbox = Outbox(store.backend, tenant)
        self.present = Present()
        self.cases = Cases()
        self.past = Past(self.log)
        self.notes = ShiftNotes()
        self.ground = ground or Ground()
        self.now = now
        self.obeyed_by: Obeyer | None = None
        self._settings = settings
        wait_s = settings.commit_wait_ms / 1_000
        self._committing = GroupCommit(self.log, wait_s, self._pass_on)
        self._committed: asyncio.Queue[AppendedRows] = asyncio.Queue()
        self._committed_upto = 0
        self._to_tell: asyncio.Queue[_ToTell] = asyncio.Queue(maxsize=1)
        self._kept = Kept.nothing()
        self._unsaved = 0
        self._touched: list[pl.Series] = []
        self._heard_since: list[pl.Series] = []
        self._touch = asyncio.Event()
        self._looking = False
        self._look_around_soon = asyncio.Event()
        self._looking_around = False
        self._look_around_s = 0.0
        self._readers = 0
        self._hurry = asyncio.Event()
        self._progress = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Take up what the store knows, tell what was not told, and begin."""
        await asyncio.to_thread(self._take_up)
        found = await asyncio.to_thread(self.present.look_around, self.plan, self.now())
        self.present, _ = self.present.with_found(found)
        for task in (
            self._committing.run(),
            self._follow_forever(),
            self._tell_of_events_forever(),
            self._look_at_touched_forever(),
            self._look_around_forever(),
        ):
            self._tasks.append(asyncio.create_task(task))

    @property
    def works(self) -> bool:
        """Whether the tower still commits, follows and looks around."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    async def stop(self) -> None:
        """Finish what was taken, keep the present, end the streams."""
        await self.settle()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # Where telling has failed, what was not told must be read again.
        if self._unsaved and self.teller.sequence >= self._kept.sequence:
            await asyncio.to_thread(self._save, self._kept)
        self.hub.close()

    async def settle(self) -> None:
        """Wait until everything that was offered is committed, folded and told."""
        with self._hurried():
            settling = asyncio.create_task(self._all_done())
            # Where a task has failed nothing would ever be done.
            await asyncio.wait({settling, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
            settling.cancel()

    @property
    def plan(self) -> PlanView:
        """What the released plans say."""
        return self.ground.plan

    @property
    def acted(self) -> pl.DataFrame:
        """Events of what people did and commanded (`keeping.actions`)."""
        return self._kept.acted

    def stand_on(self, ground: Ground) -> None:
        """Follow other released plans from now on."""
        self.ground = ground
        self._look_around_soon.set()

    async def take(self, rows: Sequence[EventRow]) -> Taken:
        """Commit events for good."""
        if not rows:
            return Taken(0, 0, self._committed_upto)
        return await self._committing.take(rows)

    async def heard(self, sequence: int) -> None:
        """Wait until the events up to a sequence are folded and told."""
        while self.teller.sequence < sequence and self.works:
            await self._progress.wait()

    async def caught_up(self, most_s: float, *, looked: bool = False) -> None:
        """Wait a moment until what is committed is folded: who brings an event can read it.

        Parameters
        ----------
        looked
            Wait until exceptions were looked for too, where that is quick.
        """
        with self._hurried(), contextlib.suppress(TimeoutError):
            async with asyncio.timeout(most_s):
                await self.heard(self._committed_upto)
                while looked and self.works and self._is_looking():
                    await self._progress.wait()

    async def _all_done(self) -> None:
        await self._committing.join()
        await self._committed.join()

    @contextlib.contextmanager
    def _hurried(self) -> Generator[None]:
        """Somebody waits: fold and look without a pause."""
        self._readers += 1
        self._hurry.set()
        try:
            yield
        finally:
            self._readers -= 1
            if not self._readers:
                self._hurry.clear()

    def _is_looking(self) -> bool:
        around = self._look_around_soon.is_set() or self._looking_around
        quick = self._look_around_s < _QUICK_S
        return bool(self._touched) or self._looking or (around and quick)

    def _pass_on(self, appended: AppendedRows) -> None:
        self._committed_upto = appended.last_sequence
        self._committed.put_nowait(appended)

    async def _follow_forever(self) -> None:
        while True:
            commits = [await self._committed.get()]
            while not self._committed.empty():
                commits.append(self._committed.get_nowait())
            began_s = time.monotonic()
            await self._follow(commits)
            took_s = time.monotonic() - began_s
            await self._pause(self._hurry, min(_PAUSE_FOR * took_s, _LONGEST_PAUSE_S))

    async def _follow(self, commits: Sequence[AppendedRows]) -> None:
        news = await asyncio.to_thread(news_of, self.present, commits)
        # A look may have changed the exceptions meanwhile; this pass changes the others.
        self.present = news.present.with_exceptions_of(self.present)
        sequence = commits[-1].sequences[-1]
        acts = self._kept.acted
        if len(news.acted):
            self.cases = self.cases.after(news.acted)
            self.notes = self.notes.after(news.acted)
            acts = pl.concat([acts, news.acted])
        self._kept = Kept(self.present.folded, acts, sequence)
        if len(news.named):
            self._heard_since.append(news.named)
            self._touched.append(news.named)
            self._touch.set()
        if news.of_more:
            self._look_around_soon.set()
        await self._to_tell.put(_ToTell(news.messages, self._kept, news.events, len(commits)))

    async def _tell_of_events_forever(self) -> None:
        """Tell what was folded while more is folded."""
        while True:
            told = await self._to_tell.get()
            try:
                await self._tell(told.messages, sequence=told.kept.sequence)
            finally:
                for _ in range(told.commits):
                    self._committed.task_done()
            self._unsaved += told.events
            if self._unsaved >= _SAVE_EVERY_EVENTS:
                # Not what is folded by now: what was not told yet must be read again.
                await asyncio.to_thread(self._save, told.kept)

    async def _look_at_touched_forever(self) -> None:
        while True:
            await self._touch.wait()
            await self._pause(self._hurry, _LOOK_EVERY_S)
            touched = pl.concat(self._touched).unique()
            self._touched = []
            self._touch.clear()
            self._looking = True
            try:
                found = await asyncio.to_thread(
                    self.present.look_at, touched, self.plan, self.now()
                )
                # Those of whom more was heard meanwhile are looked at again.
                self.present, changes = self.present.with_found(
                    found, among=touched, besides=_together(self._touched)
                )
            finally:
                self._looking = False
            await self._tell(exception_messages(changes))

    async def _look_around_forever(self) -> None:
        while True:
            # A look that takes long is taken less often, so that it never fills the machine.
            least_s = max(_LOOK_EVERY_S, 5 * self._look_around_s)
            await asyncio.sleep(least_s)
            await self._pause(self._look_around_soon, self._settings.sweep_s - least_s)
            began_s = time.monotonic()
            try:
                changes = await self._look_around()
            except Exception:
                _LOG.exception("looking around failed for %s", self.tenant)
                changes = pl.DataFrame()
            self._look_around_s = time.monotonic() - began_s
            await self._tell(exception_messages(changes))

    async def _look_around(self) -> pl.DataFrame:
        """Take up what is wrong anywhere; returns what that changes."""
        self._look_around_soon.clear()
        self._looking_around = True
        self._heard_since = []
        try:
            found = await asyncio.to_thread(self.present.look_around, self.plan, self.now())
            self.present, changes = self.present.with_found(
                found, besides=_together(self._heard_since)
            )
        finally:
            self._looking_around = False
        return changes

    async def _pause(self, unless: asyncio.Event, most_s: float) -> None:
        """Let more come together, unless something is due."""
        # Not wait_for: it forgets a cancellation that comes together with the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(most_s):
                await unless.wait()

    async def _tell(self, messages: Sequence[Told], *, sequence: int = 0) -> None:
        await self.teller.tell(messages, sequence=sequence)
        self._progress.set()
        self._progress = asyncio.Event()

    def _take_up(self) -> None:
        """The present of the kept state and what the log has since; tell what was not told."""
        replayed = self._settings.stream_replay
        self.teller = Teller(self.outbox, self.hub, self.now, replayed)
        kept = kept_state(self.log)
        untold: list[pl.DataFrame] = []
        for events in self.log.read(kept.sequence):
            kept = kept.after(events)
            untold.append(events.filter(pl.col("sequence") > self.teller.sequence))
            self._unsaved += events.height
        self._kept = kept
        self.present = Present.of(kept.folded)
        self.cases = Cases().after(kept.acted)
        self.notes = ShiftNotes().after(kept.acted)
        self._committed_upto = max(kept.sequence, self.teller.sequence)
        messages: list[Told] = []
        if untold and self.teller.number:  # before the first message nobody has listened
            events = pl.concat(untold)
            named = events["parcel_id"].drop_nulls().unique()
            statuses = parcel_statuses(kept.folded.tracking.of_parcels(named))
            messages = event_messages(events, statuses, self.present)
        self.teller.catch_up(messages, self._committed_upto)

    def _save(self, kept: Kept) -> None:
        keep_state(self.log, kept)
        self._unsaved = 0


def _together(named: Sequence[pl.Series]) -> pl.Series | None:
    """Every parcel that is named."""
    return pl.concat(named).unique() if named else None
