"""Commands on parcels at a station: try again, or give them to a partner."""

from __future__ import annotations

import polars as pl

from crossdock.model.errors import NotFoundError
from crossdock.operate.commands.arrivals import DAY_S, Arrival, Foresight
from crossdock.operate.commands.command import DivertParcels, Reattempt
from crossdock.operate.commands.journeys import Journey, journeys_of
from crossdock.operate.commands.outlook import Change, Outlook
from crossdock.operate.commands.verdict import Findings, counted

MOST_ATTEMPTS = 3
_AT_A_STATION = ("facility", "pickup_point")
_ELSEWHERE = {
    "load": "on a load",
    "route": "on a route",
    "partner": "with a partner",
    "merchant": "not picked up yet",
}
_STOPPED = ("held", "customs_hold", "address_issue", "damaged")


def reattempt(command: Reattempt, outlook: Outlook) -> Findings:
    """One more attempt on the next delivery day, at the hour of the plan.

    Without the command the attempt is taken to be a day later: nobody has ordered one yet.
    """
    state = _states(outlook, pl.Series([command.parcel_id])).row(0, named=True)
    found = Findings()
    _at_a_station(state, found)
    if state["attempts"] >= MOST_ATTEMPTS:
        found.bar(f"it was tried {state['attempts']} times, the most is {MOST_ATTEMPTS}")
    if found.barred:
        return found
    place = str(state["custody_id"])
    journeys = _journeys(outlook, [command.parcel_id])
    for journey in journeys:
        if state["custody_kind"] == "facility" and journey.destination != place:
            found.bar(f"it is on its way to {journey.destination} still")
            return found
    for journey in journeys:
        if journey.eta_s is None:
            continue
        days = max(0, -(-(outlook.at_s - journey.eta_s) // DAY_S))
        eta_s = journey.eta_s + days * DAY_S
        change = Change(journey, Arrival(eta_s + DAY_S), Arrival(eta_s))
        found.changes = [change]
        found.note(f"expected again at {outlook.clock(place, eta_s)}")
    stop_usd = _stop_usd(outlook, place)
    if stop_usd is None:
        found.note(f"no tour of {place} is planned: the cost of a stop is not known")
    else:
        found.cost_usd = stop_usd
        found.note(f"a stop of {place}'s routes costs ${stop_usd:,.2f} on average")
    if state["status"] == "attempt_failed" or state["attempt_reasons"]:
        found.note(f"failed before: {state['attempt_reasons'].replace(';', ', ')}")
    found.told["facility_id"] = place
    return found


def divert_parcels(command: DivertParcels, outlook: Outlook) -> Findings:
    """Give parcels to a partner that covers their ZIPs from where they are."""
    carriers = outlook.scene.means.network["carriers"]
    if command.carrier_id not in carriers["carrier_id"]:
        raise NotFoundError(
            f"there is no carrier {command.carrier_id!r}", remedy="name a carrier of the network"
        )
    states = _states(outlook, pl.Series(list(command.parcel_ids)))
    found = Findings()
    for state in states.iter_rows(named=True):
        _at_a_station(state, found, named=len(command.parcel_ids) > 1)
    if found.barred:
        return found
    # Imported when it is asked for: a server that only watches starts without the planner.
    from crossdock.operate.commands.partner_offers import partner_offers  # noqa: PLC0415

    means = outlook.scene.means
    placed = states.select("parcel_id", facility_id="custody_id").join(means.goods, on="parcel_id")
    offered = partner_offers(means.network, placed, command.carrier_id, outlook.at.date())
    bare = set(command.parcel_ids) - set(offered["parcel_id"])
    if bare:
        found.bar(
            f"{command.carrier_id} does not cover {_some(bare)} from where "
            f"{'it is' if len(bare) == 1 else 'they are'}"
        )
        return found
    unsold = offered.filter(pl.col("usd").is_null())["parcel_id"].to_list()
    if unsold:
        found.bar(f"{command.carrier_id} has no rate for {_some(unsold)}")
        return found
    rate_usd = float(offered["usd"].sum())
    saved_usd, stops = _saved_stops(outlook, command.parcel_ids)
    found.cost_usd = rate_usd - saved_usd
    found.note(f"{command.carrier_id} takes ${rate_usd:,.2f}")
    if stops:
        found.note(f"{counted(stops, 'stop')} of own routes saved: ${saved_usd:,.2f}")
    else:
        found.note("no stop of an own route is saved")
    days = dict(offered.select("parcel_id", "partner_days").iter_rows())
    foresight = Foresight(outlook.rides, outlook.waves, outlook.drive_s, outlook.at_s)
    now = foresight.arrivals(journeys := _journeys(outlook, command.parcel_ids))
    found.changes = [
        Change(
            each,
            now[each.parcel_id],
            Arrival(_by_partner(each, outlook.at_s, days[each.parcel_id])),
        )
        for each in journeys
    ]
    found.told["facility_id"] = str(states["custody_id"][0])
    return found


def _by_partner(journey: Journey, at_s: int, days: int) -> int | None:
    """Given today: at the door after the partner's days, at the hour of the plan."""
    if journey.eta_s is None:
        return None
    behind = max(0, -(-(at_s - journey.eta_s) // DAY_S))
    today_s = journey.eta_s + behind * DAY_S
    early = max(0, (today_s - at_s) // DAY_S)
    return today_s - early * DAY_S + days * DAY_S


def _states(outlook: Outlook, parcel_ids: pl.Series) -> pl.DataFrame:
    """What is known of these parcels, in their order.

    Raises
    ------
    NotFoundError
        Neither the plan nor an event names one of them.
    """
    asked = pl.DataFrame({"parcel_id": parcel_ids.cast(pl.String)})
    planned = (
        outlook.scene.plan.parcels.select("parcel_id")
        .unique()
        .with_columns(planned=pl.lit(value=True))
    )
    rows = asked.join(
        outlook.scene.present.parcels, on="parcel_id", how="left", maintain_order="left"
    ).join(planned, on="parcel_id", how="left", maintain_order="left")
    unknown = rows.filter(pl.col("status").is_null() & pl.col("planned").is_null())
    if unknown.height:
        raise NotFoundError(
            f"there is no parcel {unknown['parcel_id'][0]!r}", remedy="name a parcel of the day"
        )
    return rows.with_columns(
        pl.col("attempts").fill_null(0), pl.col("attempt_reasons").fill_null("")
    )


def _at_a_station(state: dict[str, object], found: Findings, *, named: bool = False) -> None:
    it = str(state["parcel_id"]) if named else "it"
    where = state["custody_kind"] or "none"
    if state["terminal"] or state["status"] == "returning":
        found.bar(f"{it} is {str(state['status']).replace('_', ' ')}")
    elif state["status"] in _STOPPED:
        found.bar(f"{it} is stopped: {str(state['status']).replace('_', ' ')}")
    elif where not in _AT_A_STATION or not state["custody_id"]:
        found.bar(f"{it} is {_ELSEWHERE.get(str(where), 'nowhere that an event told of')}")


def _journeys(outlook: Outlook, parcel_ids: tuple[str, ...] | list[str]) -> list[Journey]:
    return journeys_of(outlook.scene, pl.Series(list(parcel_ids), dtype=pl.String))


def _stop_usd(outlook: Outlook, facility_id: str) -> float | None:
    """Mean cost of a stop of a facility's tours."""
    tours = outlook.scene.means.tours.filter(
        (pl.col("facility_id") == facility_id) & (pl.col("stops") > 0)
    )
    stops = int(tours["stops"].sum())
    return float(tours["cost_usd"].sum()) / stops if stops else None


def _saved_stops(outlook: Outlook, parcel_ids: tuple[str, ...]) -> tuple[float, int]:
    """Stops of routes that are to leave and have none but these parcels: their price, and number.

    A stop is priced as its tour's mean.
    """
    gone = pl.col("parcel_id").is_in(list(parcel_ids))
    routes = outlook.scene.plan.routes
    touched = routes.filter(gone)["route_id"].unique()
    stops = (
        routes.filter(pl.col("route_id").is_in(touched.implode()))
        .group_by("route_id", "sequence")
        .agg(empty=gone.all())
        .filter("empty")
        .join(
            outlook.scene.means.tours.select(
                "route_id", "departs_at", usd=pl.col("cost_usd") / pl.col("stops")
            ),
            on="route_id",
        )
        .filter(pl.col("departs_at") > outlook.at)
    )
    return float(stops["usd"].fill_null(0.0).sum()), stops.height


def _some(parcel_ids: set[str] | list[str]) -> str:
    shown = sorted(parcel_ids)
    more = f" and {len(shown) - 3:,} more" if len(shown) > 3 else ""
    return f"{', '.join(shown[:3])}{more}"
