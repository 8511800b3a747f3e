"""What is true in the twin's world: rates, shocks, causes. Nothing but the twin may read it.

Models learn from the events alone. Values marked † come from trade practice and are not sourced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

HOUR_S = 3600
DAY_S = 24 * HOUR_S


@dataclass(frozen=True)
class Reason:
    """Why an attempt fails.

    Attributes
    ----------
    share
        Of all failures.
    owner
        Who answers for it: shipper, carrier, consignee.
    again
        Probability that the next attempt fails for the same reason.
    ends
        The parcel goes back at once.
    """

    share: float
    owner: str
    again: float
    ends: bool = False


ATTEMPT_REASONS: Mapping[str, Reason] = {
    "not_home": Reason(0.55, "consignee", 0.18),
    "no_access": Reason(0.13, "consignee", 0.35),
    "business_closed": Reason(0.10, "consignee", 0.10),
    "address": Reason(0.10, "shipper", 0.60),
    "refused": Reason(0.05, "consignee", 1.0, ends=True),
    "unsafe": Reason(0.04, "carrier", 0.25),
    "moved": Reason(0.03, "shipper", 1.0, ends=True),
}
"""† Vendors quote 90-95 % first-attempt success (kpi-definitions.md); not-home leads the causes."""


@dataclass(frozen=True)
class Truth:
    """Every rate of the world. All are † unless a source is named.

    Attributes
    ----------
    storm_probability
        That a weather cell (4 by 5 degrees) has a storm on a local day.
    storm_road_factor, storm_street_factor
        Driving times under a storm.
    road_day_sigma, road_own_sigma
        Log spread of line-haul driving: shared by all loads between two places on a day, and own.
    street_day_sigma, street_own_sigma, service_sigma
        Log spread of van driving, shared by a station's day and own; of the time at a stop.
    departure_delay_s
        Mean delay at the dock (exponential).
    late_driver_probability, no_show_probability
        A driver late by 30 to 120 min; a carrier that sends a replacement 3 to 6 h later.
    breakdowns_per_mile
        Of trucks: one in 60,000 miles, 2 to 5 h each.
    route_breakdown_probability
        Of vans a route-day; a replacement comes in 90 to 150 min.
    unload_s
        From a trailer's arrival to the scan of its last parcel.
    sort_rate_sigma, slow_sort_probability, slow_sort_factor
        Log spread of a wave's rate; a wave with staff or belt trouble.
    staging_s
        From the sorter to the dock.
    overtime_s
        How long a wave may run over its end.
    attempt_failure, apartment_factor
        First attempts that fail; more of them where several parcels share an address.
    late_pickup_probability
        Merchants that miss the pick-up van; theirs goes the next operating day.
    loss_per_touch, damage_per_touch, beyond_delivery_share, missort_per_sort
        At each sort.
    missed_scan, doubled_scan, repeated_message
        Scans that never happen, happen twice, messages that are sent twice.
    wrong_clock_share, wrong_clock_s
        Devices whose clock is off, and by how much at most.
    offline_share, offline_s
        Handheld scans that are uploaded later, and by how much at most.
    partner_slip
        A partner's delivery a day late (USPS 94.1 % on time in December 2025, ShipMatrix); a third
        of it, two days.
    partner_attempt_failure, counter_collects
        At a partner's door; share collected from a counter within its days.
    counter_s, return_s, lost_after_s
        Days at a counter; longest ride back; silence until a parcel is declared lost.
    """

    storm_probability: float = 0.012
    storm_road_factor: float = 1.35
    storm_street_factor: float = 1.25
    road_day_sigma: float = 0.05
    road_own_sigma: float = 0.045
    street_day_sigma: float = 0.08
    street_own_sigma: float = 0.18
    service_sigma: float = 0.35
    departure_delay_s: float = 6 * 60
    late_driver_probability: float = 0.02
    no_show_probability: float = 0.006
    breakdowns_per_mile: float = 1 / 60_000
    route_breakdown_probability: float = 0.003
    unload_s: int = 30 * 60
    sort_rate_sigma: float = 0.08
    slow_sort_probability: float = 0.015
    slow_sort_factor: float = 0.45
    staging_s: int = 10 * 60
    overtime_s: int = 45 * 60
    attempt_failure: float = 0.045
    apartment_factor: float = 1.3
    late_pickup_probability: float = 0.003
    loss_per_touch: float = 0.0003
    damage_per_touch: float = 0.0005
    beyond_delivery_share: float = 0.4
    missort_per_sort: float = 0.0012
    missed_scan: float = 0.012
    doubled_scan: float = 0.006
    repeated_message: float = 0.01
    wrong_clock_share: float = 0.02
    wrong_clock_s: int = 240
    offline_share: float = 0.03
    offline_s: int = 3 * HOUR_S
    partner_slip: float = 0.06
    partner_attempt_failure: float = 0.035
    counter_collects: float = 0.6
    counter_s: int = 5 * DAY_S
    return_s: int = 6 * DAY_S
    lost_after_s: int = 5 * DAY_S
    storms: frozenset[tuple[int, int, str]] = field(default_factory=frozenset[tuple[int, int, str]])
    """Weather cells and ISO dates that have a storm for certain: a shifted day."""
    slow_facilities: frozenset[str] = field(default_factory=frozenset[str])
    """Facilities whose every wave is slow: a shifted day."""
