"""What the law asks of each line-haul driver: rules, home terminal, and the days before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from crossdock.comply.hos import (
    US_70_8,
    Cycle,
    RuleSet,
    logged_segments,
    planning_ruleset,
)
from crossdock.model import Network


@dataclass(frozen=True)
class DriverLaw:
    """The rules of a driver, the home terminal's zone, and periods on duty before the day."""

    rules: RuleSet = US_70_8
    timezone: str = "UTC"
    worked: tuple[tuple[int, int], ...] = ()


def driver_laws(network: Network, duties: pl.DataFrame) -> Mapping[str, DriverLaw]:
    """By driver of a plan's duties.

    Parameters
    ----------
    duties
        Schema ``DUTIES``.
    """
    named = dict(network["drivers"].select("driver_id", "hos_ruleset").iter_rows())
    logged = logged_segments(network["duty_log"])
    zones = network.timezones
    homes = duties.select("driver_id", "domicile_facility_id").unique("driver_id")
    laws: dict[str, DriverLaw] = {}
    for driver_id, home in homes.iter_rows():
        rules, zone = planning_ruleset(named.get(driver_id)), zones.get(home, "UTC")
        log = logged.get(driver_id, [])
        cycle = Cycle.after(log, rules, zone, log[-1].end_s if log else 0)
        laws[driver_id] = DriverLaw(rules, zone, tuple(cycle.worked))
    return laws
