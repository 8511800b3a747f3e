"""The network files: which columns each has, what a cell may hold, what is needed.

This is the one description of the format; reading, writing, checking and the documentation all
follow from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import polars as pl

from crossdock.model.tables import INSTANT, Schema


class Cell(StrEnum):
    """How a cell's text is read."""

    TEXT = "text"
    LIST = "list"
    INTEGER = "integer"
    NUMBER = "number"
    LOCAL_TIME = "local_time"
    DATE = "date"
    DAYS = "days"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    TIMEZONE = "timezone"
    WEEKDAY = "weekday"
    ZIP = "zip"


_DTYPES: Mapping[Cell, pl.DataType | type[pl.DataType]] = MappingProxyType(
    {
        Cell.TEXT: pl.String,
        Cell.LIST: pl.List(pl.String),
        Cell.INTEGER: pl.Int64,
        Cell.NUMBER: pl.Float64,
        Cell.LOCAL_TIME: pl.Time,
        Cell.DATE: pl.Date,
        Cell.DAYS: pl.String,
        Cell.BOOLEAN: pl.Boolean,
        Cell.INSTANT: INSTANT,
        Cell.TIMEZONE: pl.String,
        Cell.WEEKDAY: pl.Int64,
        Cell.ZIP: pl.String,
    }
)


@dataclass(frozen=True)
class Column:
    """One column of a network file.

    Attributes
    ----------
    needed
        An empty cell rejects the row.
    choices
        Values allowed (in a list: for each element); empty means any.
    low, high
        Inclusive bounds of a number.
    refers_to
        ``(file, column)`` whose values it must be one of; an empty cell refers to nothing.
    """

    name: str
    cell: Cell = Cell.TEXT
    needed: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    refers_to: tuple[str, str] | None = None
    meaning: str = ""

    @property
    def dtype(self) -> pl.DataType | type[pl.DataType]:
        """Polars type of the column once read."""
        return _DTYPES[self.cell]


@dataclass(frozen=True)
class FileSpec:
    """One network file. ``key``: columns that no two rows in force on one date may share."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    required: bool = False
    meaning: str = ""

    @property
    def schema(self) -> Schema:
        """Polars schema of the file once read, with the two effective dates."""
        return MappingProxyType({column.name: column.dtype for column in self.all_columns})

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The file's own columns and the effective dates that every file may have."""
        return (*self.columns, *EFFECTIVE)


EFFECTIVE = (
    Column("effective_from", Cell.DATE, meaning="first date the row holds; empty: always"),
    Column("effective_to", Cell.DATE, meaning="last date the row holds; empty: for ever"),
)

FACILITY = ("facilities", "facility_id")
CARRIER = ("carriers", "carrier_id")
VEHICLE_TYPE = ("vehicle_types", "vehicle_type")
CALENDAR = ("calendars", "calendar_id")

ROLES = (
    "merchant",
    "origin_station",
    "hub",
    "destination_station",
    "usps",
    "3pl",
    "port",
    "pickup_point",
)
DELIVERY_MODES = ("own", "crowd", "3pl", "usps")
ENTRY_LEVELS = ("origin", "scf", "ddu")
DRIVER_MODES = ("solo_turn", "solo_layover", "relay", "team")
CARRIER_KINDS = ("own", "common", "contract", "broker", "crowd", "3pl", "usps")
RATE_BASES = ("load", "mile", "m3", "pallet_mile", "parcel", "stop", "block", "hour")
RATE_MODES = ("linehaul", "lastmile", "injection", "pickup")
VEHICLE_CLASSES = ("tractor", "trailer", "truck", "van", "pallet_space")
DRIVER_KINDS = ("linehaul", "last_mile", "crowd")
DUTY_STATUSES = ("OFF", "SB", "D", "ON", "PC", "YM", "PS")


def _money(name: str, *, needed: bool = False, meaning: str = "") -> Column:
    return Column(name, Cell.NUMBER, needed=needed, low=0, high=1_000_000, meaning=meaning)


NETWORK_FILES: Mapping[str, FileSpec] = MappingProxyType(
    {
        spec.name: spec
        for spec in (
            FileSpec(
                "facilities",
                (
                    Column("facility_id", needed=True, meaning="your id"),
                    Column("name"),
                    Column("roles", Cell.LIST, needed=True, choices=ROLES),
                    Column("address", meaning="needed where there are no coordinates"),
                    Column("latitude", Cell.NUMBER, low=-90, high=90),
                    Column("longitude", Cell.NUMBER, low=-180, high=180),
                    Column("timezone", Cell.TIMEZONE, needed=True, meaning="IANA name"),
                    Column("calendar_id", meaning="empty: Monday to Saturday"),
                    Column("doors", Cell.INTEGER, low=1, high=2_000),
                    Column("trailer_slots", Cell.INTEGER, low=0, high=10_000),
                    _money("handling_usd_parcel", meaning="per touch"),
                ),
                key=("facility_id",),
                required=True,
                meaning="Every building a parcel can pass.",
            ),
            FileSpec(
                "sort_waves",
                (
                    Column("facility_id", needed=True, refers_to=FACILITY),
                    Column("wave", needed=True),
                    Column("days", Cell.DAYS),
                    Column("inbound_cutoff", Cell.LOCAL_TIME, needed=True),
                    Column("starts", Cell.LOCAL_TIME, needed=True),
                    Column("ends", Cell.LOCAL_TIME, needed=True),
                    Column("rate_per_h", Cell.NUMBER, low=1, high=1_000_000),
                    Column("ready_min", Cell.NUMBER, low=0, high=1_440),
                ),
                key=("facility_id", "wave", "days"),
                meaning="When a facility sorts, how fast, and until when a trailer may arrive.",
            ),
            FileSpec(
                "coverage",
                (
                    Column("zip", Cell.ZIP, needed=True, meaning="5 or 3 digits; the longer wins"),
                    Column("facility_id", needed=True, refers_to=FACILITY),
                    Column("carrier_id", needed=True, refers_to=CARRIER),
                    Column("mode", needed=True, choices=DELIVERY_MODES),
                    Column("entry_level", choices=ENTRY_LEVELS),
                    Column("days", Cell.DAYS, meaning="empty: the facility's calendar"),
                    Column("priority", Cell.INTEGER, low=0, high=1_000),
                ),
                key=("zip", "facility_id", "carrier_id", "mode", "entry_level", "days"),
                required=True,
                meaning="Who may deliver a ZIP, and from where.",
            ),
            FileSpec(
                "services",
                (
                    Column("service", needed=True),
                    Column("transit_days", Cell.INTEGER, needed=True, low=0, high=30),
                    Column("order_cutoff", Cell.LOCAL_TIME, needed=True),
                    Column("delivery_by", Cell.LOCAL_TIME, needed=True),
                    Column("calendar_id"),
                ),
                key=("service",),
                meaning="What is sold to merchants.",
            ),
            FileSpec(
                "service_lanes",
                (
                    Column("origin_facility_id", needed=True, refers_to=FACILITY),
                    Column("zip3", Cell.ZIP, needed=True),
                    Column("service", needed=True),
                    Column("offered", Cell.BOOLEAN, needed=True),
                ),
                key=("origin_facility_id", "zip3", "service"),
                meaning="Your own word on which lanes are sold; overrides the computed answer.",
            ),
            FileSpec(
                "calendars",
                (
                    Column("calendar_id", needed=True),
                    Column("date", Cell.DATE),
                    Column("weekday", Cell.WEEKDAY, meaning="M T W R F S U, Mon..Sun or 1..7"),
                    Column("open", Cell.BOOLEAN, needed=True),
                    Column("opens", Cell.LOCAL_TIME),
                    Column("closes", Cell.LOCAL_TIME),
                    Column("note"),
                ),
                key=("calendar_id", "date", "weekday"),
                meaning="Days that differ from Monday to Saturday open, federal holidays closed.",
            ),
            FileSpec(
                "lanes",
                (
                    Column("from", needed=True, refers_to=FACILITY),
                    Column("to", needed=True, refers_to=FACILITY),
                    Column("miles", Cell.NUMBER, low=0, high=6_000),
                    Column("transit_h_p50", Cell.NUMBER, low=0.01, high=400),
                    Column("transit_h_p90", Cell.NUMBER, low=0.01, high=600),
                    _money("toll_usd"),
                    Column("driver_mode", choices=DRIVER_MODES),
                    Column("relay_facility_id", refers_to=FACILITY),
                ),
                key=("from", "to"),
                meaning="Road miles and driving hours between facilities.",
            ),
            FileSpec(
                "departures",
                (
                    Column("departure_id", needed=True),
                    Column("from", needed=True, refers_to=FACILITY),
                    Column("to", needed=True, refers_to=FACILITY),
                    Column("days", Cell.DAYS),
                    Column("departs", Cell.LOCAL_TIME, needed=True),
                    Column("vehicle_type", refers_to=VEHICLE_TYPE),
                    Column("carrier_id", refers_to=CARRIER),
                    Column("committed", Cell.BOOLEAN),
                ),
                key=("departure_id",),
                meaning="A fixed schedule, if you run one.",
            ),
            FileSpec(
                "appointments",
                (
                    Column("facility_id", needed=True, refers_to=FACILITY),
                    Column("partner_id", needed=True, refers_to=CARRIER),
                    Column("days", Cell.DAYS),
                    Column("opens", Cell.LOCAL_TIME, needed=True),
                    Column("closes", Cell.LOCAL_TIME, needed=True),
                    Column("critical_entry", Cell.LOCAL_TIME),
                    Column("capacity_trailers", Cell.INTEGER, low=0, high=1_000),
                    Column("manifest_lead_min", Cell.NUMBER, low=0, high=10_080),
                    Column("unload", choices=("live", "drop")),
                    Column("free_min", Cell.NUMBER, low=0, high=1_440),
                    _money("detention_usd_h"),
                ),
                meaning="When a partner takes parcels over.",
            ),
            FileSpec(
                "vehicle_types",
                (
                    Column("vehicle_type", needed=True),
                    Column("class", needed=True, choices=VEHICLE_CLASSES),
                    Column("nominal_m3", Cell.NUMBER, low=0, high=500),
                    Column("stow_factor", Cell.NUMBER, low=0.05, high=1),
                    Column("payload_kg", Cell.NUMBER, low=0, high=60_000),
                    Column("gvwr_kg", Cell.NUMBER, low=0, high=100_000),
                    _money("fixed_usd_day"),
                    _money("cost_usd_mile"),
                    _money("cost_usd_h"),
                    Column("empty_factor", Cell.NUMBER, low=0, high=2),
                ),
                key=("vehicle_type",),
                required=True,
                meaning="What parcels ride in. Usable space = nominal_m3 x stow_factor.",
            ),
            FileSpec(
                "vehicles",
                (
                    Column("vehicle_id", needed=True),
                    Column("vehicle_type", needed=True, refers_to=VEHICLE_TYPE),
                    Column("home_facility_id", needed=True, refers_to=FACILITY),
                    Column("carrier_id", needed=True, refers_to=CARRIER),
                    Column("available_from", Cell.LOCAL_TIME),
                    Column("available_to", Cell.LOCAL_TIME),
                ),
                key=("vehicle_id",),
                meaning="The vehicles you have.",
            ),
            FileSpec(
                "drivers",
                (
                    Column("driver_id", needed=True),
                    Column("carrier_id", needed=True, refers_to=CARRIER),
                    Column("domicile_facility_id", needed=True, refers_to=FACILITY),
                    Column("kind", needed=True, choices=DRIVER_KINDS),
                    Column("licence"),
                    Column("endorsements", Cell.LIST),
                    Column("hos_ruleset"),
                    Column("shift_start", Cell.LOCAL_TIME),
                    Column("shift_end", Cell.LOCAL_TIME),
                    Column("max_h", Cell.NUMBER, low=0.5, high=24),
                    Column("team_with"),
                    _money("cost_usd_h"),
                ),
                key=("driver_id",),
                meaning="The people who drive.",
            ),
            FileSpec(
                "duty_log",
                (
                    Column("driver_id", needed=True, refers_to=("drivers", "driver_id")),
                    Column("status", needed=True, choices=DUTY_STATUSES),
                    Column("from", Cell.INSTANT, needed=True),
                    Column("to", Cell.INSTANT, needed=True),
                ),
                meaning="The last 8 days of each line-haul driver.",
            ),
            FileSpec(
                "carriers",
                (
                    Column("carrier_id", needed=True),
                    Column("name"),
                    Column("kind", meaning=f"one of {', '.join(CARRIER_KINDS)}; else common"),
                    Column("modes", Cell.LIST),
                    Column("daily_capacity", Cell.NUMBER, low=0, high=10_000_000),
                    Column("commit_min", Cell.NUMBER, low=0, high=10_000_000),
                    Column("commit_max", Cell.NUMBER, low=0, high=10_000_000),
                    Column("tender_lead_min", Cell.NUMBER, low=0, high=100_000),
                    Column("response_min", Cell.NUMBER, low=0, high=100_000),
                    Column("service_score", Cell.NUMBER, low=0, high=1),
                    Column("insurance_expires", Cell.DATE),
                ),
                key=("carrier_id",),
                required=True,
                meaning="Who moves parcels, you included.",
            ),
            FileSpec(
                "rates",
                (
                    Column("carrier_id", needed=True, refers_to=CARRIER),
                    Column("mode", needed=True, choices=RATE_MODES),
                    Column("vehicle_type", refers_to=VEHICLE_TYPE),
                    Column("from", refers_to=FACILITY),
                    Column("to", refers_to=FACILITY),
                    Column("zone"),
                    Column("entry_level", choices=ENTRY_LEVELS),
                    Column("weight_from_kg", Cell.NUMBER, low=0, high=100_000),
                    Column("weight_to_kg", Cell.NUMBER, low=0, high=100_000),
                    Column("basis", needed=True, choices=RATE_BASES),
                    _money("rate_usd", needed=True),
                    _money("minimum_usd"),
                    Column("fuel_pct", Cell.NUMBER, low=0, high=200),
                    Column("dim_divisor", Cell.NUMBER, low=1, high=100_000),
                ),
                required=True,
                meaning="What carriers charge; an empty cell matches all, the most specific wins.",
            ),
            FileSpec(
                "zones",
                (
                    Column("carrier_id", needed=True, refers_to=CARRIER),
                    Column("origin_zip3", Cell.ZIP, needed=True),
                    Column("dest_zip3", Cell.ZIP, needed=True),
                    Column("zone", needed=True),
                ),
                key=("carrier_id", "origin_zip3", "dest_zip3"),
                meaning="A carrier's rate zones; missing: USPS zones by distance.",
            ),
            FileSpec(
                "accessorials",
                (
                    Column("carrier_id", needed=True, refers_to=CARRIER),
                    Column("code", needed=True),
                    Column("basis", needed=True),
                    _money("rate_usd", needed=True),
                ),
                key=("carrier_id", "code"),
                meaning="Charges beside the rate; basis `pallet` adds to each pallet position.",
            ),
            FileSpec(
                "documents",
                (
                    Column("subject_kind", needed=True, choices=("driver", "vehicle", "carrier")),
                    Column("subject_id", needed=True),
                    Column("document", needed=True),
                    Column("issued", Cell.DATE),
                    Column("expires", Cell.DATE),
                ),
                key=("subject_kind", "subject_id", "document"),
                meaning="Medical cards, licences, inspections, insurance.",
            ),
        )
    }
)
"""Every file of a network folder by its stem."""

REQUIRED_FILES = tuple(name for name, spec in NETWORK_FILES.items() if spec.required)
