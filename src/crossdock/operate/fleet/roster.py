"""Who drives: every driver that the network, the plans or an event names, and by which rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from crossdock.comply.coverage import Coverage, VehicleRating, regulated
from crossdock.comply.hos import RuleSet, planning_ruleset
from crossdock.model import Network
from crossdock.model.units import KG_PER_POUND
from crossdock.operate.commands import Means
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView

LINEHAUL = "linehaul"
_CLASSES = {LINEHAUL: ("tractor", "trailer", "truck")}
_OF_STREETS = ("van", "truck")


@dataclass(frozen=True)
class Driver:
    """One driver.

    Attributes
    ----------
    kind
        Of the network's file; None: no file names the driver.
    coverage
        Whether the federal rules are for the vehicles that the driver drives.
    """

    driver_id: str
    kind: str | None
    carrier_id: str | None
    facility_id: str | None
    team_with: str | None
    timezone: str
    rules: RuleSet
    coverage: Coverage

    @property
    def is_regulated(self) -> bool:
        """Who drives a vehicle of which no weight is known is judged too."""
        return self.coverage.regulated is not False


def roster(
    present: Present,
    plan: PlanView,
    means: Means,
    *,
    driver_ids: Collection[str] | None = None,
    asked: str | None = None,
    facility_id: str | None = None,
    kind: str | None = None,
) -> list[Driver]:
    """The drivers, by id.

    Parameters
    ----------
    driver_ids
        These alone, as far as they are known.
    asked
        Part of an id, in any case.
    facility_id, kind
        Of this home; of this kind.
    """
    rows = _named(present, plan, means)
    if driver_ids is not None:
        rows = rows.filter(pl.col("driver_id").is_in(list(driver_ids)))
    if asked:
        low = pl.col("driver_id").str.to_lowercase()
        rows = rows.filter(low.str.contains(asked.lower(), literal=True))
    if facility_id is not None:
        rows = rows.filter(pl.col("facility_id") == facility_id)
    if kind is not None:
        rows = rows.filter(pl.col("kind") == kind)
    zones = means.network.timezones
    garage = _Garage(means.network, _driven(plan, means, rows["driver_id"]))
    return [
        Driver(
            row["driver_id"],
            row["kind"],
            row["carrier_id"],
            row["facility_id"],
            row["team_with"],
            zones.get(row["facility_id"] or "", "UTC"),
            planning_ruleset(row["hos_ruleset"]),
            garage.coverage(row),
        )
        for row in rows.sort("driver_id").iter_rows(named=True)
    ]


def coverage_of(network: Network, vehicle_types: Iterable[str]) -> Coverage:
    """Whether the federal rules are for who drives these types of vehicles; the heaviest counts."""
    return _heaviest([_rating(network, each) for each in vehicle_types])


_ROSTER = ("driver_id", "kind", "carrier_id", "facility_id", "team_with", "hos_ruleset")


def _named(present: Present, plan: PlanView, means: Means) -> pl.DataFrame:
    """Every driver once: as the network's file has them, else as the first that names them."""
    listed = means.network["drivers"].with_columns(facility_id="domicile_facility_id")
    home = pl.col("domicile_facility_id").alias("facility_id")
    parts = [
        listed.select(_ROSTER),
        plan.duties.select("driver_id", "carrier_id", home, kind=pl.lit(LINEHAUL)),
        means.tours.select("driver_id", "carrier_id", "facility_id", kind=pl.lit("last_mile")),
        means.fleet.select("driver_id", "carrier_id", "facility_id", kind=pl.lit("last_mile")),
        present.folded.tracking.duties.whole.select("driver_id"),
    ]
    return (
        pl.concat(parts, how="diagonal")
        .filter(pl.col("driver_id").is_not_null())
        .unique("driver_id", keep="first", maintain_order=True)
    )


def _driven(plan: PlanView, means: Means, driver_ids: pl.Series) -> Mapping[str, Sequence[str]]:
    """The types of vehicles that the plans give to each driver."""
    among = pl.col("driver_id").is_in(driver_ids.implode())
    types = plan.loads.select("load_id", "vehicle_type").unique("load_id", keep="first")
    rows = pl.concat(
        [
            plan.duties.filter(among).join(types, on="load_id").select("driver_id", "vehicle_type"),
            means.tours.filter(among).select("driver_id", "vehicle_type"),
            means.fleet.filter(among).select("driver_id", "vehicle_type"),
        ]
    )
    grouped = rows.drop_nulls().unique().group_by("driver_id").agg(pl.col("vehicle_type").sort())
    return dict(grouped.iter_rows())


class _Garage:
    """The vehicles of a network, and whether the rules are for who drives them."""

    def __init__(self, network: Network, driven: Mapping[str, Sequence[str]]) -> None:
        self._network = network
        self._driven = driven
        self._known: dict[tuple[str, ...], Coverage] = {}
        self._at_home: dict[tuple[str, str, str], tuple[str, ...]] = {}
        classes = network["vehicle_types"].select("vehicle_type", "class").iter_rows()
        self._class = {name: each for name, each in classes}  # noqa: C416

    def coverage(self, row: Mapping[str, str | None]) -> Coverage:
        """Of a driver: by what the plans give him, else by what stands where he lives.

        Of a line-haul driver by both: a van today and a truck tomorrow make all of it on-duty time.
        """
        planned = tuple(self._driven.get(row["driver_id"] or "", ()))
        if row["kind"] is None or (planned and row["kind"] != LINEHAUL):
            return self._of(planned, heaviest=True)
        home = (row["kind"], row["facility_id"] or "", row["carrier_id"] or "")
        if home not in self._at_home:
            self._at_home[home] = self._standing_there(*home)
        if row["kind"] == LINEHAUL:
            return self._of((*planned, *self._at_home[home]), heaviest=True)
        return self._of(self._at_home[home], heaviest=False)

    def _standing_there(self, kind: str, facility_id: str, carrier_id: str) -> tuple[str, ...]:
        classes = _CLASSES.get(kind, _OF_STREETS)
        there = self._network["vehicles"].filter(
            (pl.col("home_facility_id") == facility_id) & (pl.col("carrier_id") == carrier_id)
        )
        types = {each for each in there["vehicle_type"] if self._class.get(each) in classes}
        return tuple(sorted(types))

    def _of(self, types: tuple[str, ...], *, heaviest: bool) -> Coverage:
        key = (*types, str(heaviest))
        if key not in self._known:
            ratings = [_rating(self._network, each) for each in types]
            found = {_covered(each).regulated for each in ratings}
            undecided = not heaviest and len(found) > 1
            self._known[key] = _unknown_vehicle(types) if undecided else _heaviest(ratings)
        return self._known[key]


def _rating(network: Network, vehicle_type: str) -> VehicleRating:
    rows = network["vehicle_types"].filter(pl.col("vehicle_type") == vehicle_type)
    if rows.is_empty():
        return VehicleRating()
    row = rows.row(0, named=True)
    # Space in somebody else's truck has no weight: what drives it is not known.
    weight_lb = row["gvwr_kg"] / KG_PER_POUND if row["gvwr_kg"] else None
    if row["class"] == "trailer":
        return VehicleRating(trailers=1, towed_gvwr_lb=weight_lb)
    return VehicleRating(gvwr_lb=weight_lb)


def _covered(rating: VehicleRating) -> Coverage:
    # Parcels cross state lines: that a van does not leave its state does not make it intrastate.
    return regulated(rating, placarded=False, commerce="interstate")


def _heaviest(ratings: Sequence[VehicleRating]) -> Coverage:
    """The strictest of them; of no vehicle nothing is known."""
    found = [_covered(each) for each in ratings] or [_covered(VehicleRating())]
    order = {True: 0, None: 1, False: 2}
    return min(found, key=lambda each: order[each.regulated])


def _unknown_vehicle(types: Sequence[str]) -> Coverage:
    told = _covered(VehicleRating())
    return Coverage(
        None,
        f"which of {', '.join(types)} is driven is not planned: judged as a commercial motor "
        "vehicle",
        told.citation,
        told.licence,
        told.applies,
        told.does_not_apply,
    )
