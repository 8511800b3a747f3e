"""The check of network files: every fault is named with its place and remedy, good rows stay."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.locate.roads import lane_table
from crossdock.locate.zips import zip_table
from crossdock.model import CrossdockError, InputUnusableError
from crossdock.model.network import (
    NETWORK_FILES,
    RawTable,
    check_network,
    examine_network,
    normalised_days,
)
from crossdock.plan.capacity import linehaul_offers
from crossdock.plan.lastmile import last_mile_fleet
from crossdock.simulate.builtin import builtin_network
from crossdock.simulate.orders import generate_orders
from minimal_network import DRIVERS, MINIMAL, examined, raw_tables, with_row

TUESDAY = dt.date(2026, 12, 1)


def texts(file: str, header: str, *rows: str) -> dict[str, str]:
    """The minimal network with an optional ``file``."""
    return MINIMAL | {file: "\n".join((header, *rows)) + "\n"}


FACILITY = "facility_id,roles,latitude,longitude,timezone,doors"
LANE = "from,to,miles,transit_h_p50,transit_h_p90"
WAVE = "facility_id,wave,days,inbound_cutoff,starts,ends"
LOG = "driver_id,status,from,to"
RATE = "carrier_id,mode,basis,rate_usd,weight_from_kg,weight_to_kg"

REJECTED = {
    "missing cell": (with_row("facilities", "X,,,41,-88,America/Chicago"), "facilities", "roles"),
    "no number": (with_row("facilities", "X,,hub,north,-88,America/Chicago"), "facilities",
                  "latitude"),
    "NaN": (with_row("vehicle_types", "x,van,NaN,,,,"), "vehicle_types", "nominal_m3"),
    "infinity": (with_row("vehicle_types", "x,van,inf,,,,"), "vehicle_types", "nominal_m3"),
    "too large for a float": (with_row("vehicle_types", "x,van,1e999,,,,"), "vehicle_types",
                              "nominal_m3"),
    "out of bounds": (with_row("facilities", "X,,hub,91,-88,America/Chicago"), "facilities",
                      "latitude"),
    "stow factor over 1": (with_row("vehicle_types", "x,van,12,1.01,,,"), "vehicle_types",
                           "stow_factor"),
    "relay at no facility": (
        texts("lanes", LANE + ",relay_facility_id", "ORD,IND,180,3.6,4,NOWHERE"),
        "lanes", "relay_facility_id"),
    "unknown choice": (with_row("coverage", "490,DTW,OWN,drone"), "coverage", "mode"),
    "unknown role": (with_row("facilities", "X,,hub;castle,41,-88,America/Chicago"), "facilities",
                     "roles"),
    "unknown time zone": (with_row("facilities", "X,,hub,41,-88,America/Gotham"), "facilities",
                          "timezone"),
    "time zone of one system": (with_row("facilities", "X,,hub,41,-88,posixrules"), "facilities",
                                "timezone"),
    "time zone as a path": (with_row("facilities", "X,,hub,41,-88,../etc/passwd"), "facilities",
                            "timezone"),
    "time after midnight": (texts("sort_waves", WAVE, "ORD,night,,24:00,23:00,03:30"),
                            "sort_waves", "inbound_cutoff"),
    "time in words": (texts("sort_waves", WAVE, "ORD,night,,noon,23:00,03:30"), "sort_waves",
                      "inbound_cutoff"),
    "day mask": (texts("sort_waves", WAVE, "ORD,night,XYZ,02:30,23:00,03:30"), "sort_waves",
                 "days"),
    "mask of no day": (texts("sort_waves", WAVE, "ORD,night,-------,02:30,23:00,03:30"),
                       "sort_waves", "days"),
    "wave upside down": (texts("sort_waves", WAVE, "ORD,night,,02:30,03:30,23:00"), "sort_waves",
                         "ends"),
    "date that is none": (texts("calendars", "calendar_id,date,open", "A,2026-02-30,1"),
                          "calendars", "date"),
    "date of year 0": (texts("calendars", "calendar_id,date,open", "A,0000-01-01,1"), "calendars",
                       "date"),
    "American date": (texts("calendars", "calendar_id,date,open", "A,12/25/2026,1"), "calendars",
                      "date"),
    "neither date nor weekday": (texts("calendars", "calendar_id,date,weekday,open", "A,,,1"),
                                 "calendars", "date"),
    "weekday": (texts("calendars", "calendar_id,weekday,open", "A,Someday,1"), "calendars",
                "weekday"),
    "yes and no": (texts("calendars", "calendar_id,weekday,open", "A,Mon,maybe"), "calendars",
                   "open"),
    "ZIP that lost its zero": (with_row("coverage", "1001,DTW,OWN,own"), "coverage", "zip"),
    "ZIP in other digits": (with_row("coverage", "٤٦٢,DTW,OWN,own"), "coverage", "zip"),
    "duplicate key": (with_row("coverage", "482,DTW,OWN,own"), "coverage", "zip"),
    "p90 under p50": (texts("lanes", LANE, "ORD,IND,180,4.0,3.9"), "lanes", "transit_h_p90"),
    "lane to itself": (texts("lanes", LANE, "ORD,ORD,180,4.0,4.5"), "lanes", "to"),
    "bracket upside down": (MINIMAL | {"rates": f"{RATE}\nTL,linehaul,mile,2.5,,\n"
                                                "OWN,lastmile,stop,2,5,4\n"},
                            "rates", "weight_to_kg"),
    "neither place nor address": (with_row("facilities", "X,,hub,,,America/Chicago"), "facilities",
                                  "address"),
    "latitude alone": (with_row("facilities", "X,,hub,41,,America/Chicago"), "facilities",
                       "longitude"),
    "team alone": (MINIMAL | {"drivers": DRIVERS.replace("ANN,OWN,ORD,linehaul,BOB",
                                                         "ANN,OWN,ORD,linehaul,ANN")},
                   "drivers", "team_with"),
    "team with nobody": (MINIMAL | {"drivers": DRIVERS + "DI,OWN,ORD,linehaul,ZED\n"}, "drivers",
                         "team_with"),
    "team of three": (MINIMAL | {"drivers": DRIVERS + "DI,OWN,ORD,linehaul,ANN\n"}, "drivers",
                      "team_with"),
    "duty that ends first": (
        texts("duty_log", LOG, "CY,D,2026-11-30T08:00:00Z,2026-11-30T08:00:00Z")
        | {"drivers": DRIVERS}, "duty_log", "to"),
    "duty without offset": (
        texts("duty_log", LOG, "CY,D,2026-11-30T08:00:00,2026-11-30T09:00:00Z")
        | {"drivers": DRIVERS}, "duty_log", "from"),
    "duty before all time": (
        texts("duty_log", LOG, "CY,D,0001-01-01T00:00:00+14:00,2026-11-30T09:00:00Z")
        | {"drivers": DRIVERS}, "duty_log", "from"),
    "duty of nobody": (
        texts("duty_log", LOG, "ZED,D,2026-11-30T08:00:00Z,2026-11-30T09:00:00Z")
        | {"drivers": DRIVERS}, "duty_log", "driver_id"),
    "broken reference": (texts("sort_waves", WAVE, "LAX,night,,02:30,23:00,03:30"), "sort_waves",
                         "facility_id"),
    "service that is not sold": (
        texts("service_lanes", "origin_facility_id,zip3,service,offered", "ORD,462,1-hour,1"),
        "service_lanes", "service"),
    "optional file lacks a column": (texts("zones", "carrier_id,zone", "TL,4"), "zones",
                                     "origin_zip3"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "file", "field"), REJECTED.values(), ids=REJECTED)
def test_a_bad_row_is_left_out_and_named_with_its_remedy(files, file, field):
    reading = examined(files)
    assert reading.usable
    found = reading.rejects.filter(pl.col("file") == file, pl.col("field") == field)
    assert found.height >= 1
    assert found["reason"].str.len_chars().min() > 5
    assert found["remedy"].str.len_chars().min() > 5
    assert found.height < files[file].count("\n") or found["row"].max() in (0, 1)


UNUSABLE = {
    "no such facility": (with_row("coverage", "490,GRR,OWN,own"), "coverage", 3, "facility_id"),
    "no such carrier": (with_row("rates", "ZED,linehaul,,mile,2"), "rates", 3, "carrier_id"),
    "no such vehicle type": (with_row("rates", "TL,linehaul,zeppelin,mile,2"), "rates", 3,
                             "vehicle_type"),
    "rejected facility": (
        MINIMAL | {"facilities": MINIMAL["facilities"].replace("-83.05", "-183.05")},
        "coverage", 2, "facility_id"),
    "no rates": ({name: text for name, text in MINIMAL.items() if name != "rates"},
                 "rates", 0, ""),
    "no rows": (MINIMAL | {"rates": "carrier_id,mode,basis,rate_usd\n"}, "rates", 0, ""),
    "no good row": (MINIMAL | {"carriers": "carrier_id,kind\n,own\n"}, "carriers", 0, ""),
    "no column": (MINIMAL | {"facilities": MINIMAL["facilities"].replace("roles", "rolls")},
                  "facilities", 0, "roles"),
    "no origin": (
        MINIMAL | {"facilities": MINIMAL["facilities"].replace("origin_station;hub", "hub")},
        "facilities", 0, "roles"),
    "no place of delivery": (
        MINIMAL | {"facilities": MINIMAL["facilities"].replace("destination_station", "merchant")},
        "facilities", 0, "roles"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "file", "row", "field"), UNUSABLE.values(), ids=UNUSABLE)
def test_what_leaves_no_network_is_one_error_with_its_place(files, file, row, field):
    listed = examined(files).unusable
    assert (file, row, field) in listed.select("file", "row", "field").rows()
    with pytest.raises(InputUnusableError, match=file) as caught:
        check_network(raw_tables(files))
    assert field in caught.value.message
    assert caught.value.remedy


def test_the_minimal_network_is_accepted_and_every_assumption_is_told():
    reading = examined(MINIMAL)
    assert reading.faults.is_empty()
    assert reading.warnings == ()
    told = "\n".join(reading.network.assumptions)
    for silent in ("sort_waves", "services", "calendars", "lanes", "drivers", "vehicles",
                   "stow_factor", "handling_usd_parcel"):  # fmt: skip
        assert silent in told


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("carriers", "carrier_id,name,kind,modes\nOWN,Us,own,\nTL,Truckers,contract,\n"),
        ("rates", "carrier_id,mode,basis,rate_usd\nTL,linehaul,mile,2.5\n"),
        ("vehicle_types", "vehicle_type,class,nominal_m3\nvan,van,12\nt53,trailer,112\n"),
        ("coverage", MINIMAL["coverage"].replace("462,", "46201,")),
    ],
    ids=["no modes", "line-haul rate alone", "trailer", "5-digit ZIP"],
)
def test_what_the_minimal_network_leaves_out_is_no_fault(file, text):
    assert examined(MINIMAL | {file: text}).faults.is_empty()


def test_the_minimal_network_can_be_ordered_from_moved_on_and_delivered_with():
    network = examined(MINIMAL).network
    lanes = lane_table(network)
    assert lanes.height == 6
    offers = linehaul_offers(network, lanes, date=TUESDAY)
    for (kind,), rows in offers.group_by("kind", maintain_order=True):
        assert kind in ("own", "bought")
        assert rows.select("from_facility_id", "to_facility_id").n_unique() == 6
    assert offers["max_units"].null_count() == offers.height
    assert offers["cost_usd"].is_between(100, 5_000).all()
    van = offers.filter(pl.col("vehicle_type") == "van")
    assert van["unit_m3"].unique().to_list() == pytest.approx([12 * 0.70])
    fleets = [last_mile_fleet(network, "IND", TUESDAY, "own", parcels=n) for n in (50, 500)]
    assert 0 < fleets[0].height < fleets[1].height
    orders = generate_orders(network, parcels=500, start_date=TUESDAY, seed=1, zips=zip_table())
    assert orders.frame.height == 500


def test_a_row_of_one_facility_is_enough_when_it_does_everything():
    facility = MINIMAL["facilities"].splitlines()[0] + "\nORD,,origin_station;hub,41,-87,UTC\n"
    coverage = "zip,facility_id,carrier_id,mode\n606,ORD,OWN,own\n"
    rejected = facility + "X,,hub;destination_station,41,-87,nowhere\n"
    for facilities in (facility, rejected, facility.replace("\nORD", "\nX,,hub,,,UTC\nORD")):
        assert examined(MINIMAL | {"facilities": facilities, "coverage": coverage}).usable


def test_a_later_row_of_the_same_key_is_good_when_their_dates_do_not_overlap():
    header = "zip,facility_id,carrier_id,mode,effective_from,effective_to"
    rows = ["482,DTW,OWN,own,,2026-11-30", "482,DTW,OWN,own,2026-12-01,"]
    coverage = "\n".join((header, "462,IND,OWN,own,,", *rows, "482,DTW,OWN,own,2027-01-01,"))
    reading = examined(MINIMAL | {"coverage": coverage + "\n"})
    assert reading.rejects.select("row", "field").rows() == [(4, "zip")]
    assert "row 3" in reading.rejects["reason"][0]


def test_a_row_that_ends_before_it_begins_is_left_out():
    coverage = (
        "zip,facility_id,carrier_id,mode,effective_from,effective_to\n"
        "462,IND,OWN,own,,\n482,DTW,OWN,own,2026-12-02,2026-12-01\n"
    )
    rejects = examined(MINIMAL | {"coverage": coverage}).rejects
    assert rejects.select("row", "field").rows() == [(2, "effective_to")]


@pytest.mark.parametrize("carriers", ["carrier_id,kind\nOWN,own\nTL,Airline\n",
                                      "carrier_id,kind\nOWN,own\nTL,\n",
                                      "carrier_id\nOWN\nTL\n"])  # fmt: skip
def test_a_carrier_of_unknown_kind_counts_as_common_with_a_warning(carriers):
    reading = examined(MINIMAL | {"carriers": carriers})
    assert reading.usable
    assert reading.network["carriers"]["kind"][1] == "common"
    assert any("row 2" in warning and "common" in warning for warning in reading.warnings)


def test_a_carrier_mode_that_rates_do_not_know_is_left_out_with_a_warning():
    carriers = "carrier_id,kind,modes\nOWN,own,LineHaul;lastmile\nTL,common,truckload\n"
    reading = examined(MINIMAL | {"carriers": carriers})
    assert reading.network["carriers"]["modes"].to_list() == [["linehaul", "lastmile"], None]
    assert "truckload" in reading.warnings[0]


def test_unknown_columns_are_named_in_a_warning_of_sane_length():
    carriers = f"carrier_id,kind,colour,{'x' * 100_000}\nOWN,own,red,\nTL,common,blue,\n"
    (warning,) = examined(MINIMAL | {"carriers": carriers}).warnings
    assert "colour" in warning
    assert len(warning) < 300


def test_a_users_own_columns_stay_with_the_rows_that_went_through():
    carriers = "carrier_id,kind,colour\nOWN,own,red\n,common,lost\nTL,common,blue\n"
    reading = examined(MINIMAL | {"carriers": carriers})
    assert reading.network["carriers"]["carrier_id"].to_list() == ["OWN", "TL"]
    assert reading.unknown["carriers"].to_dict(as_series=False) == {"colour": ["red", "blue"]}
    assert list(reading.unknown) == ["carriers"]


def test_a_facility_with_an_address_alone_stands_at_its_zip():
    facilities = (
        "facility_id,roles,address,timezone\n"
        'ORD,origin_station;hub,"1 Main St, Chicago, IL 60601",America/Chicago\n'
        'IND,destination_station,"46204",America/Indiana/Indianapolis\n'
        'DTW,destination_station,"5 Elm St, Detroit, MI 48201-1234, USA",America/Detroit\n'
    )
    network = examined(MINIMAL | {"facilities": facilities}).network
    assert network["facilities"]["latitude"].to_list() == pytest.approx(
        [41.88, 39.77, 42.34], abs=0.1
    )
    assert sum("centre of its address's ZIP" in told for told in network.assumptions) == 3


def test_a_house_number_is_no_zip():
    facilities = (
        "facility_id,roles,address,timezone,latitude,longitude\n"
        'ORD,origin_station,"10001 Main Street, Chicago",America/Chicago,,\n'
        "IND,hub;origin_station,,America/Chicago,39.77,-86.16\nDTW,hub,,America/Detroit,42.3,-83\n"
    )
    rejects = examined(MINIMAL | {"facilities": facilities}).rejects
    assert rejects.select("file", "row", "field").rows() == [("facilities", 1, "address")]


@pytest.mark.parametrize(
    ("text", "mask"),
    [("MTWTF--", "MTWTF--"), ("1111100", "MTWTF--"), ("mtwtf", "MTWTF--"), ("SU", "-----SU"),
     ("MWF", "M-W-F--"), ("TT", "-T-T---"), ("U", "------U")],
)  # fmt: skip
def test_day_masks_are_read_as_people_write_them(text, mask):
    assert normalised_days(text) == mask


@pytest.fixture(scope="module")
def builtin_cells() -> dict[str, pl.DataFrame]:
    """Text cells of the built-in network of two metros, at most 12 rows a file."""
    network = builtin_network(2)
    cells: dict[str, pl.DataFrame] = {}
    for name, table in network.tables.items():
        lists = [key for key, dtype in table.schema.items() if isinstance(dtype, pl.List)]
        instants = [key for key, dtype in table.schema.items() if isinstance(dtype, pl.Datetime)]
        texts = table.head(12).with_columns(
            pl.col(lists).list.join(";"), pl.col(instants).dt.to_string("%+")
        )
        if not texts.is_empty():
            cells[name] = texts.cast(pl.String)
    return cells


@pytest.fixture(scope="module")
def good_rows(builtin_cells) -> dict[str, int]:
    """Rows of each file that the check accepts of them."""
    reading = examine_network({file: RawTable(cells) for file, cells in builtin_cells.items()})
    return {name: table.height for name, table in reading.network.tables.items()}


CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", " ", ";", "0", "-1", "NaN", "1e400", "24:00", "0000-01-01", "9999-12-31", "hub", "٣",
         "America", "\N{GRINNING FACE}", "2026-12-01T00:00:00Z", "MTWTFSU", "462", "EWR", "own"]
    ),
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_any_cell_may_be_anything_and_only_its_own_row_is_lost(builtin_cells, good_rows, data):
    name = data.draw(st.sampled_from(sorted(builtin_cells)), label="file")
    column = data.draw(st.sampled_from(NETWORK_FILES[name].all_columns), label="column").name
    row = data.draw(st.integers(0, builtin_cells[name].height - 1), label="row")
    values = builtin_cells[name][column].to_list()
    values[row] = data.draw(CELLS, label="cell")
    changed = builtin_cells[name].with_columns(pl.Series(column, values, pl.String))
    raw = {file: RawTable(cells) for file, cells in (builtin_cells | {name: changed}).items()}
    after = examine_network(raw)
    lost = good_rows[name] - after.network[name].height
    assert lost <= (2 if name == "drivers" else 1)  # a team is lost together
    if not after.usable:
        with pytest.raises(CrossdockError):
            check_network(raw)
