"""The twin: plays a released plan in a world with luck, and tells what happens as events."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from crossdock.model.packing import packed_frames, unpacked_frames
from crossdock.simulate.twin import (
    afterwards,
    commands,
    dispatch,
    handoff,
    opening,
    pickup,
    road,
    sorting,
    street,
    yards,
)
from crossdock.simulate.twin.journal import Journal
from crossdock.simulate.twin.scene import TwinInput, set_scene
from crossdock.simulate.twin.stage import Stage
from crossdock.simulate.twin.state import DONE, Turn, opening_state, state_frames, state_of
from crossdock.simulate.twin.truth import Truth
from crossdock.simulate.twin.world import World

FORMAT = "twin-5"

_TURNS: Mapping[int, Callable[[Stage, int, int], None]] = {
    Turn.PICKUP: pickup.pick_up,
    Turn.WAVE: sorting.sort_wave,
    Turn.DEPART: road.depart,
    Turn.ARRIVE: road.arrive,
    Turn.HANDOFF: handoff.hand_over,
    Turn.PARTNER_END: handoff.end_at_partner,
    Turn.DISPATCH: dispatch.dispatch_morning,
    Turn.ROUTE_START: street.start_route,
    Turn.STOP: street.serve_stop,
    Turn.ROUTE_END: street.end_route,
    Turn.COUNTER_END: afterwards.end_at_counter,
    Turn.RETURN_END: afterwards.end_return,
    Turn.DECLARE_LOST: afterwards.declare_lost,
    Turn.SCRAP: afterwards.scrap,
}


class Twin:
    """Plays a plan. It can stop at any instant, be saved, go on, and take commands.

    Parameters
    ----------
    given
        The released plan, its orders, its network, and the seed.
    truth
        The world's rates.

    Notes
    -----
    Without commands the events are the same whether `advance` is called once or a thousand times.
    """

    def __init__(self, given: TwinInput, *, truth: Truth | None = None) -> None:
        scene = set_scene(given)
        rates = truth or Truth()
        journal = Journal(scene.chance, rates, scene.parcels.ids, scene.parcels.keys)
        journal.now = scene.starts_at
        self._stage = Stage(scene, World(scene.chance, rates), journal, opening_state(scene))
        yards.open_yards(self._stage)
        opening.open_network(self._stage)
        pickup.open_day(self._stage)
        sorting.set_waves(self._stage)
        road.set_departures(self._stage)
        dispatch.set_routes(self._stage)
        handoff.set_handoffs(self._stage)

    @property
    def now(self) -> int:
        """Seconds since the epoch: everything before it has happened."""
        return self._stage.state.now

    @property
    def ends_at(self) -> int:
        """Instant at which the run ends at the latest."""
        return self._stage.scene.ends_at

    @property
    def starts_at(self) -> int:
        """Instant of the first order."""
        return self._stage.scene.starts_at

    @property
    def finished(self) -> bool:
        """Every parcel has come to its end, or the run's time is over, and all is told."""
        state = self._stage.state
        over = state.now > self.ends_at
        done = bool(np.isin(state.parcels["where"], DONE).all())
        return (over or done) and self._stage.journal.frames()["waiting"].is_empty()

    @property
    def next_at(self) -> int:
        """Earliest instant at which something may happen or be received."""
        state = self._stage.state
        happens = state.heap[0][0] if state.heap else self.ends_at + 1
        return max(state.now, min(happens, self._stage.journal.next_at))

    def advance(self, until: int) -> pl.DataFrame:
        """Play up to ``until``.

        Parameters
        ----------
        until
            Seconds since the epoch; an earlier instant than `now` plays nothing.

        Returns
        -------
        polars.DataFrame
            Schema ``EVENTS``: what was received before ``until`` and not given before, in the
            order of reception.
        """
        state = self._stage.state
        last = min(until, self.ends_at + 1)
        while state.heap and state.heap[0][0] < last:
            at, _, turn, first, second = heapq.heappop(state.heap)
            state.now = self._stage.journal.now = at
            _TURNS[turn](self._stage, first, second)
        state.now = max(state.now, until)
        return self._stage.journal.received(until)

    def command(self, kind: str, told: Mapping[str, object]) -> None:
        """Take a command (a kind ``command_*`` of `crossdock.model.event.EVENT_KINDS`) now.

        What follows from it is told; the command's own event is kept by who gave it.

        Raises
        ------
        InvalidValueError
            The command or what it names does not exist, or can no longer be done.
        """
        commands.obey(self._stage, kind, told)

    def whereabouts(self) -> pl.DataFrame:
        """Where each parcel is now: ``parcel_id, where, at, attempts``; one row a parcel."""
        return self._stage.whereabouts()

    def equipment(self) -> pl.DataFrame:
        """Own line-haul units now: ``carrier_id, vehicle_type, facility_id, load_id, units``.

        What stands has a facility, what rolls has a load.
        """
        return yards.equipment(self._stage)

    def save(self) -> bytes:
        """The whole state, to be taken up by `Twin.resume`."""
        frames = {**state_frames(self._stage.state), **self._stage.journal.frames()}
        return packed_frames(frames, FORMAT)

    @classmethod
    def resume(cls, given: TwinInput, saved: bytes, *, truth: Truth | None = None) -> Twin:
        """The twin that `save` saved, of the same input.

        Raises
        ------
        InputUnusableError
            ``saved`` is no saved state of this version.
        """
        twin = cls.__new__(cls)
        scene = set_scene(given)
        rates = truth or Truth()
        frames = unpacked_frames(saved, FORMAT)
        journal = Journal(scene.chance, rates, scene.parcels.ids, scene.parcels.keys)
        journal.restore(frames)
        twin._stage = Stage(scene, World(scene.chance, rates), journal, state_of(frames))
        return twin
