"""What is assumed where the files say nothing, one sentence each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import polars as pl

from crossdock.model.network.spec import NETWORK_FILES
from crossdock.model.tables import conform, empty

STOW_FACTOR = 0.70
HANDLING_USD_PARCEL = 0.40
DRIVER_USD_H = 32.0

DEFAULT_WAVES: Mapping[str, tuple[str, str | None, dt.time, dt.time, dt.time, float]] = {
    "origin_station": ("twilight", None, dt.time(19, 30), dt.time(18), dt.time(22, 30), 30.0),
    "hub": ("night", "MTWTFSU", dt.time(2, 30), dt.time(23), dt.time(3, 30), 30.0),
    "destination_station": ("preload", None, dt.time(5), dt.time(4), dt.time(8, 30), 0.0),
}
"""By role: wave, days, inbound cut-off, start, end, minutes until ready (network.md §3, †)."""

SERVICES = pl.DataFrame(
    {
        "service": ["2-day", "3-day"],
        "transit_days": [2, 3],
        "order_cutoff": [dt.time(16)] * 2,
        "delivery_by": [dt.time(20)] * 2,
    }
)

_IF_ABSENT: Mapping[str, str] = {
    "service_lanes": "service_lanes is missing: lanes are sold as transit times allow",
    "calendars": (
        "calendars is missing: every facility and service works Monday to Saturday and rests on US "
        "federal holidays"
    ),
    "lanes": (
        "lanes is missing: road miles are great circle x 1.19, driven at 50 mph, a slow drive "
        "(p90) takes 1.12 times as long"
    ),
    "departures": "departures is missing: loads leave when a sort wave is ready",
    "appointments": "appointments is missing: partners take parcels over whenever they are ready",
    "vehicles": (
        "vehicles is missing: carriers provide as many vehicles as needed of the types they rate"
    ),
    "drivers": (
        f"drivers is missing: as many drivers as needed at each facility at ${DRIVER_USD_H:.0f} an "
        "hour"
    ),
    "duty_log": "duty_log is missing: every driver counts as rested",
    "zones": "zones is missing: USPS zones by distance",
    "accessorials": "accessorials is missing: nothing is charged beside the rates",
    "documents": "documents is missing: licences, medical cards and inspections are not checked",
}


def with_defaults(
    tables: Mapping[str, pl.DataFrame],
) -> tuple[dict[str, pl.DataFrame], tuple[str, ...]]:
    """Every file of the format, with defaults for what ``tables`` lacks.

    Parameters
    ----------
    tables
        Checked tables of the files that were given.

    Returns
    -------
    tuple
        One frame a file with the schema of its spec, and what was assumed.
    """
    filled = {
        name: conform(tables[name], spec.schema) if name in tables else empty(spec.schema)
        for name, spec in NETWORK_FILES.items()
    }
    assumed: list[str] = []
    for fill in (_waves, _services, _cells):
        filled, sentences = fill(filled)
        assumed.extend(sentences)
    assumed.extend(sentence for name, sentence in _IF_ABSENT.items() if filled[name].is_empty())
    return filled, tuple(assumed)


_Filled = tuple[dict[str, pl.DataFrame], list[str]]


def _waves(tables: dict[str, pl.DataFrame]) -> _Filled:
    """A wave by role for every facility that has the role and no wave at all."""
    silent = tables["facilities"].filter(
        ~pl.col("facility_id").is_in(tables["sort_waves"]["facility_id"].to_list())
    )
    invented: list[pl.DataFrame] = []
    sentences: list[str] = []
    for role, (wave, days, cutoff, starts, ends, ready_min) in DEFAULT_WAVES.items():
        of_role = silent.filter(pl.col("roles").list.contains(role)).unique(
            "facility_id", keep="first", maintain_order=True
        )
        if of_role.is_empty():
            continue
        invented.append(
            of_role.select(
                "facility_id",
                wave=pl.lit(wave),
                days=pl.lit(days, dtype=pl.String),
                inbound_cutoff=pl.lit(cutoff),
                starts=pl.lit(starts),
                ends=pl.lit(ends),
                ready_min=pl.lit(ready_min),
            )
        )
        sentences.append(
            f"sort_waves names no wave of {_count(of_role.height, 'facility', 'facilities')} with "
            f"role {role}: {wave} sort {starts:%H:%M}-{ends:%H:%M}, inbound cut-off {cutoff:%H:%M}"
            ", no limit of rate"
        )
    schema = NETWORK_FILES["sort_waves"].schema
    waves = pl.concat([tables["sort_waves"], *(conform(frame, schema) for frame in invented)])
    return tables | {"sort_waves": waves}, sentences


def _services(tables: dict[str, pl.DataFrame]) -> _Filled:
    if not tables["services"].is_empty():
        return tables, []
    services = conform(SERVICES, NETWORK_FILES["services"].schema)
    return tables | {"services": services}, [
        "services is missing: 2-day and 3-day, ordered by 16:00, delivered by 20:00"
    ]


def _cells(tables: dict[str, pl.DataFrame]) -> _Filled:
    """Cells that a plan cannot do without."""
    spaces = ("trailer", "truck", "van", "pallet_space")
    fills: tuple[tuple[str, str, float, pl.Expr, Callable[[int], str]], ...] = (
        (
            "facilities",
            "handling_usd_parcel",
            HANDLING_USD_PARCEL,
            pl.lit(value=True),
            lambda count: (
                f"handling costs ${HANDLING_USD_PARCEL:.2f} a parcel and touch at "
                f"{_count(count, 'facility', 'facilities')} without handling_usd_parcel"
            ),
        ),
        (
            "vehicle_types",
            "stow_factor",
            STOW_FACTOR,
            pl.col("class").is_in(spaces),
            lambda count: (
                f"{_count(count, 'vehicle type', 'vehicle types')} without stow_factor: "
                f"{STOW_FACTOR:.2f} of the nominal space is usable"
            ),
        ),
        (
            "drivers",
            "cost_usd_h",
            DRIVER_USD_H,
            pl.col("kind") == "linehaul",
            lambda count: (
                f"{_count(count, 'line-haul driver', 'line-haul drivers')} without "
                f"cost_usd_h: ${DRIVER_USD_H:.0f} an hour"
            ),
        ),
    )
    filled, sentences = dict(tables), list[str]()
    for file, column, value, where, sentence in fills:
        lacking = pl.col(column).is_null() & where
        count = filled[file].filter(lacking).height
        if count:
            filled[file] = filled[file].with_columns(
                pl.when(lacking).then(value).otherwise(pl.col(column)).alias(column)
            )
            sentences.append(sentence(count))
    return filled, sentences


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
