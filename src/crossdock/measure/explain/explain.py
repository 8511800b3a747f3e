"""Finds what an id names and explains it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable

import polars as pl

from crossdock.measure.explain.explanation import Clockface, Explanation
from crossdock.measure.explain.load import explain_load
from crossdock.measure.explain.parcel import explain_parcel
from crossdock.measure.explain.place import explain_facility, explain_lane
from crossdock.measure.explain.route import explain_route
from crossdock.measure.frames import Tables, lane, table
from crossdock.model.errors import NotFoundError
from crossdock.model.network import Network

Explainer = Callable[[Tables, str, Clockface], Explanation]


def explain_subject(
    tables: Tables, subject_id: str, *, network: Network | None = None
) -> Explanation:
    """Explain a parcel, an order, a load, a route, a lane (``LAX-DFW``) or a facility.

    Parameters
    ----------
    tables
        Run tables.
    subject_id
        Its id, as the run's tables have it.
    network
        Network of the run: gives the time zones; without it times are in UTC.

    Raises
    ------
    NotFoundError
        The run has nothing of that id; the remedy names the closest ones.
    """
    clockface = Clockface({} if network is None else network.timezones)
    parcels = table(tables, "parcels")
    by_order = parcels.filter(pl.col("order_id") == subject_id)["parcel_id"]
    if len(by_order) and subject_id not in parcels["parcel_id"]:
        return explain_parcel(tables, by_order[0], clockface)
    for ids, explain in _kinds(tables, network):
        if (ids == subject_id).any():
            return explain(tables, subject_id, clockface)
    raise _not_found(tables, network, subject_id)


def _kinds(tables: Tables, network: Network | None) -> list[tuple[pl.Series, Explainer]]:
    parcels, loads = table(tables, "parcels"), table(tables, "loads")
    lanes = pl.concat(
        [
            loads.select(lane())["lane"],
            parcels.select(lane("origin_facility_id", "destination_facility_id"))["lane"],
        ]
    )
    return [
        (parcels["parcel_id"], explain_parcel),
        (loads["load_id"], explain_load),
        (table(tables, "tours")["route_id"], explain_route),
        (_facility_ids(tables, network), explain_facility),
        (lanes.unique().sort(), explain_lane),
    ]


def _facility_ids(tables: Tables, network: Network | None) -> pl.Series:
    parcels = table(tables, "parcels")
    named = [parcels["origin_facility_id"], parcels["destination_facility_id"]]
    if network is not None:
        named.append(network["facilities"]["facility_id"])
    return pl.concat([ids.rename("facility_id") for ids in named]).unique().sort()


def _not_found(tables: Tables, network: Network | None, subject_id: str) -> NotFoundError:
    known = [str(each) for ids, _ in _kinds(tables, network) for each in ids.drop_nulls()]
    known += [str(each) for each in table(tables, "parcels")["order_id"].drop_nulls()]
    close = _close_ids(subject_id, known)
    remedy = (
        f"did you mean {', '.join(close)}?"
        if close
        else "give the id of a parcel, an order, a load, a route, a lane (FROM-TO) or a facility"
    )
    return NotFoundError(f"the plan has nothing called {subject_id!r}", remedy=remedy)


def _close_ids(wanted: str, known: list[str]) -> list[str]:
    """The likeliest ids: those that differ in case or leading zeros alone, then by spelling."""
    same = [each for each in known if _bare(each) == _bare(wanted)]
    folded = {each.casefold(): each for each in reversed(known)}
    alike = difflib.get_close_matches(wanted.casefold(), list(folded), n=3, cutoff=0.6)
    return list(dict.fromkeys([*same, *(folded[each] for each in alike)]))[:3]


def _bare(name: str) -> str:
    return re.sub(r"(?<!\d)0+(?=\d)", "", name.casefold())
