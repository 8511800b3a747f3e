"""One tenant's live tower: commits what comes in, keeps the present, tells what changed.

Three things happen beside each other:

- *committing*: batches that arrive together go into the log in one durable transaction; only then
  is each acknowledged.
- *following*: what was committed is folded; each event of a parcel is told with the parcel's
  new status. Exceptions of the parcels that were named are looked at a moment later.
- *looking around*: now and then everything is looked at, since silence and passing promises come
  with no event.

Messages are committed to the outbox before they are published, with the sequence of the log that
they cover: a server that dies goes on where its outbox ends, so that nothing is left untold.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import io
import logging
import time
import zipfile
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import msgspec
import polars as pl

from crossdock.model.event import EVENTS, PARCEL_STATUSES
from crossdock.operate.cases import ACTIONS, Cases
from crossdock.operate.folded import Folded
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView, parcel_statuses
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.server.tower.chart import vehicle_rows
from crossdock.platform.server.tower.ground import Ground
from crossdock.platform.server.tower.hub import Hub
from crossdock.platform.store.database import (
    AppendedRows,
    EventRow,
    Message,
    Outbox,
    Store,
    frame_of,
)

_LOG = logging.getLogger(__name__)
_CHECKPOINT, _CASES = "present", "case_events"
_FOLLOW_EVERY_S = 0.12
"""A fold costs much the same for one event and for a thousand: under load they are folded together,
so that who brings events does not wait for who watches."""
_LOOK_EVERY_S = 0.5
_GLANCE_S = 0.05
_QUICK_S = 0.2
"""A look around that is quicker than this is waited for by who reads."""
_ROWS_A_COMMIT = 20_000
_SAVE_EVERY_EVENTS = 200_000
_OF_PARCELS_ALONE = [*(kind for kind in PARCEL_STATUSES if kind != "unknown"), "position"]
"""After these it is enough to look at the parcels they name; ``unknown`` is a code without a
mapping, which is looked for beside the parcels."""
_NOBODY = pl.Series("parcel_id", [], dtype=pl.String)
_MESSAGE_FIELDS = ("exception_id", "kind", "severity", "subject", "parcel_id", "load_id",
                   "facility_id", "opened_at", "closed_at", "promises_at_risk",
                   "money_at_risk_usd", "change")  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """What became of a batch: how many were new, how many known, and where the log ends now."""

    accepted: int
    duplicates: int
    last_sequence: int


@dataclass(frozen=True)
class _Offer:
    rows: Sequence[EventRow]
    answer: asyncio.Future[Taken]


class Desk:
    """The live tower of a tenant. Its coroutines run on one event loop.

    Parameters
    ----------
    now
        The tenant's clock: the world's, or a twin's.
    ground
        The released plans at the start; see `stand_on`.
    """

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
        self.ground = ground or Ground()
        self.now = now
        self._settings = settings
        self._offers: asyncio.Queue[_Offer] = asyncio.Queue()
        self._committed: asyncio.Queue[AppendedRows] = asyncio.Queue()
        self._touched = _NOBODY
        self._heard_since = _NOBODY
        self._case_events = pl.DataFrame(schema=EVENTS)
        self._number = 0
        self._sequence = 0
        self._unsaved = 0
        self._committed_upto = 0
        self._looking = False
        self._looks_around_soon = False
        self._looking_around = False
        self._look_around_s = 0.0
        self._readers = 0
        self._hurry = asyncio.Event()
        self._touch = asyncio.Event()
        self._telling = asyncio.Lock()
        self._progress = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.looked_at: dt.datetime | None = None

    async def start(self) -> None:
        """Take up what the store knows, tell what was not told, and begin."""
        await asyncio.to_thread(self._take_up)
        found = await asyncio.to_thread(self.present.look_around, self.plan, self.now())
        self.present, _ = self.present.with_found(found)
        self.looked_at = self.now()
        for task in (
            self._commit_forever(),
            self._follow_forever(),
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
        if self._unsaved:
            await asyncio.to_thread(self._save)
        self.hub.close()

    async def settle(self) -> None:
        """Wait until everything that was offered is committed, folded and told."""
        with self._hurried():
            settling = asyncio.create_task(self._all_done())
            # Where a task has failed nothing would ever be done.
            await asyncio.wait({settling, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
            settling.cancel()

    async def _all_done(self) -> None:
        await self._offers.join()
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

    async def take(self, rows: Sequence[EventRow]) -> Taken:
        """Commit events for good."""
        if not rows:
            return Taken(0, 0, self._sequence)
        answer: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        self._offers.put_nowait(_Offer(rows, answer))
        return await answer

    async def heard(self, sequence: int) -> None:
        """Wait until the events up to a sequence are folded and told."""
        while self._sequence < sequence and self.works:
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

    def _is_looking(self) -> bool:
        around = self._looks_around_soon or self._looking_around
        quick = self._look_around_s < _QUICK_S
        return bool(len(self._touched)) or self._looking or (around and quick)

    @property
    def plan(self) -> PlanView:
        """What the released plans say."""
        return self.ground.plan

    def stand_on(self, ground: Ground) -> None:
        """Follow other released plans from now on."""
        self.ground = ground
        self._looks_around_soon = True

    @property
    def lag(self) -> int:
        """Committed batches that are not folded yet."""
        return self._committed.qsize()

    async def _commit_forever(self) -> None:
        while True:
            offers = await self._company()
            try:
                appended = await asyncio.to_thread(self._append, offers)
            except Exception as error:  # whoever offered is told
                await self._one_by_one(offers, error)
            else:
                self._answer(offers, appended)
                self._pass_on(appended)
            finally:
                for _ in offers:
                    self._offers.task_done()

    async def _company(self) -> list[_Offer]:
        """What waits, after a moment in which more may come."""
        offers = [await self._offers.get()]
        rows = len(offers[0].rows)
        if self._offers.empty():
            await asyncio.sleep(self._settings.commit_wait_ms / 1_000)
        while rows < _ROWS_A_COMMIT and not self._offers.empty():
            offer = self._offers.get_nowait()
            rows += len(offer.rows)
            offers.append(offer)
        return offers

    def _append(self, offers: Sequence[_Offer]) -> AppendedRows:
        return self.log.append_rows([row for offer in offers for row in offer.rows])

    async def _one_by_one(self, offers: Sequence[_Offer], error: Exception) -> None:
        """A commit of several failed: commit each alone, so that one does not fail the others."""
        for offer in offers:
            try:
                if len(offers) == 1:
                    raise error
                appended = await asyncio.to_thread(self._append, [offer])
            except Exception as own:
                if not offer.answer.done():
                    offer.answer.set_exception(own)
            else:
                self._answer([offer], appended)
                self._pass_on(appended)

    def _answer(self, offers: Sequence[_Offer], appended: AppendedRows) -> None:
        """Tell each batch how many of its events were new.

        Events that two batches of one commit share count for the first.
        """
        fresh: set[tuple[str, str]] = set()
        if appended.duplicates:
            fresh.update((row[1], row[2]) for row in appended.rows)
        for offer in offers:
            accepted = len(offer.rows)
            if appended.duplicates:
                mine = fresh.intersection((row[1], row[2]) for row in offer.rows)
                fresh -= mine
                accepted = len(mine)
            if not offer.answer.done():  # else nobody waits for it any more
                repeated = len(offer.rows) - accepted
                offer.answer.set_result(Taken(accepted, repeated, appended.last_sequence))

    def _pass_on(self, appended: AppendedRows) -> None:
        if appended.accepted:
            self._committed_upto = appended.last_sequence
            self._committed.put_nowait(appended)

    async def _follow_forever(self) -> None:
        while True:
            commits = [await self._committed.get()]
            while not self._committed.empty():
                commits.append(self._committed.get_nowait())
            try:
                await self._follow(await asyncio.to_thread(_events_of, commits))
            finally:
                for _ in commits:
                    self._committed.task_done()
            await self._pause(_FOLLOW_EVERY_S)

    async def _look_at_touched_forever(self) -> None:
        while True:
            await self._touch.wait()
            await self._pause(_LOOK_EVERY_S)
            await self._look_at_touched()

    async def _pause(self, most_s: float) -> None:
        """Let more come together, unless somebody waits."""
        # Not wait_for: it forgets a cancellation that comes together with the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(most_s):
                await self._hurry.wait()

    async def _follow(self, events: pl.DataFrame) -> None:
        present, statuses = await asyncio.to_thread(self.present.after, events)
        # Another look may have changed the exceptions meanwhile; this pass changes the others.
        self.present = present.with_exceptions_of(self.present)
        acted = events.filter(pl.col("kind").is_in(list(ACTIONS.values())))
        if not acted.is_empty():
            self.cases = self.cases.after(acted)
            self._case_events = pl.concat([self._case_events, acted.select(list(EVENTS))])
        named = statuses["parcel_id"]
        self._touched = pl.concat([self._touched, named]).unique()
        if len(self._touched):
            self._touch.set()
        self._heard_since = pl.concat([self._heard_since, named]).unique()
        self._looks_around_soon |= not events["kind"].is_in(_OF_PARCELS_ALONE).all()
        self._unsaved += events.height
        last = int(events["sequence"][-1])
        seen = events.filter(pl.col("kind") == "position")["vehicle_id"].drop_nulls().unique()
        told = [
            *_parcel_messages(events, statuses),
            *_case_messages(acted),
            *(_position_messages(self.present, seen) if len(seen) else ()),
        ]
        await self._tell(told, sequence=last)
        if self._unsaved >= _SAVE_EVERY_EVENTS:
            await asyncio.to_thread(self._save)

    async def _look_at_touched(self) -> None:
        touched, self._touched = self._touched, _NOBODY
        self._touch.clear()
        self._looking = True
        try:
            found = await asyncio.to_thread(self.present.look_at, touched, self.plan, self.now())
            # Those of whom more was heard meanwhile are looked at again.
            self.present, changes = self.present.with_found(
                found, among=touched, besides=self._touched
            )
        finally:
            self._looking = False
        await self._tell(_exception_messages(changes), sequence=0)

    async def _look_around_forever(self) -> None:
        while True:
            # A look that takes long is taken less often, so that it never fills the machine.
            await self._wait_to_look_around(max(_LOOK_EVERY_S, 5 * self._look_around_s))
            began_s = time.monotonic()
            self._looks_around_soon, self._looking_around = False, True
            self._heard_since = _NOBODY
            at = self.now()
            try:
                found = await asyncio.to_thread(self.present.look_around, self.plan, at)
                self.present, changes = self.present.with_found(found, besides=self._heard_since)
                self.looked_at, self._looking_around = at, False
                await self._tell(_exception_messages(changes), sequence=0)
            except Exception:
                _LOG.exception("looking around failed for %s", self.tenant)
            self._look_around_s = time.monotonic() - began_s

    async def _wait_to_look_around(self, least_s: float) -> None:
        await asyncio.sleep(least_s)
        ends_s = time.monotonic() + max(0.0, self._settings.sweep_s - least_s)
        while time.monotonic() < ends_s and not self._looks_around_soon:
            await asyncio.sleep(_GLANCE_S)

    async def _tell(self, messages: Sequence[tuple[str, bytes]], *, sequence: int) -> None:
        """Commit messages to the outbox, then publish them."""
        async with self._telling:  # packets are committed in the order of their numbers
            if messages:
                covered = max(self._sequence, sequence)
                told = await asyncio.to_thread(
                    self.outbox.append, self._number + 1, messages, sequence=covered, now=self.now()
                )
                self._number = told[-1].number
                self.hub.publish(told)
            self._sequence = max(self._sequence, sequence)
        self._progress.set()
        self._progress = asyncio.Event()

    def replay(self, after: int) -> list[Message] | None:
        """The messages after a number; None where they are too many or no longer kept."""
        if after > self._number:
            return None
        if after == self._number:
            return []
        first = self.outbox.first_kept()
        if first == 0 or after + 1 < first or self._number - after > self._settings.stream_replay:
            return None
        return self.outbox.after(after, most=self._settings.stream_replay)

    @property
    def last_number(self) -> int:
        """Number of the last message."""
        return self._number

    def _take_up(self) -> None:
        """The present of the kept state and what the log has since; tell what was not told."""
        self._number, told_upto = self.outbox.last()
        kept = self.log.load_checkpoint(_CHECKPOINT)
        after, folded, acted = 0, Folded(), self._case_events
        if kept is not None:
            after, (folded, acted) = kept[0], _unpacked(kept[1])
        untold: list[pl.DataFrame] = []
        for frame in self.log.read(after):
            cases = frame.filter(pl.col("kind").is_in(list(ACTIONS.values())))
            acted = pl.concat([acted, cases.select(list(EVENTS))])
            folded = folded.after(frame.drop("sequence"))
            after = int(frame["sequence"][-1])
            untold.append(frame.filter(pl.col("sequence") > told_upto))
            self._unsaved += frame.height
        self.present = Present.of(folded)
        self.cases, self._case_events = Cases().after(acted), acted
        self._sequence = self._committed_upto = max(told_upto, after)
        missed = pl.concat(untold) if untold else pl.DataFrame()
        if self._number and not missed.is_empty():  # with an empty outbox nobody has listened yet
            named = missed["parcel_id"].drop_nulls().unique()
            statuses = parcel_statuses(folded.tracking.of_parcels(named))
            messages = [*_parcel_messages(missed, statuses), *_case_messages(missed)]
            if messages:
                first, self._number = self._number + 1, self._number + len(messages)
                self.outbox.append(first, messages, sequence=self._sequence, now=self.now())

    def _save(self) -> None:
        self.log.keep_checkpoint(
            _CHECKPOINT, _packed(self.present.folded, self._case_events), self._sequence
        )
        self._unsaved = 0


def _events_of(commits: Sequence[AppendedRows]) -> pl.DataFrame:
    """The new events of several commits, with their sequences."""
    rows = [row for commit in commits for row in commit.rows]
    return frame_of(rows, [at for commit in commits for at in commit.sequences])


def _parcel_messages(events: pl.DataFrame, statuses: pl.DataFrame) -> list[tuple[str, bytes]]:
    """One message an event of a parcel, with the parcel's new status."""
    shown = (
        "parcel_id", "status", "status_at", "last_event_at", "kind", "occurred_at", "facility_id",
        "sequence",
    )  # fmt: skip
    rows = (
        events.filter(pl.col("parcel_id").is_not_null())
        .drop("facility_id")
        .join(
            statuses.select("parcel_id", "status", "status_at", "last_event_at", "facility_id"),
            on="parcel_id",
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.col(pl.Datetime).dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ"))
        .select(told=pl.struct(shown).struct.json_encode())
    )
    return [("parcel", told.encode()) for told in rows["told"]]


def _position_messages(present: Present, vehicle_ids: pl.Series) -> list[tuple[str, bytes]]:
    """Where vehicles are now, one message each."""
    encode = msgspec.json.Encoder().encode
    return [("position", encode(row)) for row in vehicle_rows(present, vehicle_ids)]


def _exception_messages(changes: pl.DataFrame) -> list[tuple[str, bytes]]:
    encode = msgspec.json.Encoder().encode
    rows = changes.select(_MESSAGE_FIELDS) if not changes.is_empty() else changes
    return [("exception", encode(row)) for row in rows.to_dicts()]


def _case_messages(events: pl.DataFrame) -> list[tuple[str, bytes]]:
    """One message an action on an exception, as its payload tells of it."""
    acted = events.filter(
        pl.col("kind").is_in(list(ACTIONS.values())) & pl.col("payload").is_not_null()
    )
    return [("case", payload.encode()) for payload in acted["payload"]]


def _packed(folded: Folded, acted: pl.DataFrame) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, frame in {**folded.to_frames(), _CASES: acted}.items():
            table = io.BytesIO()
            frame.write_ipc(table, compression="zstd")
            archive.writestr(name, table.getvalue())
    return packed.getvalue()


def _unpacked(content: bytes) -> tuple[Folded, pl.DataFrame]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        frames = {name: pl.read_ipc(io.BytesIO(archive.read(name))) for name in archive.namelist()}
    return Folded.from_frames(frames), frames[_CASES]
