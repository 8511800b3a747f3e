"""The smallest network a user may hand over: five files, a dozen rows, three facilities."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from crossdock.locate.zips import place_of_address
from crossdock.model.network import NetworkReading, RawTable, examine_network

MINIMAL = {
    "facilities": """\
facility_id,name,roles,latitude,longitude,timezone
ORD,Chicago,origin_station;hub,41.98,-87.90,America/Chicago
IND,Indianapolis,destination_station,39.77,-86.16,America/Indiana/Indianapolis
DTW,Detroit,destination_station,42.33,-83.05,America/Detroit
""",
    "coverage": """\
zip,facility_id,carrier_id,mode
462,IND,OWN,own
482,DTW,OWN,own
""",
    "vehicle_types": """\
vehicle_type,class,nominal_m3,stow_factor,payload_kg,fixed_usd_day,cost_usd_mile
van,van,12,,1400,60,0.60
box_26,truck,48,,4500,120,1.10
""",
    "carriers": """\
carrier_id,name,kind
OWN,Our fleet,own
TL,Truckers,common
""",
    "rates": """\
carrier_id,mode,vehicle_type,basis,rate_usd
TL,linehaul,,mile,2.50
OWN,lastmile,,stop,2.00
""",
}
"""CSV text of each required file."""

DRIVERS = """\
driver_id,carrier_id,domicile_facility_id,kind,team_with
ANN,OWN,ORD,linehaul,BOB
BOB,OWN,ORD,linehaul,ANN
CY,OWN,IND,last_mile,
"""


def with_row(file: str, row: str) -> dict[str, str]:
    """The minimal network with ``row`` at the end of ``file``."""
    return MINIMAL | {file: f"{MINIMAL[file]}{row}\n"}


def raw_tables(texts: dict[str, str]) -> dict[str, RawTable]:
    """Files as the reader hands them to the check."""
    return {
        name: RawTable(pl.read_csv(text.encode(), infer_schema=False))
        for name, text in texts.items()
    }


def examined(texts: dict[str, str]) -> NetworkReading:
    """What the check says of ``texts``."""
    return examine_network(raw_tables(texts), geocode=place_of_address)


def written(texts: dict[str, str], directory: Path) -> Path:
    """``directory``, made if it is missing, with ``texts`` as CSV files."""
    directory.mkdir(exist_ok=True)
    for name, text in texts.items():
        (directory / f"{name}.csv").write_text(text, encoding="utf-8")
    return directory
