"""What reports call causes, states and kinds; a name they do not know is written as it is."""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.measure.actual import CAUSES
from crossdock.model.event import EXCEPTION_KINDS

_CAUSES: Mapping[str, str] = {
    "lost": "Lost",
    "destroyed": "Destroyed",
    "returned": "Returned to the shipper",
    "open_exception": "Still open",
    "never_offered": "Service not offered on the lane",
    "planned_late": "Planned late",
    "attempt_not_home": "Door: nobody home",
    "attempt_no_access": "Door: no access",
    "attempt_business_closed": "Door: business closed",
    "attempt_address": "Door: bad address",
    "attempt_moved": "Door: consignee moved",
    "attempt_refused": "Door: refused",
    "attempt_unsafe": "Door: not safe to leave",
    "breakdown": "Breakdown",
    "out_of_shift": "Shift over before the stop",
    "slow_route": "Slow route",
    "partner_slip": "Partner late",
    "late_pickup": "Late pick-up",
    "missort": "Missorted",
    "load_cancelled": "Load cancelled",
    "no_show": "Carrier did not come",
    "late_driver": "Late driver",
    "weather": "Weather",
    "slow_road": "Slow road",
    "missed_connection": "Missed connection",
    "late_load": "Late load",
    "late_sort": "Sorted too late",
    "unexplained": "Unexplained",
}
_KINDS: Mapping[str, str] = {
    "late": "Late",
    "late_risk": "Expected late",
    "no_scan": "No scan",
    "stalled_at_facility": "Stalled at a facility",
    "lost_suspected": "Lost, suspected",
    "attempt_failed": "Attempt failed",
    "return_unplanned": "Return not planned",
    "hos_risk": "Driver's hours at risk",
    "missed_cutoff": "Missed cut-off",
    "missed_pickup": "Missed pick-up",
}


def cause_name(cause: str) -> str:
    """``Slow road`` for ``slow_road``."""
    return _CAUSES.get(cause) or plain(cause.removeprefix("attempt_"))


def cause_meaning(cause: str) -> str:
    """The cause in a clause."""
    if cause.startswith("attempt_"):
        return "at the door in time, where the attempt failed"
    return CAUSES.get(cause, "")


def kind_name(kind: str) -> str:
    """``Missed cut-off`` for ``missed_cutoff``."""
    return _KINDS.get(kind) or plain(kind)


def kind_trigger(kind: str) -> str:
    """What opens an exception of this kind."""
    found = EXCEPTION_KINDS.get(kind)
    return found.trigger if found else ""


def plain(name: str) -> str:
    """``Open exception`` for ``open_exception``."""
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]
