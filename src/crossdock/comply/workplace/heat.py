"""What heat asks of a workplace: trigger temperatures as configuration, not as law.

No final federal heat standard is known here; the defaults are those of OSHA's proposal of August
2024, and states such as California (8 CCR 3395, 3396) have their own.
"""

from __future__ import annotations

from dataclasses import dataclass

from crossdock.model import InvalidValueError


@dataclass(frozen=True)
class HeatPolicy:
    """Triggers by heat index, in degrees Fahrenheit.

    Attributes
    ----------
    initial_f
        Water, shade and breaks on request from here on.
    high_f
        A break of `break_min` after each `work_min` from here on.

    Notes
    -----
    The defaults are among the least certain values and are not compared with the official text.
    """

    initial_f: float = 80.0
    high_f: float = 90.0
    break_min: int = 15
    work_min: int = 120
    citation: str = "OSHA's proposed heat rule, August 2024 (not in force)"

    def __post_init__(self) -> None:
        if not self.initial_f <= self.high_f or min(self.break_min, self.work_min) <= 0:
            raise InvalidValueError(
                f"heat triggers {self.initial_f} and {self.high_f} F are out of order",
                remedy="give the initial trigger first, and breaks above 0 min",
            )


def heat_measures(heat_index_f: float, policy: HeatPolicy | None = None) -> tuple[str, ...]:
    """What to do at a heat index; empty: nothing."""
    policy = policy or HeatPolicy()
    if heat_index_f < policy.initial_f:
        return ()
    measures = ("drinking water", "a cool place for breaks", "breaks when people need them")
    if heat_index_f < policy.high_f:
        return measures
    return (
        *measures,
        f"a break of {policy.break_min} min after {policy.work_min} min of work",
        "look out for signs of heat illness",
    )
