"""What can befall a parcel beside the plan: loss, damage, counters, returns."""

from __future__ import annotations

import numpy as np

from crossdock.simulate.twin.chance import key_of
from crossdock.simulate.twin.journal import payload
from crossdock.simulate.twin.stage import Ints, Stage
from crossdock.simulate.twin.state import Turn, Where

_SCRAP_S = 6 * 3600
_SHORTEST_RETURN_S = 2 * 24 * 3600


def mishaps(stage: Stage, facility: int, parcels: Ints) -> Ints:
    """Let a few sorted parcels be lost or damaged; returns those that go on."""
    if not len(parcels):
        return parcels
    truth, place = stage.truth, key_of(stage.place(facility))
    keys = stage.scene.parcels.keys[parcels]
    lost = stage.chance.uniform("lost", keys, place) < truth.loss_per_touch
    hurt = stage.chance.uniform("damaged", keys, place) < truth.damage_per_touch
    for parcel in parcels[lost].tolist():
        stage.put(np.array([parcel]), Where.ASTRAY, facility)
        stage.state.wake(stage.state.now + truth.lost_after_s, Turn.DECLARE_LOST, parcel)
    beyond = stage.chance.uniform("beyond", keys, place) < truth.beyond_delivery_share
    for parcel, ruined in zip(
        parcels[hurt & ~lost].tolist(), beyond[hurt & ~lost].tolist(), strict=True
    ):
        _damage(stage, facility, parcel, ruined=ruined)
    return parcels[~lost & ~(hurt & beyond)]


def _damage(stage: Stage, facility: int, parcel: int, *, ruined: bool) -> None:
    name, now = stage.place(facility), stage.state.now
    told = payload(reason="sorter", owner="carrier", beyond_delivery=ruined)
    stage.journal.tell_parcels(
        "damaged", f"station:{name}", now + 60, np.array([parcel]), facility=name, told=told
    )
    if ruined:
        stage.put(np.array([parcel]), Where.RETURN, facility)
        stage.state.wake(now + _SCRAP_S, Turn.SCRAP, parcel, facility)


def scrap(stage: Stage, parcel: int, facility: int) -> None:
    """A parcel that cannot be delivered any more is disposed of."""
    name = stage.place(facility)
    stage.journal.tell_parcels(
        "destroyed", f"station:{name}", stage.state.now, np.array([parcel]), facility=name
    )
    stage.put(np.array([parcel]), Where.SCRAPPED, facility)


def declare_lost(stage: Stage, parcel: int, _: int) -> None:
    """Nobody has seen a parcel for days."""
    told = payload(reason="no scan", owner="carrier")
    stage.journal.tell_parcels(
        "lost", "desk:claims", stage.state.now, np.array([parcel]), told=told
    )
    stage.put(np.array([parcel]), Where.LOST)


def to_counter(stage: Stage, facility: int, parcel: int, source: str) -> None:
    """Attempts are used up: the parcel waits at a counter of the station or of the partner."""
    truth, name, now = stage.truth, stage.place(facility), stage.state.now
    until = now + truth.counter_s
    stage.journal.tell_parcels(
        "available_for_pickup",
        source,
        now,
        np.array([parcel]),
        facility=name,
        told=payload(until=until),
    )
    stage.put(np.array([parcel]), Where.COUNTER, facility)
    key = int(stage.scene.parcels.keys[parcel])
    comes = stage.chance.one("collects", key) < truth.counter_collects
    wait = truth.counter_s * (stage.chance.one("collected", key) if comes else 1.0)
    stage.state.wake(now + int(wait), Turn.COUNTER_END, parcel, int(comes))


def end_at_counter(stage: Stage, parcel: int, comes: int) -> None:
    """The consignee collects the parcel, or it goes back."""
    if stage.state.parcels["where"][parcel] != Where.COUNTER:
        return  # it is tried again meanwhile
    facility = int(stage.state.parcels["at"][parcel])
    if not comes:
        send_back(stage, facility, parcel, "not collected")
        return
    name = stage.place(facility)
    stage.journal.tell_parcels(
        "delivered",
        f"station:{name}",
        stage.state.now,
        np.array([parcel]),
        facility=name,
        told=payload(to_whom="counter"),
    )
    stage.put(np.array([parcel]), Where.CONSIGNEE)


def send_back(stage: Stage, facility: int, parcel: int, reason: str) -> None:
    """A parcel goes back to its shipper on backhaul space."""
    name, now = stage.place(facility), stage.state.now
    stage.journal.tell_parcels(
        "returning",
        f"station:{name}",
        now,
        np.array([parcel]),
        facility=name,
        told=payload(reason=reason, owner="consignee"),
    )
    stage.put(np.array([parcel]), Where.RETURN, facility)
    key = int(stage.scene.parcels.keys[parcel])
    ride = stage.chance.one_between(_SHORTEST_RETURN_S, stage.truth.return_s, "ride back", key)
    stage.state.wake(now + int(ride), Turn.RETURN_END, parcel)


def end_return(stage: Stage, parcel: int, _: int) -> None:
    """The parcel is back at its origin, and with its shipper."""
    origin = stage.place(int(stage.scene.parcels.origin[parcel]))
    one = np.array([parcel])
    station, now = f"station:{origin}", stage.state.now
    stage.journal.tell_parcels("arrived_facility", station, now, one, facility=origin)
    stage.journal.tell_parcels("returned", station, now + 7_200, one, facility=origin)
    stage.put(one, Where.SHIPPER)
