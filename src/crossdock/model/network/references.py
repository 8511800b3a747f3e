"""Rules between rows: keys that must be single, references that must lead somewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from crossdock.model.network.faults import Fault, all_faults, cell_faults, fault_table
from crossdock.model.network.rules import ROW
from crossdock.model.network.spec import FileSpec
from crossdock.model.tables import NETWORK_REJECTS, empty

_SUBJECTS = {
    "driver": ("drivers", "driver_id"),
    "vehicle": ("vehicles", "vehicle_id"),
    "carrier": ("carriers", "carrier_id"),
}


def duplicate_keys(spec: FileSpec, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows whose key an earlier row already has on an overlapping span of dates."""
    if not spec.key:
        return empty(NETWORK_REJECTS)
    keys = pl.struct(spec.key)
    repeated = rows.filter(keys.is_duplicated()).select(
        ROW,
        key=keys,
        starts=pl.col("effective_from").fill_null(dt.date.min),
        ends=pl.col("effective_to").fill_null(dt.date.max),
    )
    held: dict[tuple[object, ...], list[tuple[dt.date, dt.date, int]]] = {}
    named = ", ".join(spec.key)
    faults: list[Fault] = []
    for row, key, starts, ends in repeated.sort(ROW).iter_rows():
        spans = held.setdefault(tuple(key.values()), [])
        earlier = next(
            (number for begun, ended, number in spans if begun <= ends and starts <= ended), None
        )
        if earlier is None:
            spans.append((starts, ends, row))
        else:
            faults.append(
                Fault(
                    spec.name,
                    row,
                    spec.key[0],
                    value=str(next(iter(key.values()))),
                    reason=f"the same {named} as row {earlier}, at the same time",
                    remedy="remove one of the two, or let their effective dates not overlap",
                )
            )
    return fault_table(faults)


def broken_references(
    spec: FileSpec, rows: pl.DataFrame, tables: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """Cells that name a row which does not exist, or was rejected, in another file.

    A column that refers to a file the user did not give is not checked, unless that file is
    required.
    """
    faults: list[pl.DataFrame] = []
    for column in spec.columns:
        if column.refers_to is None or column.refers_to[0] not in tables:
            continue
        file, key = column.refers_to
        faults.append(
            _unknown(spec.name, rows, column.name, tables[file][key], f"no such {key} in {file}")
        )
    return all_faults(faults)


def broken_teams(drivers: pl.DataFrame) -> pl.DataFrame:
    """Drivers whose partner does not exist, is themselves, or names somebody else."""
    partners = dict(drivers.select("driver_id", "team_with").iter_rows())
    faults: list[Fault] = []
    for row, driver, partner in drivers.select(ROW, "driver_id", "team_with").iter_rows():
        if partner is None:
            continue
        reason = _team_fault(driver, partner, partners)
        if reason:
            faults.append(
                Fault(
                    "drivers",
                    row,
                    "team_with",
                    value=partner,
                    reason=reason,
                    remedy="let both drivers of a team name each other, or leave team_with empty",
                )
            )
    return fault_table(faults)


def broken_subjects(documents: pl.DataFrame, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Documents of a driver, vehicle or carrier that the files do not name."""
    return all_faults(
        [
            _unknown(
                "documents",
                documents.filter(pl.col("subject_kind") == kind),
                "subject_id",
                tables[file][key],
                f"no such {key} in {file}",
            )
            for kind, (file, key) in _SUBJECTS.items()
            if file in tables
        ]
    )


def broken_services(service_lanes: pl.DataFrame, services: pl.Series) -> pl.DataFrame:
    """Service lanes of a service that is not sold."""
    return _unknown("service_lanes", service_lanes, "service", services, "no such service")


def _unknown(
    file: str, rows: pl.DataFrame, field: str, known: pl.Series, reason: str
) -> pl.DataFrame:
    broken = rows.filter(
        pl.col(field).is_not_null() & ~pl.col(field).is_in(known.drop_nulls().unique().to_list())
    )
    return cell_faults(
        file,
        broken[ROW],
        field=field,
        values=broken[field],
        reason=reason,
        remedy="add the row it names (it may have been rejected), or correct this cell",
    )


def _team_fault(driver: str, partner: str, partners: Mapping[str, str | None]) -> str:
    if partner == driver:
        return "a driver cannot be a team alone"
    if partner not in partners:
        return "no such driver_id in drivers"
    if partners[partner] != driver:
        return f"{partner} does not name {driver} in return"
    return ""
