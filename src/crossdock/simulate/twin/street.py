"""Routes are driven stop by stop: doors open or not, shifts end, parcels come back."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from itertools import accumulate

import numpy as np

from crossdock.operate.recovery import leg
from crossdock.simulate.twin import afterwards
from crossdock.simulate.twin.chance import key_of
from crossdock.simulate.twin.dispatch import leg_home_s
from crossdock.simulate.twin.journal import payload
from crossdock.simulate.twin.pings import tell_way
from crossdock.simulate.twin.stage import Stage
from crossdock.simulate.twin.state import NOWHERE, Route, Stop, Turn, Where
from crossdock.simulate.twin.truth import ATTEMPT_REASONS

VAN_PING_S = 120
MOST_ATTEMPTS = 3
_GRACE_S = 1_800
_WAIT_S = 600
_LEAVE_DELAY_S = 300.0
_REASONS = tuple(ATTEMPT_REASONS)
_BOUNDS = tuple(accumulate(reason.share for reason in ATTEMPT_REASONS.values()))


def start_route(stage: Stage, at: int, ready: int) -> None:
    """Leave with what is sorted; what is not stays for tomorrow."""
    route, now = stage.state.routes[at], stage.state.now
    if not ready:
        delay = _LEAVE_DELAY_S * stage.chance.one_exponential("gate", _key(route))
        stage.state.wake(now + int(delay), Turn.ROUTE_START, at, 1)
        return
    if _driver_is_out(stage, route):
        stage.state.wake(now + _WAIT_S, Turn.ROUTE_START, at, 1)
        return
    columns = stage.state.parcels
    here = stage.at_facility(route.facility) & (columns["sorted_at"] <= now)
    for stop in route.stops:
        left = [parcel for parcel in stop.parcels if not here[parcel]]
        for parcel in left:
            if columns["route"][parcel] == at:
                columns["route"][parcel] = NOWHERE
        stop.parcels = [parcel for parcel in stop.parcels if here[parcel]]
    drop_empty_stops(stage, route)
    if not route.stops:
        route.phase = "done"
        told = payload(route_id=route.route_id, reason="nothing_to_take")
        stage.journal.tell(
            "route_cancelled", f"station:{stage.place(route.facility)}", now, route.route_id,
            facility=stage.place(route.facility), vehicle=route.vehicle_id,
            driver=route.driver_id or None, told=told,
        )  # fmt: skip
        return
    _leave(stage, at, route)


def drop_empty_stops(stage: Stage, route: Route) -> None:
    """Drive past doors that have nothing: straight to the next one, or home."""
    kept: list[Stop] = []
    skipped = False
    for stop in route.stops:
        if not stop.parcels:
            skipped = True
            continue
        if skipped:
            before = (
                (kept[-1].latitude, kept[-1].longitude) if kept else _station(stage, route.facility)
            )
            stop.distance_m, stop.drive_s = leg(before, (stop.latitude, stop.longitude))
        skipped = False
        kept.append(stop)
    if skipped and kept:
        last = (kept[-1].latitude, kept[-1].longitude)
        route.return_m = leg(last, _station(stage, route.facility))[0]
    route.stops = kept


def _leave(stage: Stage, at: int, route: Route) -> None:
    now, name = stage.state.now, stage.place(route.facility)
    route.phase, route.departed_at = "out", now
    route.carried = [parcel for stop in route.stops for parcel in stop.parcels]
    carried = np.array(route.carried)
    stage.put(carried, Where.ROUTE, at)
    driver = route.driver_id or None
    told = payload(route_id=route.route_id, parcels=len(carried))
    stage.journal.tell(
        "route_departed", f"station:{name}", now, route.route_id, facility=name,
        vehicle=route.vehicle_id, driver=driver, told=told,
    )  # fmt: skip
    told = payload(route_id=route.route_id)
    stage.journal.tell_parcels(
        "out_for_delivery", f"station:{name}", now, carried, facility=name,
        vehicle=route.vehicle_id, driver=driver, told=told,
    )  # fmt: skip
    _duty(stage, route, "ON", now)
    _go(stage, at, route, now)


def _go(stage: Stage, at: int, route: Route, departs: int) -> None:
    """Drive to the stop at hand."""
    stop = route.stops[route.position]
    drive_s = stop.drive_s * _speed(stage, route, departs)
    drive_s += _breakdown(stage, route, departs, drive_s)
    arrives = departs + max(1, int(drive_s))
    if route.position:
        before = route.stops[route.position - 1]
        start = (before.latitude, before.longitude)
    else:
        start = _station(stage, route.facility)
    end = (stop.latitude, stop.longitude)
    tell_way(
        stage.journal, route.vehicle_id, (departs, arrives), (start, end), VAN_PING_S,
        route_id=route.route_id,
    )  # fmt: skip
    stage.state.wake(arrives, Turn.STOP, at, route.position)


def serve_stop(stage: Stage, at: int, position: int) -> None:
    """Try each parcel at the door; then a break if one is due, the next stop, or home."""
    route, now = stage.state.routes[at], stage.state.now
    if route.phase != "out" or position != route.position:
        return
    stop = route.stops[position]
    route.driven_m += stop.distance_m
    home_s = leg((stop.latitude, stop.longitude), _station(stage, route.facility))[1]
    if now + stop.service_s + home_s > route.shift_ends_at + _GRACE_S:
        _turn_home(stage, at, route, now, home_s)
        return
    wait = stage.chance.one_normal("service", _key(route), position)
    service_s = max(20, int(stop.service_s * np.exp(stage.truth.service_sigma * wait)))
    place = {"latitude": round(stop.latitude, 5), "longitude": round(stop.longitude, 5)}
    told = payload(route_id=route.route_id, sequence=position + 1, **place)
    source, name = f"vehicle:{route.vehicle_id}", f"{route.route_id}/{position + 1}"
    vehicle, driver = route.vehicle_id, route.driver_id or None
    stage.journal.tell("stop_arrived", source, now, name, told=told, vehicle=vehicle, driver=driver)
    for place_in_stop, parcel in enumerate(stop.parcels):
        share = (place_in_stop + 1) / (len(stop.parcels) + 1)
        _try_door(stage, route, position, parcel, now + int(service_s * share), place)
    leaves = now + service_s
    stage.journal.tell(
        "stop_departed", source, leaves, name, told=told, vehicle=vehicle, driver=driver
    )
    route.position += 1
    leaves = _rest(stage, route, leaves)
    if route.position < len(route.stops):
        _go(stage, at, route, leaves)
    else:
        _turn_home(stage, at, route, leaves, leg_home_s(route))


def _try_door(
    stage: Stage, route: Route, position: int, parcel: int, at: int, place: dict[str, float]
) -> None:
    columns = stage.state.parcels
    columns["attempts"][parcel] += 1
    attempt = int(columns["attempts"][parcel])
    reason = _refusal(stage, parcel, attempt)
    cells = {"route_id": route.route_id, "sequence": position + 1, **place}
    one, source = np.array([parcel]), f"vehicle:{route.vehicle_id}"
    vehicle, driver = route.vehicle_id, route.driver_id or None
    if reason is None:
        told = payload(**cells, to_whom="consignee")
        stage.journal.tell_parcels(
            "delivered", source, at, one, told=told, vehicle=vehicle, driver=driver
        )
        stage.put(one, Where.CONSIGNEE)
        route.carried.remove(parcel)
        return
    told = payload(**cells, attempt=attempt, reason=reason, owner=ATTEMPT_REASONS[reason].owner)
    stage.journal.tell_parcels(
        "attempt_failed", source, at, one, told=told, vehicle=vehicle, driver=driver
    )
    columns["fails"][parcel] = _REASONS.index(reason)


def _refusal(stage: Stage, parcel: int, attempt: int) -> str | None:
    """Why the door stays closed, or None."""
    scene, truth = stage.scene, stage.truth
    key = int(scene.parcels.keys[parcel])
    before = int(stage.state.parcels["fails"][parcel])
    if before >= 0:
        again = stage.chance.one("again", key, attempt) < ATTEMPT_REASONS[_REASONS[before]].again
        return _REASONS[before] if again else None
    likely = truth.attempt_failure
    if scene.parcels.shared_door[parcel]:
        likely *= truth.apartment_factor
    if stage.chance.one("attempt", key, attempt) >= likely:
        return None
    lot = stage.chance.one("reason", key, attempt) * _BOUNDS[-1]
    return _REASONS[bisect_right(_BOUNDS, lot)]


def _rest(stage: Stage, route: Route, leaves: int) -> int:
    """Take the breaks whose planned time has come; returns when the wheels turn again."""
    source = f"vehicle:{route.vehicle_id}"
    while route.breaks and route.breaks[0][1] <= leaves:
        kind, starts, ends = route.breaks.pop(0)
        told = payload(route_id=route.route_id, kind=kind)
        name, driver = f"{route.route_id}/{kind}", route.driver_id or None
        stage.journal.tell(
            "break_started", source, leaves, name, vehicle=route.vehicle_id, driver=driver,
            told=told,
        )  # fmt: skip
        leaves += ends - starts
        stage.journal.tell(
            "break_ended", source, leaves, name, vehicle=route.vehicle_id, driver=driver,
            told=told,
        )  # fmt: skip
        if kind == "meal":
            route.rested_s += ends - starts
    return leaves


def _turn_home(stage: Stage, at: int, route: Route, leaves: int, drive_s: float) -> None:
    stop = route.stops[min(route.position, len(route.stops) - 1)]
    arrives = leaves + max(1, int(drive_s * _speed(stage, route, leaves)))
    home = _station(stage, route.facility)
    here = (stop.latitude, stop.longitude)
    route.driven_m += leg(here, home)[0]
    route.phase = "home"
    tell_way(
        stage.journal, route.vehicle_id, (leaves, arrives), (here, home), VAN_PING_S,
        route_id=route.route_id,
    )  # fmt: skip
    stage.state.wake(arrives, Turn.ROUTE_END, at)


def end_route(stage: Stage, at: int, _: int) -> None:
    """Bring back what was not delivered: for tomorrow, for the counter, or for the shipper."""
    route, columns, now = stage.state.routes[at], stage.state.parcels, stage.state.now
    name, station = stage.place(route.facility), f"station:{stage.place(route.facility)}"
    route.phase, route.stops = "done", []
    _duty(stage, route, "OFF", now)
    told = payload(
        route_id=route.route_id,
        paid_s=now - route.departed_at - route.rested_s,
        distance_m=round(route.driven_m),
        undelivered=len(route.carried),
    )
    stage.journal.tell(
        "route_returned", station, now, route.route_id, facility=name,
        vehicle=route.vehicle_id, driver=route.driver_id or None, told=told,
    )  # fmt: skip
    if not route.carried:
        return
    back = np.array(route.carried)
    route.carried = []
    told = payload(route_id=route.route_id)
    stage.journal.tell_parcels("arrived_facility", station, now, back, facility=name, told=told)
    stage.bring_in(back, route.facility, now, now)
    columns["sorted_at"][back] = now
    columns["route"][back] = NOWHERE
    tomorrow = stage.scene.local_date(route.facility, now) + dt.timedelta(days=1)
    columns["hold_until"][back] = tomorrow.toordinal()
    for parcel in back.tolist():
        reason = int(columns["fails"][parcel])
        tried = int(columns["attempts"][parcel])
        if reason >= 0 and tried and ATTEMPT_REASONS[_REASONS[reason]].ends:
            afterwards.send_back(stage, route.facility, parcel, _REASONS[reason])
        elif tried >= MOST_ATTEMPTS:
            afterwards.to_counter(stage, route.facility, parcel, station)


def _duty(stage: Stage, route: Route, activity: str, at: int) -> None:
    if route.driver_id:
        stage.journal.tell(
            "duty_changed", f"eld:{route.driver_id}", at, f"{route.driver_id}/{activity}",
            driver=route.driver_id, vehicle=route.vehicle_id,
            told=payload(activity=activity, route_id=route.route_id),
        )  # fmt: skip


def _breakdown(stage: Stage, route: Route, departs: int, drive_s: float) -> int:
    """Seconds lost where this route's van breaks down on the way to this stop."""
    key, chance = _key(route), stage.chance
    if chance.one("van breakdown", key) >= stage.truth.route_breakdown_probability:
        return 0
    if int(chance.one("van broke at", key) * len(route.stops)) != route.position:
        return 0
    lost = int(chance.one_between(5_400, 9_000, "van replaced", key))
    down = departs + int(drive_s / 2)
    source, vehicle = f"vehicle:{route.vehicle_id}", route.vehicle_id
    told = payload(route_id=route.route_id, reason="breakdown", owner="carrier")
    stage.journal.tell("vehicle_down", source, down, vehicle, vehicle=vehicle, told=told)
    told = payload(route_id=route.route_id)
    stage.journal.tell("vehicle_up", source, down + lost, vehicle, vehicle=vehicle, told=told)
    return lost


def _speed(stage: Stage, route: Route, at: int) -> float:
    """Driving time over the usual one, on this leg."""
    storm = stage.storm(route.facility, at)
    date = stage.scene.local_date(route.facility, at)
    day = stage.world.street_factor(stage.place(route.facility), date, storm=storm)
    own = stage.chance.one_normal("street own", _key(route), route.position)
    return day * float(np.exp(stage.truth.street_own_sigma * own))


def _driver_is_out(stage: Stage, route: Route) -> bool:
    return any(
        other.phase in ("out", "home")
        and other.vehicle_id == route.vehicle_id
        and other.date == route.date
        for other in stage.state.routes
    )


def _station(stage: Stage, facility: int) -> tuple[float, float]:
    scene = stage.scene
    return float(scene.latitude[facility]), float(scene.longitude[facility])


def _key(route: Route) -> int:
    """Luck belongs to the vehicle's day and hour, not to how a plan numbers its routes."""
    return key_of(f"{route.vehicle_id}/{route.planned_at}")
