"""Kinds of events beside the parcel statuses, and kinds of exceptions, each with its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from crossdock.model.event.status import PARCEL_STATUSES


@dataclass(frozen=True)
class KindOfEvent:
    """One kind of event.

    Attributes
    ----------
    name
        As in ``events.kind``.
    about
        What it is told of: parcel, vehicle, driver, load, route, facility, tender, case, command,
        shift.
    meaning
        For a person.
    payload
        Keys of the payload, each with its meaning; none is required.
    """

    name: str
    about: str
    meaning: str
    payload: Mapping[str, str]


_LOAD = {"load_id": "the load", "from": "facility", "to": "facility", "parcels": "how many on it"}
_ADDED_LOAD = {
    **_LOAD, "kind": "as in loads", "carrier_id": "carrier", "vehicle_type": "type",
    "units": "vehicles or positions", "driver_mode": "as in loads", "miles": "miles",
    "departs_at": "planned", "arrives_at": "planned", "cost_usd": "of the movement",
    "volume_m3": "usable space that is paid for", "weight_kg": "payload that is paid for",
}  # fmt: skip
_PLACE = {"latitude": "degrees", "longitude": "degrees"}
_ROUTE = {"route_id": "the route", "sequence": "of the stop"}
_WHY = {"reason": "why", "owner": "who answers for it: shipper, carrier, consignee or weather"}

_PARCEL_PAYLOADS: Mapping[str, Mapping[str, str]] = {
    "picked_up": {"merchant_id": "shipper"},
    "pickup_failed": _WHY,
    "arrived_facility": {
        "load_id": "that it came with",
        "route_id": "that it came back with",
        "opening": "true where the log begins with the parcel here",
    },
    "departed_facility": {
        "load_id": "that it left with",
        "to": "facility",
        "opening": "true where the log begins with the parcel on its way",
    },
    "handed_to_partner": {"carrier_id": "partner", "mode": "3pl or usps", "entry_level": "entry"},
    "missorted": {"expected": "facility that was meant"},
    "damaged": {**_WHY, "beyond_delivery": "true where it cannot be delivered any more"},
    "delayed": _WHY,
    "out_for_delivery": {"route_id": "the route, or none at a partner"},
    "attempt_failed": {**_ROUTE, **_WHY, **_PLACE, "attempt": "number from 1"},
    "available_for_pickup": {"until": "last instant"},
    "delivered": {**_ROUTE, **_PLACE, "to_whom": "consignee, neighbour, counter or mailbox"},
    "returning": _WHY,
    "lost": _WHY,
}

_OTHERS = (
    KindOfEvent("position", "vehicle", "where a vehicle is", {
        **_PLACE, "load_id": "it carries", "route_id": "it drives"}),
    KindOfEvent("duty_changed", "driver", "a driver's duty status changed", {
        "activity": "D driving, ON on duty, OFF off duty, SB sleeper berth",
        "load_id": "it is for", "route_id": "it is for"}),
    KindOfEvent("load_departed", "load", "a load left its facility", _LOAD),
    KindOfEvent("load_arrived", "load", "a load came to its facility", _LOAD),
    KindOfEvent("load_delayed", "load", "a load is held up and comes later", {
        **_LOAD, **_WHY, "expected_at": "new arrival"}),
    KindOfEvent("load_cancelled", "load", "a load does not run", {**_LOAD, **_WHY}),
    KindOfEvent("load_added", "load", "a load was bought beyond the plan", _ADDED_LOAD),
    KindOfEvent("route_departed", "route", "a delivery route left its station", {
        "route_id": "the route", "parcels": "how many on it"}),
    KindOfEvent("route_returned", "route", "a delivery route is back", {
        "route_id": "the route", "paid_s": "paid seconds", "distance_m": "driven",
        "undelivered": "parcels brought back"}),
    KindOfEvent("route_added", "route", "a route was formed beyond the plan", {
        "route_id": "the route", "carrier_id": "carrier", "departs_at": "planned",
            "vehicle_type": "type"}),
    KindOfEvent("route_cancelled", "route", "a delivery route does not run", {
        "route_id": "the route", **_WHY}),
    KindOfEvent("stop_arrived", "route", "a vehicle stands at a stop", {**_ROUTE, **_PLACE}),
    KindOfEvent("stop_departed", "route", "a vehicle left a stop", {**_ROUTE, **_PLACE}),
    KindOfEvent("break_started", "route", "a meal or rest began", {
        "route_id": "the route", "kind": "meal or rest"}),
    KindOfEvent("break_ended", "route", "a meal or rest ended", {
        "route_id": "the route", "kind": "meal or rest"}),
    KindOfEvent("vehicle_down", "vehicle", "a vehicle broke down", {
        **_WHY, **_PLACE, "load_id": "it carries", "route_id": "it drives"}),
    KindOfEvent("vehicle_up", "vehicle", "a vehicle goes again or is replaced", {
        "load_id": "it carries", "route_id": "it drives"}),
    KindOfEvent("wave_started", "facility", "a sort wave began", {"wave": "name"}),
    KindOfEvent("wave_ended", "facility", "a sort wave ended", {
        "wave": "name", "sorted": "parcels sorted", "left": "parcels left for the next wave"}),
    KindOfEvent("handoff_missed", "facility", "an appointment with a partner was missed", {
        **_WHY, "carrier_id": "partner", "parcels": "how many", "next_at": "next window"}),
    *(
        KindOfEvent(f"tender_{word}", "tender", f"a tender was {word}", {
            "load_id": "tendered", "carrier_id": "to whom"})
        for word in ("offered", "accepted", "rejected", "expired", "withdrawn")
    ),
    *(
        KindOfEvent(f"case_{word}", "case", f"a case was {word}", {
            "case_id": "the exception or dispute", "by": "who", "text": "for people",
            "version": "number of the action from 1", **keys})
        for word, keys in (
            ("opened", {}), ("owned", {"owner": "who answers for it now"}),
            ("acknowledged", {}), ("snoozed", {"until": "instant"}), ("escalated", {}),
            ("noted", {}), ("resolved", {}), ("reopened", {}), ("undone", {}),
        )
    ),
    KindOfEvent("shift_note", "shift", "a dispatcher told the next one how the day stands", {
        "note_id": "the note", "by": "who", "actor": "user or key", "to": "for whom",
        "text": "for people", "standing": "exceptions and held loads at that moment"}),
    KindOfEvent("shift_note_read", "shift", "a dispatcher took a note over", {
        "note_id": "the note", "by": "who", "actor": "user or key"}),
    *(
        KindOfEvent(f"command_{name}", "command", meaning, {
            "by": "who", "command": "name of the command", **keys})
        for name, meaning, keys in (
            ("hold_departure", "keep a load at the dock", {"load_id": "load", "until": "instant"}),
            ("add_load", "buy a load beyond the plan", _ADDED_LOAD),
            ("cancel_load", "do not run a load", {"load_id": "load"}),
            ("move_stops", "give stops to another route", {
                "route_id": "from", "to_route_id": "to", "parcel_ids": "which, joined by ;"}),
            ("reattempt", "try a parcel again on the next delivery day", {
                "parcel_id": "parcel", "facility_id": "where it waits"}),
            ("divert", "send a load elsewhere, or give parcels to a partner", {
                "load_id": "load on the road", "to": "facility", "arrives_at": "expected there",
                "parcel_ids": "instead of a load: which, joined by ;", "carrier_id": "partner",
                "facility_id": "where the parcels are"}),
        )
    ),
)  # fmt: skip

EVENT_KINDS: Mapping[str, KindOfEvent] = MappingProxyType(
    {
        **{
            name: KindOfEvent(name, "parcel", status.meaning, _PARCEL_PAYLOADS.get(name, {}))
            for name, status in PARCEL_STATUSES.items()
        },
        **{kind.name: kind for kind in _OTHERS},
    }
)
"""Every published kind by name; a log may hold others, which are kept and counted."""


@dataclass(frozen=True)
class ExceptionKind:
    """One kind of exception: what can be wrong with a parcel, load, vehicle, facility.

    Attributes
    ----------
    family
        What it comes from: predictive, sla, silence, plan, last_mile, vehicle and so on.
    severity
        P0 (now) to P3 (when there is time), before money and promises at risk are weighed.
    trigger
        What opens it.
    """

    name: str
    family: str
    severity: str
    trigger: str


_EXCEPTIONS = (
    ("late_risk", "predictive", "P2", "promise before the predicted arrival at p50 or p80"),
    ("late", "sla", "P2", "promise passed, not delivered"),
    ("no_scan", "silence", "P2", "no event for longer than the lane's own quantile"),
    ("stalled_at_facility", "silence", "P2", "arrived, not departed beyond the usual dwell"),
    ("lost_suspected", "silence", "P1", "no scan for 5 days, or the carrier says so"),
    ("missort", "plan", "P2", "seen at a facility that is not on the path"),
    ("damage", "condition", "P1", "damage recorded by a carrier or a station"),
    ("address_issue", "address", "P2", "carrier's code or failed verification"),
    ("attempt_failed", "last_mile", "P2", "an attempt failed; a second one raises it"),
    ("delivered_far", "last_mile", "P1", "proof of delivery far from the address"),
    ("delivered_not_received", "dispute", "P1", "the consignee claims after delivery"),
    ("return_unplanned", "last_mile", "P3", "a carrier began a return"),
    ("customs_hold", "agency", "P2", "held by an agency"),
    ("weather", "external", "P2", "carrier's code, or an alert on the path"),
    ("vehicle_breakdown", "vehicle", "P1", "driver's report, or a fault with a stop"),
    ("accident", "vehicle", "P0", "driver's report, or a crash alarm"),
    ("route_deviation", "vehicle", "P2", "off the corridor for minutes"),
    ("long_stop", "vehicle", "P2", "stopped outside of any known place for minutes"),
    ("device_silent", "vehicle", "P3", "no ping for several intervals on duty"),
    ("geofence_dwell", "vehicle", "P3", "detention's free time passed"),
    ("temp_excursion", "condition", "P1", "sensor outside of its band"),
    ("hos_risk", "compliance", "P1", "hours left to drive below the time to the next stop"),
    ("tender_rejected", "capacity", "P2", "no carrier accepted"),
    ("capacity_shortfall", "capacity", "P1", "more volume than accepted capacity"),
    ("missed_pickup", "capacity", "P2", "window passed without a pick-up scan"),
    ("missed_cutoff", "linehaul", "P2", "a trailer came after the cut-off of its wave"),
    ("seal_mismatch", "security", "P0", "seal number differs"),
    ("integration_down", "system", "P0", "a carrier's feed is silent or fails"),
    ("unmapped_code", "system", "P3", "a code without a mapping"),
    ("duplicate_storm", "system", "P3", "many more duplicates than usual"),
)

EXCEPTION_KINDS: Mapping[str, ExceptionKind] = MappingProxyType(
    {row[0]: ExceptionKind(*row) for row in _EXCEPTIONS}
)
"""Every exception kind by name."""


def severity(kind: str) -> str:
    """Default severity of an exception kind; P2 for a kind that nobody published."""
    known = EXCEPTION_KINDS.get(kind)
    return known.severity if known else "P2"
