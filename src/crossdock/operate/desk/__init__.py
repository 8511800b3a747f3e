"""The desk: how many people a desk of exceptions needs."""

from crossdock.operate.desk.staffing import CITATION, DeskStaffing, desk_staffing, wait_probability

__all__ = ["CITATION", "DeskStaffing", "desk_staffing", "wait_probability"]
