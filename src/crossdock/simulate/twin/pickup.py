"""Merchants' parcels are labelled, picked up between 16:00 and 18:30, and brought to the origin."""

from __future__ import annotations

import datetime as dt

import numpy as np

from crossdock.simulate.twin.journal import payload
from crossdock.simulate.twin.stage import Stage
from crossdock.simulate.twin.state import Turn, Where

_FROM = dt.time(16)
_LONGEST_S = 9_000  # † network.md §3: pick-up 16-19
_RIDE_S = (900.0, 3_000.0)
_LATEST_S = 12_000  # the last van is in by 19:20


def open_day(stage: Stage) -> None:
    """Tell of every label, and have each origin's vans go out on each ship day."""
    scene, columns = stage.scene, stage.state.parcels
    parcels = scene.parcels
    ordered = np.flatnonzero(parcels.available == 0)
    stage.journal.tell_parcels(
        "label_created",
        [f"merchant:{parcels.merchants[int(at)]}" for at in ordered],
        parcels.created[ordered],
        ordered,
    )
    columns["hold_until"][:] = [date.toordinal() for date in parcels.ship_dates]
    days = np.column_stack([parcels.origin, columns["hold_until"]])
    rounds = np.unique(days[ordered], axis=0)
    for origin, day in rounds.tolist():
        _plan_round(stage, origin, day)


def pick_up(stage: Stage, origin: int, day: int) -> None:
    """The vans of an origin's day collect; a merchant who is not ready waits a day."""
    scene, columns, truth = stage.scene, stage.state.parcels, stage.truth
    waiting = np.flatnonzero(
        (columns["where"] == Where.MERCHANT)
        & (columns["at"] == origin)
        & (columns["hold_until"] == day)
    )
    keys = scene.parcels.merchant_keys[waiting]
    late = stage.chance.uniform("late pick-up", keys, day) < truth.late_pickup_probability
    start = stage.state.now
    taken, kept = waiting[~late], waiting[late]
    at = start + (
        _LONGEST_S * stage.chance.uniform("pick-up", scene.parcels.merchant_keys[taken], day)
    ).astype(np.int64)
    ride = stage.chance.between(*_RIDE_S, "ride in", scene.parcels.merchant_keys[taken], day)
    arrived = np.minimum(at + ride.astype(np.int64), start + _LATEST_S)
    name = stage.place(origin)
    van = f"vehicle:{name}-pickup"
    stage.journal.tell_parcels(
        "picked_up",
        van,
        at,
        taken,
        told=[payload(merchant_id=scene.parcels.merchants[int(at)]) for at in taken],
    )
    stage.journal.tell_parcels("arrived_facility", f"station:{name}", arrived, taken, facility=name)
    stage.bring_in(taken, origin, arrived, arrived)
    if len(kept):
        told = payload(reason="not ready", owner="shipper")
        stage.journal.tell_parcels("pickup_failed", van, start + _LONGEST_S, kept, told=told)
        date = dt.date.fromordinal(day) + dt.timedelta(days=1)
        following = scene.calendar.next_open([scene.calendar_of[name]], date).toordinal()
        columns["hold_until"][kept] = following
        _plan_round(stage, origin, following)


def _plan_round(stage: Stage, origin: int, day: int) -> None:
    at = stage.scene.instant(origin, dt.date.fromordinal(day), _FROM)
    wakes = {
        (first, second) for _, _, turn, first, second in stage.state.heap if turn == Turn.PICKUP
    }
    if (origin, day) not in wakes:
        stage.state.wake(at, Turn.PICKUP, origin, day)
