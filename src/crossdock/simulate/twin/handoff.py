"""Parcels are given to a partner in its window; what the partner does with them comes as scans."""

from __future__ import annotations

import datetime as dt

import numpy as np

from crossdock.predict.eta import SCF_DAYS
from crossdock.simulate.twin import afterwards
from crossdock.simulate.twin.journal import payload
from crossdock.simulate.twin.stage import Ints, Stage
from crossdock.simulate.twin.state import NOWHERE, Turn, Where

_MOST_ATTEMPTS = 2
_DOOR_HOURS = (10.0, 18.0)
_VAN_LEAVES = dt.time(8, 30)
_ACCEPTED_S = (1_200.0, 7_200.0)


def set_handoffs(stage: Stage) -> None:
    """Have every planned handoff come, so that those who miss it are noticed."""
    parcels = stage.scene.parcels
    planned = parcels.handoff_at > 0
    rows = np.column_stack(
        [
            parcels.handoff_at[planned],
            parcels.destination[planned],
            parcels.carrier_code[planned],
        ]
    )
    for at, facility, carrier in np.unique(rows, axis=0).tolist():
        _wake(stage, at, facility, carrier)


def ask_for_windows(stage: Stage, facility: int, parcels: Ints) -> None:
    """Parcels sorted at the station of their handoff go in the partner's next window."""
    scene, columns = stage.scene, stage.state.parcels
    partner = columns["partner"]
    due = parcels[(partner[parcels] != NOWHERE) & (scene.parcels.destination[parcels] == facility)]
    for carrier in np.unique(partner[due]).tolist():
        mine = due[partner[due] == carrier]
        for ready in np.unique(columns["sorted_at"][mine] // 1800).tolist():
            _ask(stage, facility, carrier, (ready + 1) * 1800)


def _ask(stage: Stage, facility: int, carrier: int, ready: int) -> None:
    scene = stage.scene
    entry = scene.appointments.entry(
        scene.facilities[facility],
        scene.carriers[carrier],
        dt.datetime.fromtimestamp(ready, dt.UTC),
    )
    _wake(stage, int(entry.handoff_at.timestamp()), facility, carrier)


def _wake(stage: Stage, at: int, facility: int, carrier: int) -> None:
    key = (at, facility, carrier)
    if key not in stage.state.handoffs and at >= stage.state.now:
        stage.state.handoffs.add(key)
        stage.state.wake(at, Turn.HANDOFF, facility, carrier)


def hand_over(stage: Stage, facility: int, carrier: int) -> None:
    """Give the partner everything that is sorted; tell of those who should have been here."""
    scene, columns, now = stage.scene, stage.state.parcels, stage.state.now
    parcels = scene.parcels
    of_partner = (columns["partner"] == carrier) & (parcels.destination == facility)
    here = of_partner & stage.at_facility(facility) & (columns["sorted_at"] <= now)
    given = np.flatnonzero(here & (columns["next_load"] == NOWHERE))
    name, partner = stage.place(facility), scene.carriers[carrier]
    waiting = np.isin(columns["where"], (Where.MERCHANT, Where.FACILITY, Where.LOAD))
    missing = of_partner & (parcels.handoff_at == now) & waiting
    missing[given] = False
    if missing.any():
        told = payload(carrier_id=partner, parcels=int(missing.sum()), reason="not sorted in time")
        stage.journal.tell(
            "handoff_missed", f"station:{name}", now, f"{name}/{partner}", facility=name, told=told
        )
    if not len(given):
        return
    stage.journal.tell_parcels(
        "handed_to_partner",
        f"station:{name}",
        now,
        given,
        facility=name,
        told=[payload(carrier_id=partner, mode=_mode(stage, parcel)) for parcel in given.tolist()],
    )
    stage.put(given, Where.PARTNER, facility)
    accepted = stage.chance.between(*_ACCEPTED_S, "accepted", parcels.keys[given])
    stage.journal.tell_parcels(
        "arrived_facility", f"partner:{partner}", now + accepted.astype(np.int64), given
    )
    slip = stage.chance.uniform("slip", parcels.keys[given])
    late = np.where(
        slip < stage.truth.partner_slip / 3, 2, np.where(slip < stage.truth.partner_slip, 1, 0)
    )
    for parcel, days in zip(given.tolist(), late.tolist(), strict=True):
        _to_door(stage, facility, parcel, _days(stage, parcel) + days, attempt=1)


def _mode(stage: Stage, parcel: int) -> str:
    """How the partner delivers; of one that was not planned, as it does elsewhere."""
    scene, partner = stage.scene, int(stage.state.parcels["partner"][parcel])
    if partner == scene.parcels.carrier_code[parcel]:
        return scene.parcels.mode[parcel]
    return scene.carrier_modes[partner]


def _days(stage: Stage, parcel: int) -> int:
    """Delivery days that the partner takes; who gets a parcel unannounced takes one at least."""
    parcels, partner = stage.scene.parcels, int(stage.state.parcels["partner"][parcel])
    planned = partner == parcels.carrier_code[parcel]
    return int(parcels.partner_days[parcel]) if planned else SCF_DAYS


def end_at_partner(stage: Stage, parcel: int, attempt: int) -> None:
    """The partner is at the door."""
    scene, columns, now = stage.scene, stage.state.parcels, stage.state.now
    source = f"partner:{scene.carriers[int(columns['route'][parcel])]}"
    facility, one = int(columns["at"][parcel]), np.array([parcel])
    key = int(scene.parcels.keys[parcel])
    columns["attempts"][parcel] += 1
    if stage.chance.one("partner's attempt", key, attempt) >= stage.truth.partner_attempt_failure:
        told = payload(to_whom="consignee")
        stage.journal.tell_parcels("delivered", source, now, one, told=told)
        stage.put(one, Where.CONSIGNEE)
        return
    told = payload(attempt=attempt, reason="not_home", owner="consignee")
    stage.journal.tell_parcels("attempt_failed", source, now, one, told=told)
    if attempt < _MOST_ATTEMPTS:
        _to_door(stage, facility, parcel, 1, attempt=attempt + 1)
    else:
        afterwards.to_counter(stage, facility, parcel, source)


def _to_door(stage: Stage, facility: int, parcel: int, days: int, *, attempt: int) -> None:
    """Have the partner be at the door after some delivery days, in the middle of that day."""
    scene, now = stage.scene, stage.state.now
    key = int(scene.parcels.keys[parcel])
    date = scene.days.after(scene.facilities[facility], None, scene.local_date(facility, now), days)
    hour = stage.chance.one_between(*_DOOR_HOURS, "partner's hour", key, attempt)
    at = scene.instant(facility, date, dt.time(0)) + int(hour * 3600)
    leaves = max(scene.instant(facility, date, _VAN_LEAVES), now + 7_500)
    at = max(at, leaves + 900)
    source = f"partner:{scene.carriers[int(stage.state.parcels['route'][parcel])]}"
    stage.journal.tell_parcels("out_for_delivery", source, leaves, np.array([parcel]))
    stage.state.wake(at, Turn.PARTNER_END, parcel, attempt)
