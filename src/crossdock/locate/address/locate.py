"""Every order's address parsed, checked and placed, with the verdict of a first look."""

from __future__ import annotations

import polars as pl

from crossdock.locate.address.faults import Fault, place_faults, street_fault
from crossdock.locate.address.key import address_key, key_line
from crossdock.locate.address.parse import ParsedAddress, parse_address, parse_columns
from crossdock.locate.address.scatter import scattered, zip_radii
from crossdock.locate.roads import great_circle_m
from crossdock.model.order import shown
from crossdock.model.protocols import Engine, Progress, SerialEngine
from crossdock.model.tables import LOCATED_ORDERS, REJECTS, conform, empty

CHUNK_ADDRESSES = 5_000
FARTHEST_PREMISE_M = 80_000.0
"""No ZIP reaches farther from its centre than the largest desert ones, about 50 miles (†)."""
_AS_GIVEN = ("address", "line1", "line2", "city", "state", "zip")
_PARSED = pl.Schema(
    {name: pl.Boolean() if name == "certain" else pl.String() for name in ParsedAddress._fields}
)


def locate_orders(
    orders: pl.DataFrame,
    *,
    zips: pl.DataFrame,
    reference: pl.DataFrame | None = None,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Place every order, or say why it cannot be delivered.

    Parameters
    ----------
    orders
        Frame of `crossdock.model.order.CHECKED_ORDERS`.
    zips
        `crossdock.locate.zips.zip_table`.
    reference
        Known delivery points: ``line1`` (upper case, without unit), ``zip5, latitude, longitude``
        and ``units`` (how many units are known there). None: every stop is scattered in its ZIP.
    engine
        Where addresses are parsed, in chunks; by default in this process.
    progress
        Shows how far the parsing is.

    Returns
    -------
    located, rejects : polars.DataFrame
        Frames of `LOCATED_ORDERS` and `REJECTS`, sorted by row; each order is in one of them. The
        answer for an order depends on its own address alone.

    Notes
    -----
    Verdict CONFIRM: the city differs from the ZIP's, city or state was taken from the ZIP, there is
    no house number, or the parser was not certain. CONFIRM_ADD_SUBPREMISES: units are known at the
    matched premise and the address names none. Everything else is ACCEPT.
    """
    parsed = _parse_all(orders, engine or SerialEngine(), progress)
    judged = _with_zip(parsed, zips)
    rejects = _rejects(judged)
    sound = judged.filter(pl.col("_place_fault").is_null() & pl.col("_street_fault").is_null())
    keyed = sound.with_columns(
        address_key(pl.col("line1"), pl.col("kind"), pl.col("zip5")).alias("address_key")
    )
    placed = _placed(_matched(keyed, reference, zips), zips)
    located = conform(_with_verdict(placed, zips).sort("row"), LOCATED_ORDERS)
    return located, rejects


def _parse_all(orders: pl.DataFrame, engine: Engine, progress: Progress | None) -> pl.DataFrame:
    """Orders with their address parts as parsed; what was given is in ``given_*``."""
    distinct = orders.select(_AS_GIVEN).unique(maintain_order=True)
    chunks = [
        distinct.slice(start, CHUNK_ADDRESSES)
        for start in range(0, distinct.height, CHUNK_ADDRESSES)
    ]
    answers = engine.map(parse_chunk, chunks, label="Addresses", progress=progress)
    parsed = pl.concat([_PARSED.to_frame(), *answers])
    given = distinct.select(pl.all().name.prefix("given_"))
    known = pl.concat([given, parsed], how="horizontal")
    rest = orders.rename({name: f"given_{name}" for name in _AS_GIVEN})
    return rest.join(
        known,
        on=[f"given_{name}" for name in _AS_GIVEN],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )


def parse_chunk(addresses: pl.DataFrame) -> pl.DataFrame:
    """Parse some addresses; pure and picklable, for `Engine.map`.

    Parameters
    ----------
    addresses
        ``address`` or, where it is null, ``line1, line2, city, state, zip``.

    Returns
    -------
    polars.DataFrame
        One row each, in order, with the fields of `ParsedAddress`.
    """
    answers = [
        parse_address(line) if line else parse_columns(*(part or "" for part in parts))
        for line, *parts in addresses.select(_AS_GIVEN).iter_rows()
    ]
    return pl.DataFrame(answers, schema=_PARSED, orient="row")


def _with_zip(parsed: pl.DataFrame, zips: pl.DataFrame) -> pl.DataFrame:
    """Add what the ZIP table says and the first fault of place and street."""
    by_zip = zips.select(
        "zip5",
        pl.col("state").alias("zip_state"),
        pl.col("city").str.to_uppercase().alias("zip_city"),
        "timezone",
    )
    zip5 = pl.col("zip").str.extract(r"^([0-9]{5})(?:-?[0-9]{4})?$").alias("zip5")
    judged = parsed.with_columns(zip5).join(by_zip, on="zip5", how="left", maintain_order="left")
    return judged.with_columns(
        _first_fault(place_faults()).alias("_place_fault"),
        _first_fault((street_fault(),)).alias("_street_fault"),
    )


def _first_fault(faults: tuple[Fault, ...]) -> pl.Expr:
    return pl.coalesce(
        *(
            pl.when(fault.fails.fill_null(value=False)).then(pl.lit(number, pl.Int8))
            for number, fault in enumerate(faults)
        )
    )


def _rejects(judged: pl.DataFrame) -> pl.DataFrame:
    """Reject rows; a one-line address is one field, so it has one row, of its first fault."""
    one_line = pl.col("given_address").is_not_null()
    found = [
        _reject_rows(judged.filter(pl.col("_place_fault") == number), fault)
        for number, fault in enumerate(place_faults())
    ]
    street = pl.col("_street_fault").is_not_null()
    found.append(
        _reject_rows(
            judged.filter(street & ~(one_line & pl.col("_place_fault").is_not_null())),
            street_fault(),
        )
    )
    return pl.concat([empty(REJECTS), *found]).sort("row", maintain_order=True)


def _reject_rows(broken: pl.DataFrame, fault: Fault) -> pl.DataFrame:
    one_line = pl.col("given_address").is_not_null()
    field = pl.when(one_line).then(pl.lit("address")).otherwise(pl.lit(fault.field))
    value = pl.when(one_line).then(pl.col("given_address")).otherwise(fault.value)
    return broken.select(
        "row",
        shown(pl.col("order_id")).alias("order_id"),
        field.alias("field"),
        shown(value).alias("value"),
        fault.reason.alias("reason"),
        fault.remedy.alias("remedy"),
    ).cast(pl.Schema(REJECTS))


def _matched(
    keyed: pl.DataFrame, reference: pl.DataFrame | None, zips: pl.DataFrame
) -> pl.DataFrame:
    """Add ``premise_latitude, premise_longitude, units`` where the reference knows the premise.

    A reference row that lies far from its own ZIP (swapped or made-up coordinates) is not believed.
    """
    wanted = keyed.filter(pl.col("kind") == "street").select("address_key", "line1", "zip5")
    if reference is None or wanted.is_empty():
        return keyed.with_columns(
            pl.lit(None, pl.Float64).alias("premise_latitude"),
            pl.lit(None, pl.Float64).alias("premise_longitude"),
            pl.lit(None, pl.Int64).alias("units"),
        )
    number = pl.col("line1").str.extract(r"^(\S+)").alias("number")
    placed = pl.col("latitude").is_not_null() & pl.col("longitude").is_not_null()
    nearby = (
        _credible(reference.filter(placed), zips)
        .with_columns(number)
        .join(wanted.select("zip5", number).unique(), on=["zip5", "number"], how="semi")
    )
    premises = (
        nearby.with_columns(
            pl.concat_str(key_line(pl.col("line1")), "zip5", separator="|").alias("address_key")
        )
        .sort("address_key", "latitude", "longitude")
        .group_by("address_key", maintain_order=True)
        .agg(
            pl.col("latitude").first().cast(pl.Float64).alias("premise_latitude"),
            pl.col("longitude").first().cast(pl.Float64).alias("premise_longitude"),
            pl.col("units").sum().cast(pl.Int64),
        )
    )
    return keyed.join(premises, on="address_key", how="left", maintain_order="left")


def _credible(reference: pl.DataFrame, zips: pl.DataFrame) -> pl.DataFrame:
    """Rows of ``reference`` within `FARTHEST_PREMISE_M` of the centre of their ZIP."""
    centred = reference.join(
        zips.select("zip5", zip_latitude="latitude", zip_longitude="longitude"),
        on="zip5",
        how="left",
        maintain_order="left",
    )
    away_m = great_circle_m(
        centred["latitude"].to_numpy(),
        centred["longitude"].to_numpy(),
        centred["zip_latitude"].fill_null(float("nan")).to_numpy(),
        centred["zip_longitude"].fill_null(float("nan")).to_numpy(),
    )
    return reference.filter(pl.Series(away_m <= FARTHEST_PREMISE_M))


def _placed(matched: pl.DataFrame, zips: pl.DataFrame) -> pl.DataFrame:
    """Add ``latitude, longitude, precision``."""
    centres = zips.select("zip5", "latitude", "longitude").join(
        zip_radii(zips), on="zip5", how="left"
    )
    unmatched = matched.filter(pl.col("premise_latitude").is_null())
    keys = (
        unmatched.select("address_key", "zip5")
        .unique(maintain_order=True)
        .join(centres, on="zip5", how="left", maintain_order="left")
    )
    points = pl.concat([keys.select("address_key"), scattered(keys)], how="horizontal")
    placed = matched.join(points, on="address_key", how="left", maintain_order="left")
    at_premise = pl.col("premise_latitude").is_not_null()
    return placed.with_columns(
        pl.coalesce("premise_latitude", "latitude").alias("latitude"),
        pl.coalesce("premise_longitude", "longitude").alias("longitude"),
        pl.when(at_premise).then(pl.lit("premise")).otherwise(pl.lit("zip")).alias("precision"),
    )


def _with_verdict(placed: pl.DataFrame, zips: pl.DataFrame) -> pl.DataFrame:
    """Add ``verdict``; city and state that the address leaves out are the ZIP's."""
    own_city = _cities(zips).with_columns(pl.lit(value=True).alias("city_fits"))
    compared = placed.with_columns(_city_words(pl.col("city")).alias("city_words")).join(
        own_city, on=["zip5", "city_words"], how="left", maintain_order="left"
    )
    doubtful = ~pl.col("certain") | pl.col("city_fits").is_null() | (pl.col("state") == "")
    unit_missing = (pl.col("units") > 0) & (pl.col("line2") == "")
    verdict = (
        pl.when(doubtful)
        .then(pl.lit("CONFIRM"))
        .when(unit_missing)
        .then(pl.lit("CONFIRM_ADD_SUBPREMISES"))
        .otherwise(pl.lit("ACCEPT"))
    )
    return compared.with_columns(
        verdict.alias("verdict"),
        pl.when(pl.col("city") == "").then("zip_city").otherwise("city").alias("city"),
        pl.col("zip_state").alias("state"),
    )


def _cities(zips: pl.DataFrame) -> pl.DataFrame:
    """City names that the post office takes for each ZIP, as compared."""
    return (
        zips.select("zip5", pl.concat_list("city", "acceptable_cities").alias("city_words"))
        .explode("city_words")
        .drop_nulls("city_words")
        .with_columns(_city_words(pl.col("city_words").str.to_uppercase()))
        .unique(maintain_order=True)
    )


_CITY_SHORT_FORMS = {"SAINT": "ST", "SAINTE": "STE", "FORT": "FT", "MOUNT": "MT"}


def _city_words(city: pl.Expr) -> pl.Expr:
    """City name as compared: no punctuation, usual words in their short form."""
    bare = city.str.replace_all(r"[^A-Z0-9 ]", "")
    for word, short in _CITY_SHORT_FORMS.items():
        bare = bare.str.replace_all(rf"\b{word}\b", short)
    return bare
