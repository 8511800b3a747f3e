"""Checking the network files: good rows become a network, bad ones are listed with a remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from crossdock.model.errors import InputUnusableError
from crossdock.model.network.cells import read_column
from crossdock.model.network.defaults import with_defaults
from crossdock.model.network.faults import (
    LONGEST_VALUE,
    WHOLE_FILE,
    all_faults,
    cell_faults,
    one_fault,
)
from crossdock.model.network.network import Network
from crossdock.model.network.references import (
    broken_references,
    broken_services,
    broken_subjects,
    broken_teams,
    duplicate_keys,
)
from crossdock.model.network.rules import ROW, Geocode, placed, row_faults
from crossdock.model.network.spec import (
    CARRIER_KINDS,
    NETWORK_FILES,
    RATE_MODES,
    REQUIRED_FILES,
    FileSpec,
)
from crossdock.model.tables import NETWORK_REJECTS, empty

DELIVERING_ROLES = ("destination_station", "hub")

_FAULTS_IN_MESSAGE = 3


@dataclass(frozen=True)
class RawTable:
    """A network file as text, before any check.

    Attributes
    ----------
    cells
        One string column a header column; null or blank is an empty cell.
    rows
        1-based data row of each row of ``cells``; None: 1, 2, 3 ...
    faults
        Rows that could not be read at all, as `NETWORK_REJECTS`; they are not in ``cells``. Row 0
        says that the whole file cannot be read.
    """

    cells: pl.DataFrame
    rows: pl.Series | None = None
    faults: pl.DataFrame = field(default_factory=lambda: empty(NETWORK_REJECTS))


@dataclass(frozen=True)
class NetworkReading:
    """What the files say.

    Attributes
    ----------
    network
        The good rows with defaults filled in. Not fit for planning unless ``usable``.
    rejects
        Rows left out, as `NETWORK_REJECTS`; row 0 is the file's header.
    warnings
        What was read in spite of a doubt, one sentence each.
    unusable
        Faults that leave no network to plan with, as `NETWORK_REJECTS`.
    unknown
        The user's own columns, by file: text, a row for each row of that file's table.
    """

    network: Network
    rejects: pl.DataFrame
    warnings: tuple[str, ...]
    unusable: pl.DataFrame
    unknown: Mapping[str, pl.DataFrame] = field(default_factory=dict[str, pl.DataFrame])

    @property
    def usable(self) -> bool:
        """Whether a plan can be made of ``network``."""
        return self.unusable.is_empty()

    @property
    def faults(self) -> pl.DataFrame:
        """Every fault, deadly or not, by file, row and field."""
        return all_faults([self.unusable, self.rejects])


def check_network(raw: Mapping[str, RawTable], *, geocode: Geocode | None = None) -> NetworkReading:
    """Check the files and build the network of their good rows.

    Parameters
    ----------
    raw
        Files by stem (`NETWORK_FILES`); a file that does not exist is absent.
    geocode
        Places a facility that has an address and no coordinates; without it such a facility is
        rejected.

    Raises
    ------
    InputUnusableError
        A required file is missing, empty, without a needed column or with a broken reference, or
        no facility ships or receives parcels. `examine_network` lists everything instead.
    """
    reading = examine_network(raw, geocode=geocode)
    if not reading.usable:
        raise InputUnusableError(
            f"the network cannot be used: {_listed(reading.unusable)}",
            remedy="correct these; `crossdock network check DIR` lists every fault",
        )
    return reading


def examine_network(
    raw: Mapping[str, RawTable], *, geocode: Geocode | None = None
) -> NetworkReading:
    """As `check_network`, but never raises: what makes the files unusable is in ``unusable``."""
    tables: dict[str, pl.DataFrame] = {}
    rejects: list[pl.DataFrame] = []
    unusable: list[pl.DataFrame] = []
    warnings: list[str] = []
    for name, spec in NETWORK_FILES.items():
        if name not in raw:
            continue
        unreadable = _unreadable(spec, raw[name])
        if not unreadable.is_empty():
            (unusable if spec.required else rejects).append(unreadable)
            continue
        rows, faults = _typed(spec, raw[name], warnings)
        tables[name] = rows
        rejects.append(faults)
    tables, notes, unplaced = _with_places(tables, geocode)
    rejects.append(unplaced)
    tables, broken, deadly = _whole(tables)
    rejects.extend(broken)
    unusable.extend([*deadly, _lacking(raw, tables)])
    filled, assumptions = with_defaults({name: rows.drop(ROW) for name, rows in tables.items()})
    if "service_lanes" in tables:
        unsold = broken_services(tables["service_lanes"], filled["services"]["service"])
        rejects.append(unsold)
        tables["service_lanes"] = _without(tables["service_lanes"], unsold)
        filled["service_lanes"] = tables["service_lanes"].drop(ROW)
    return NetworkReading(
        Network.of(filled, (*assumptions, *notes)),
        all_faults(rejects),
        tuple(warnings),
        all_faults(unusable),
        _unknown(raw, tables),
    )


def _unreadable(spec: FileSpec, raw: RawTable) -> pl.DataFrame:
    """Why the whole file cannot be used: what its reader says, or columns that it lacks."""
    of_file = raw.faults.filter(pl.col("row") == WHOLE_FILE)
    if not of_file.is_empty():
        return of_file
    return all_faults(
        [
            one_fault(
                spec.name,
                column.name,
                reason=f"the column {column.name} is missing",
                remedy=f"add it to the header of {spec.name}",
            )
            for column in spec.columns
            if column.needed and column.name not in raw.cells.columns
        ]
    )


def _unknown(
    raw: Mapping[str, RawTable], tables: Mapping[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """Columns that the format does not name, of the rows that went through."""
    kept: dict[str, pl.DataFrame] = {}
    for name, rows in tables.items():
        own = [c for c in raw[name].cells.columns if c not in NETWORK_FILES[name].schema]
        if own:
            cells = raw[name].cells.select(own).with_columns(_row_numbers(raw[name]).alias(ROW))
            kept[name] = rows.select(ROW).join(cells, on=ROW, how="left").drop(ROW)
    return kept


def _row_numbers(raw: RawTable) -> pl.Series:
    """1-based data row of each row of cells."""
    if raw.rows is not None:
        return raw.rows
    return pl.Series(range(1, raw.cells.height + 1), dtype=pl.Int64)


def _typed(spec: FileSpec, raw: RawTable, warnings: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Typed good rows of one file with their row number, and the faults of the others."""
    unknown = [name for name in raw.cells.columns if name not in spec.schema]
    if unknown:
        named = ", ".join(name[:LONGEST_VALUE] for name in unknown)
        warnings.append(f"{spec.name}: unknown columns, kept and not used: {named}")
    numbers = _row_numbers(raw)
    faults = [raw.faults]
    columns: dict[str, pl.Series] = {ROW: numbers.alias(ROW)}
    cells = raw.cells
    if spec.name == "carriers" and "kind" not in cells.columns:
        cells = cells.with_columns(kind=pl.lit("", dtype=pl.String))
    for column in spec.all_columns:
        if column.name not in cells.columns:
            continue
        text = cells[column.name]
        if (spec.name, column.name) == ("carriers", "kind"):
            text = _carrier_kinds(text, numbers, warnings)
        reading = read_column(text, column)
        columns[column.name] = reading.values
        if (spec.name, column.name) == ("carriers", "modes"):
            columns[column.name] = _carrier_modes(reading.values, warnings)
        faults.extend(
            cell_faults(
                spec.name,
                numbers.filter(problem.cells),
                field=column.name,
                values=text.filter(problem.cells),
                reason=problem.reason,
                remedy=problem.remedy,
            )
            for problem in reading.problems
        )
    rows = pl.DataFrame(columns).with_columns(
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in spec.schema.items()
        if name not in columns
    )
    by_cell = all_faults(faults)
    good = _without(rows, by_cell)
    by_rule = row_faults(spec.name, good)
    good = _without(good, by_rule)
    by_key = duplicate_keys(spec, good)
    return _without(good, by_key), all_faults([by_cell, by_rule, by_key])


def _carrier_kinds(text: pl.Series, numbers: pl.Series, warnings: list[str]) -> pl.Series:
    """Carrier kinds in which an unknown one, or none, counts as common."""
    kinds = text.fill_null("").str.strip_chars().str.to_lowercase()
    unknown = ~kinds.is_in(CARRIER_KINDS)
    warnings.extend(
        f"carriers row {number}: kind {kind[:LONGEST_VALUE]!r} counts as common"
        for number, kind in zip(numbers.filter(unknown), kinds.filter(unknown), strict=True)
    )
    return kinds.set(unknown, "common")


def _carrier_modes(modes: pl.Series, warnings: list[str]) -> pl.Series:
    """Lists of the modes that rates know; a carrier that names no other does everything."""
    lowered = modes.list.eval(pl.element().str.to_lowercase())
    unknown = lowered.explode().drop_nulls()
    unknown = unknown.filter(~unknown.is_in(RATE_MODES)).unique(maintain_order=True)
    if unknown.is_empty():
        return lowered
    named = ", ".join(repr(mode[:LONGEST_VALUE]) for mode in unknown.head(_FAULTS_IN_MESSAGE))
    warnings.append(f"carriers: modes left out, not one of {', '.join(RATE_MODES)}: {named}")
    known = lowered.list.eval(pl.element().filter(pl.element().is_in(RATE_MODES)))
    return known.set((known.list.len() == 0).fill_null(value=False), None)


def _with_places(
    tables: dict[str, pl.DataFrame], geocode: Geocode | None
) -> tuple[dict[str, pl.DataFrame], list[str], pl.DataFrame]:
    if "facilities" not in tables:
        return tables, [], empty(NETWORK_REJECTS)
    facilities, faults, by_zip = placed(tables["facilities"], geocode)
    notes = [
        f"facility {facility} stands at the centre of its address's ZIP" for facility in by_zip
    ]
    return tables | {"facilities": _without(facilities, faults)}, notes, faults


def _whole(
    tables: dict[str, pl.DataFrame],
) -> tuple[dict[str, pl.DataFrame], list[pl.DataFrame], list[pl.DataFrame]]:
    """Tables without rows that refer to nothing, those faults, and those of required files.

    A rejected row can leave others without theirs, so the check repeats until nothing changes.
    """
    rejects: list[pl.DataFrame] = []
    deadly: list[pl.DataFrame] = []
    changed = True
    while changed:
        changed = False
        for name, rows in tuple(tables.items()):
            faults = _between_rows(name, tables)
            if not faults.is_empty():
                (deadly if name in REQUIRED_FILES else rejects).append(faults)
                tables = tables | {name: _without(rows, faults)}
                changed = True
    return tables, rejects, deadly


def _between_rows(name: str, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    rows = tables[name]
    found = [broken_references(NETWORK_FILES[name], rows, tables)]
    if name == "drivers":
        found.append(broken_teams(rows))
    if name == "documents":
        found.append(broken_subjects(rows, tables))
    return all_faults(found)


def _lacking(raw: Mapping[str, RawTable], tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """What no network can do without: the required files, an origin, a place of delivery."""
    faults: list[pl.DataFrame] = []
    for name in REQUIRED_FILES:
        if name not in raw:
            reason, remedy = "the file is missing", f"add {name}.csv or {name}.parquet"
            faults.append(one_fault(name, "", reason=reason, remedy=remedy))
        elif name in tables and tables[name].is_empty():
            empty_file = raw[name].cells.is_empty() and raw[name].faults.is_empty()
            reason = "the file has no data rows" if empty_file else "no row of the file is usable"
            faults.append(one_fault(name, "", reason=reason, remedy="give at least one good row"))
    if {"facilities", "coverage"} <= tables.keys():
        faults.append(_lacking_roles(tables["facilities"], tables["coverage"]))
    return all_faults(faults)


def _lacking_roles(facilities: pl.DataFrame, coverage: pl.DataFrame) -> pl.DataFrame:
    if facilities.is_empty() or coverage.is_empty():
        return empty(NETWORK_REJECTS)
    faults: list[pl.DataFrame] = []
    if facilities.filter(pl.col("roles").list.contains("origin_station")).is_empty():
        faults.append(
            one_fault(
                "facilities",
                "roles",
                reason="no facility has the role origin_station",
                remedy="give it to the facility where merchants' parcels enter",
            )
        )
    covering = facilities.filter(
        pl.any_horizontal(pl.col("roles").list.contains(role) for role in DELIVERING_ROLES),
        pl.col("facility_id").is_in(coverage["facility_id"].to_list()),
    )
    if covering.is_empty():
        faults.append(
            one_fault(
                "facilities",
                "roles",
                reason="no facility that coverage names has the role destination_station or hub",
                remedy="give the role to the facilities that deliver",
            )
        )
    return all_faults(faults)


def _without(rows: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(~pl.col(ROW).is_in(faults["row"].unique().to_list()))


def _listed(faults: pl.DataFrame) -> str:
    sentences: Sequence[str] = [
        " ".join(
            filter(None, [file, f"row {row}" if row else "", field, repr(value) if value else ""])
        )
        + f": {reason}"
        for file, row, field, value, reason in faults.select(
            "file", "row", "field", "value", "reason"
        )
        .head(_FAULTS_IN_MESSAGE)
        .iter_rows()
    ]
    more = faults.height - len(sentences)
    return "; ".join(sentences) + (f"; and {more} more" if more > 0 else "")
