"""What every stage of the day stands on: parcels in waves, offers on lanes, a way to each door."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import polars as pl

from crossdock.locate.roads import lane_table
from crossdock.model import Network
from crossdock.plan.capacity import linehaul_offers
from crossdock.plan.day.hand import at_hand
from crossdock.plan.day.parcels import as_parcels
from crossdock.plan.day.question import DayQuestion, Policy
from crossdock.plan.delivery import DeliveryChoice, DeliveryOptions, choose_among, price_options
from crossdock.plan.sortation import induct, ship_days, wave_calendar

_DAYS_AFTER_DUE = 10


@dataclass(frozen=True)
class Ground:
    """The day laid out before anything moves.

    Attributes
    ----------
    parcels
        Located orders as parcels, with origin, ship day and wave; those of the background after
        them.
    first_date, last_date
        Dates that waves are laid out for.
    options
        Coverage rows of every parcel, priced; ``choice`` is made from them.
    """

    network: Network
    question: DayQuestion
    parcels: pl.DataFrame
    waves: pl.DataFrame
    first_date: dt.date
    last_date: dt.date
    lanes: pl.DataFrame
    offers: pl.DataFrame
    options: DeliveryOptions
    choice: DeliveryChoice


def lay_out(question: DayQuestion) -> Ground:
    """Induct the orders and choose a coverage row for each."""
    parcels = as_parcels(question.orders, question.id_scope)
    shipping = ship_days(question.network, parcels, question.zips, not_before=question.start_date)
    ships = shipping["ship_date"]
    first, last = ships.min(), ships.max()
    assert isinstance(first, dt.date)
    assert isinstance(last, dt.date)
    network = question.network.on(first)
    longest = int(network["services"]["transit_days"].max() or 0)  # pyright: ignore[reportArgumentType]
    end = last + dt.timedelta(days=longest + _DAYS_AFTER_DUE)
    # Waves keep rows that come into force during the plan; everything else holds for its first day.
    waves = wave_calendar(
        Network({**network.tables, "sort_waves": question.network["sort_waves"]}),
        first - dt.timedelta(days=1),
        end,
    )
    inducted = induct(network, shipping, waves)
    lanes = lane_table(network)
    offers = linehaul_offers(network, lanes, date=first)
    parcels = inducted.orders
    if question.background is not None:
        parcels = pl.concat([parcels, at_hand(question.background, waves)], how="diagonal_relaxed")
    options = price_options(network, parcels, waves, offers, question.zips)
    choice = choose_among(network, parcels, options, question.zips, policy=question.policy)
    return Ground(network, question, parcels, waves, first, end, lanes, offers, options, choice)


def of_orders(ground: Ground) -> pl.Expr:
    """Rows whose ``parcel_id`` is of the day's orders, not of the background."""
    background = ground.question.background
    if background is None:
        return pl.lit(value=True)
    return ~pl.col("parcel_id").is_in(background["parcel_id"].implode())


def under_policy(ground: Ground, policy: Policy) -> Ground:
    """The same day under another policy: only the coverage rows are chosen anew."""
    question = replace(ground.question, policy=policy)
    choice = choose_among(
        ground.network, ground.parcels, ground.options, question.zips, policy=policy
    )
    return replace(ground, question=question, choice=choice)
