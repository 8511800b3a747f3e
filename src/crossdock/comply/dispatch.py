"""May this trip leave: every gate together, what is missing, and until when the answer holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from crossdock.comply.cargo import Article, cargo_verdicts
from crossdock.comply.coverage import Commerce, Coverage, VehicleRating, regulated
from crossdock.comply.drivers import Driver, driver_verdicts
from crossdock.comply.hazmat import Hazmat, hazmat_verdicts, placards
from crossdock.comply.period import Period, utc_instant
from crossdock.comply.vehicles import Unit, unit_verdicts
from crossdock.comply.verdict import Status, Verdict, earliest_end, failed, not_checked, passed
from crossdock.comply.weight import Axle, AxleLayout, PlacedCargo, axle_loads, weight_verdicts
from crossdock.comply.workplace import (
    DockDoor,
    LiftTruck,
    LiftTruckOperator,
    dock_verdict,
    operator_verdict,
    truck_verdict,
)


@runtime_checkable
class HoursAnswer(Protocol):
    """What the hours-of-service engine says of a trip; anything of this shape will do."""

    @property
    def allowed(self) -> bool:
        """Whether the trip fits the hours of its drivers."""
        ...

    @property
    def reason(self) -> str:
        """One plain sentence."""
        ...

    @property
    def citation(self) -> str:
        """Where the rule that decides is written."""
        ...

    @property
    def holds_until(self) -> dt.datetime | None:
        """Latest departure with which the answer still holds; None: no end is known."""
        ...


@dataclass(frozen=True)
class HosVerdict:
    """A `HoursAnswer` as plain data."""

    allowed: bool
    reason: str
    citation: str = "49 CFR 395.3"
    holds_until: dt.datetime | None = None

    def __post_init__(self) -> None:
        if self.holds_until is not None:
            utc_instant("holds_until of the hours", self.holds_until)


@dataclass(frozen=True)
class Loading:
    """The weight of a loaded vehicle: axles as weighed, or a layout with the cargo's positions.

    Attributes
    ----------
    axles
        As weighed; they count before a layout.
    allowance_lb
        More gross weight that the state allows this vehicle.
    """

    axles: tuple[Axle, ...] = ()
    layout: AxleLayout | None = None
    cargo: tuple[PlacedCargo, ...] = ()
    allowance_lb: float = 0.0

    @property
    def judged_axles(self) -> tuple[Axle, ...]:
        """The axles to judge; empty: nothing is known."""
        if self.axles or self.layout is None:
            return self.axles
        return axle_loads(self.layout, self.cargo)


@dataclass(frozen=True)
class Trip:
    """What is known of a trip before it leaves; None or empty is not known.

    Attributes
    ----------
    commerce
        ``interstate`` also when the freight crosses a border though the truck does not.
    drivers
        Each is judged; a team has two.
    units
        Power unit, trailers, dollies.
    hazmat
        None: not known; ``Hazmat()``: none is carried.
    hours
        The answer of the hours-of-service engine; None: not checked.
    """

    trip_id: str
    period: Period
    commerce: Commerce
    vehicle: VehicleRating | None = None
    drivers: tuple[Driver, ...] = ()
    units: tuple[Unit, ...] = ()
    articles: tuple[Article, ...] = ()
    loading: Loading | None = None
    hazmat: Hazmat | None = None
    dock: DockDoor | None = None
    lift_truck_operators: tuple[LiftTruckOperator, ...] = ()
    lift_trucks: tuple[LiftTruck, ...] = ()
    hours: HoursAnswer | None = None


@dataclass(frozen=True)
class DispatchAnswer:
    """Whether a trip may leave.

    Attributes
    ----------
    allowed
        No rule is known to be broken.
    verdicts
        Every rule that applies, coverage first.
    holds_until
        First instant at which something that is valid now ends; None: no end is known.
    """

    trip_id: str
    allowed: bool
    coverage: Coverage
    verdicts: tuple[Verdict, ...]
    holds_until: dt.datetime | None

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """The rules that block."""
        return self._of(Status.FAILED)

    @property
    def not_checked(self) -> tuple[Verdict, ...]:
        """The rules of which nothing is known."""
        return self._of(Status.NOT_CHECKED)

    def _of(self, status: Status) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if verdict.status is status)


def dispatch_gate(trip: Trip) -> DispatchAnswer:
    """Judge a trip by every gate of this wing.

    What has no data is listed as not checked and does not block; what is known to be invalid
    blocks. What the coverage rules leave out is not listed at all.
    """
    packages = trip.hazmat.packages if trip.hazmat else ()
    coverage = regulated(
        trip.vehicle or VehicleRating(),
        placarded=placards(packages).needed,
        commerce=trip.commerce,
    )
    verdicts = (
        coverage.verdict,
        *_drivers(trip, coverage),
        *_hours(trip.hours, trip.period, coverage),
        *_vehicles(trip, coverage),
        *_cargo(trip, coverage),
        *_weight(trip.loading),
        *_hazmat(trip.hazmat),
        *_workplace(trip),
    )
    allowed = all(verdict.status is not Status.FAILED for verdict in verdicts)
    return DispatchAnswer(trip.trip_id, allowed, coverage, verdicts, earliest_end(verdicts))


def _drivers(trip: Trip, coverage: Coverage) -> tuple[Verdict, ...]:
    if not trip.drivers:
        return (not_checked("driver", "49 CFR 391.11, 383.23", "no driver is told"),)
    hazmat = trip.hazmat is not None and trip.hazmat.training_needed
    return tuple(
        verdict
        for driver in trip.drivers
        for verdict in driver_verdicts(
            driver, trip.period, coverage, commerce=trip.commerce, hazmat=hazmat
        )
    )


def _hours(hours: HoursAnswer | None, period: Period, coverage: Coverage) -> tuple[Verdict, ...]:
    rule = "hours_of_service"
    if hours is None:
        if coverage.regulated is False:
            return ()
        return (not_checked(rule, "49 CFR 395.3", "the drivers' hours are not told"),)
    if not hours.allowed:
        return (failed(rule, hours.citation, hours.reason),)
    until = hours.holds_until
    if until is not None:
        until = utc_instant("holds_until of the hours", until)
        if until < period.starts_at:
            told = f"the answer on hours held until {until:%Y-%m-%d %H:%M} UTC, before departure"
            return (not_checked(rule, hours.citation, told),)
    return (passed(rule, hours.citation, hours.reason, holds_until=until),)


def _vehicles(trip: Trip, coverage: Coverage) -> tuple[Verdict, ...]:
    if coverage.regulated is False:
        return _known_unsafe(trip)
    if not trip.units:
        return (not_checked("vehicle", "49 CFR 396.3, 396.11, 396.17", "no unit is told"),)
    return unit_verdicts(trip.units, trip.period)


def _known_unsafe(trip: Trip) -> tuple[Verdict, ...]:
    """Part 396 asks nothing of a light vehicle, but one that is known to be unsafe stays."""
    return tuple(
        verdict
        for verdict in unit_verdicts(trip.units, trip.period)
        if verdict.status is Status.FAILED
        and verdict.rule in ("vehicle.out_of_service", "vehicle.dvir")
    )


def _cargo(trip: Trip, coverage: Coverage) -> tuple[Verdict, ...]:
    if coverage.regulated is False:
        return ()
    if not trip.articles:
        return (
            not_checked("cargo", "49 CFR 393.100-393.114", "how the cargo is held is not told"),
        )
    return cargo_verdicts(trip.articles)


def _weight(loading: Loading | None) -> tuple[Verdict, ...]:
    axles = loading.judged_axles if loading else ()
    if loading is None or not axles:
        return (not_checked("weight", "23 CFR 658.17", "axle loads are not told"),)
    return weight_verdicts(axles, allowance_lb=loading.allowance_lb)


def _hazmat(hazmat: Hazmat | None) -> tuple[Verdict, ...]:
    if hazmat is None:
        return (
            not_checked(
                "hazmat", "49 CFR 171-180", "whether hazardous materials are carried is not told"
            ),
        )
    if not hazmat.carried:
        return (passed("hazmat", "49 CFR 171-180", "no hazardous material is carried"),)
    return hazmat_verdicts(hazmat)


def _workplace(trip: Trip) -> tuple[Verdict, ...]:
    return (
        dock_verdict(trip.dock),
        *(operator_verdict(operator, trip.period) for operator in trip.lift_truck_operators),
        *(truck_verdict(truck, trip.period) for truck in trip.lift_trucks),
    )
