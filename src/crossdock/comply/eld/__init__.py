"""Electronic logging devices: output files, edits, unidentified driving, the daily record."""

from crossdock.comply.eld.certifying import certify, days_to_certify
from crossdock.comply.eld.checks import event_check, file_check, line_check
from crossdock.comply.eld.duty_log import eld_of, timeline_of
from crossdock.comply.eld.edit_checks import Change, Edit
from crossdock.comply.eld.edits import (
    Edited,
    Requester,
    accept_edit,
    edit_as_driver,
    propose_edit,
    reject_edit,
)
from crossdock.comply.eld.event_checks import stamped
from crossdock.comply.eld.grid import draw_grid
from crossdock.comply.eld.reading import MOST_BYTES, MOST_LINES, EldRead, read_eld
from crossdock.comply.eld.records import (
    Annotation,
    Certification,
    Cmv,
    EldFile,
    EngineEvent,
    Event,
    Header,
    Login,
    Malfunction,
    UnidentifiedEvent,
    User,
)
from crossdock.comply.eld.rods import (
    MissingItem,
    Remark,
    RodsDay,
    RodsForm,
    missing_items,
    rods_day,
    totals_text,
)
from crossdock.comply.eld.rods_of_file import rods_of_file
from crossdock.comply.eld.telematics import TelematicsLog, TelematicsRead, timelines_of
from crossdock.comply.eld.unidentified import annotate_unidentified, assume_driving
from crossdock.comply.eld.writing import eld_file_name, write_eld
from crossdock.comply.eld.wrong import BadRow, WrongCheck

__all__ = [
    "MOST_BYTES",
    "MOST_LINES",
    "Annotation",
    "BadRow",
    "Certification",
    "Change",
    "Cmv",
    "Edit",
    "Edited",
    "EldFile",
    "EldRead",
    "EngineEvent",
    "Event",
    "Header",
    "Login",
    "Malfunction",
    "MissingItem",
    "Remark",
    "Requester",
    "RodsDay",
    "RodsForm",
    "TelematicsLog",
    "TelematicsRead",
    "UnidentifiedEvent",
    "User",
    "WrongCheck",
    "accept_edit",
    "annotate_unidentified",
    "assume_driving",
    "certify",
    "days_to_certify",
    "draw_grid",
    "edit_as_driver",
    "eld_file_name",
    "eld_of",
    "event_check",
    "file_check",
    "line_check",
    "missing_items",
    "propose_edit",
    "read_eld",
    "reject_edit",
    "rods_day",
    "rods_of_file",
    "stamped",
    "timeline_of",
    "timelines_of",
    "totals_text",
    "write_eld",
]
