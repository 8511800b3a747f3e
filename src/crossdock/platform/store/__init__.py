"""Files: what Crossdock reads and what it writes, whole or not at all."""

from crossdock.platform.store.csv_records import open_records
from crossdock.platform.store.documents import read_object, write_file, write_json
from crossdock.platform.store.network_files import (
    examine_network_files,
    read_network,
    write_network,
)
from crossdock.platform.store.orders_file import read_orders
from crossdock.platform.store.reference_data import load_address_reference
from crossdock.platform.store.run_folder import (
    MANIFEST,
    NETWORK,
    PLAN,
    RUN_NOTE,
    RunDraft,
    RunFolder,
    check_place,
    replace_file,
    versions,
)
from crossdock.platform.store.stage_meter import StageCost, StageMeter

__all__ = [
    "MANIFEST",
    "NETWORK",
    "PLAN",
    "RUN_NOTE",
    "RunDraft",
    "RunFolder",
    "StageCost",
    "StageMeter",
    "check_place",
    "examine_network_files",
    "load_address_reference",
    "open_records",
    "read_network",
    "read_object",
    "read_orders",
    "replace_file",
    "versions",
    "write_file",
    "write_json",
    "write_network",
]
