"""The interlock of a dock door as a state machine (29 CFR 1910.178(k), (m)(7), 1910.26).

    docked -> restrained -> interlock_green -> loading -> released -> departed

No lift truck enters before the light is green, and no trailer is released while one is inside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from crossdock.comply.verdict import Verdict, failed, not_checked, passed
from crossdock.model import InvalidValueError

DockState = Literal["docked", "restrained", "interlock_green", "loading", "released", "departed"]

CITATION = "29 CFR 1910.178(k), 1910.178(m)(7), 1910.26"
_LIFT_TRUCK_STATES = ("interlock_green", "loading")


@dataclass(frozen=True)
class DockDoor:
    """A trailer at a door.

    Attributes
    ----------
    uncoupled
        A semitrailer without its tractor: its nose needs fixed jacks (178(k)(3)).
    jacked
        Whether the jacks stand.
    lift_trucks_inside
        Lift trucks in the trailer now.

    Raises
    ------
    InvalidValueError
        A lift truck inside while the interlock is not green.
    """

    state: DockState = "docked"
    uncoupled: bool = False
    jacked: bool = False
    lift_trucks_inside: int = 0

    def __post_init__(self) -> None:
        if self.lift_trucks_inside < 0:
            raise InvalidValueError(
                f"lift trucks inside cannot be {self.lift_trucks_inside}",
                remedy="count them from 0",
            )
        if self.lift_trucks_inside and self.state != "loading":
            raise InvalidValueError(
                f"a lift truck cannot be inside while the door is {self.state}",
                remedy="the state with a lift truck inside is loading",
            )

    @property
    def may_enter(self) -> bool:
        """Whether a lift truck may drive in."""
        return self.state in _LIFT_TRUCK_STATES

    @property
    def may_depart(self) -> bool:
        """Whether the vehicle may pull away."""
        return self.state == "released"


def restrain(door: DockDoor, *, brakes_set: bool, wheels_held: bool) -> DockDoor:
    """Brakes are set, and wheels chocked or the restraint engaged."""
    _from(door, "restrain", "docked")
    _needs("restrain", brakes_set=brakes_set, wheels_chocked_or_restraint=wheels_held)
    return replace(door, state="restrained")


def place_jacks(door: DockDoor) -> DockDoor:
    """Fixed jacks stand under the nose of an uncoupled trailer."""
    _from(door, "place_jacks", "docked", "restrained")
    return replace(door, jacked=True)


def turn_green(door: DockDoor, *, dockboard_secured: bool) -> DockDoor:
    """The dockboard is secured and the door shows green to lift trucks."""
    _from(door, "turn_green", "restrained")
    _needs(
        "turn_green",
        dockboard_secured=dockboard_secured,
        jacks_of_uncoupled_trailer=door.jacked or not door.uncoupled,
    )
    return replace(door, state="interlock_green")


def lift_truck_in(door: DockDoor) -> DockDoor:
    """A lift truck drives into the trailer."""
    _from(door, "lift_truck_in", *_LIFT_TRUCK_STATES)
    return replace(door, state="loading", lift_trucks_inside=door.lift_trucks_inside + 1)


def lift_truck_out(door: DockDoor) -> DockDoor:
    """A lift truck leaves the trailer."""
    _from(door, "lift_truck_out", "loading")
    _needs("lift_truck_out", lift_truck_inside=door.lift_trucks_inside > 0)
    return replace(door, lift_trucks_inside=door.lift_trucks_inside - 1)


def release(door: DockDoor) -> DockDoor:
    """The restraint lets the trailer go; refused while a lift truck is inside."""
    _from(door, "release", "restrained", *_LIFT_TRUCK_STATES)
    _needs("release", no_lift_truck_inside=door.lift_trucks_inside == 0)
    return replace(door, state="released")


def depart(door: DockDoor) -> DockDoor:
    """The vehicle pulls away."""
    _from(door, "depart", "released")
    return replace(door, state="departed")


def dock_verdict(door: DockDoor | None) -> Verdict:
    """Whether a vehicle may leave its door."""
    rule = "workplace.dock"
    if door is None:
        return not_checked(rule, CITATION, "the state of the dock door is not told")
    if door.lift_trucks_inside:
        return failed(rule, CITATION, f"{door.lift_trucks_inside} lift trucks are in the trailer")
    if door.may_depart or door.state == "departed":
        return passed(rule, CITATION, f"the door is {door.state}")
    return failed(
        rule, CITATION, f"the door is {door.state.replace('_', ' ')}, the trailer is not released"
    )


def _from(door: DockDoor, action: str, *states: DockState) -> None:
    if door.state not in states:
        raise InvalidValueError(
            f"{action} is not possible while the door is {door.state}",
            remedy=f"it is possible from: {', '.join(states)}",
        )


def _needs(action: str, **conditions: bool) -> None:
    missing = [name.replace("_", " ") for name, met in conditions.items() if not met]
    if missing:
        raise InvalidValueError(
            f"{action} is refused without: {', '.join(missing)}",
            remedy="make it safe first, then try again",
        )
