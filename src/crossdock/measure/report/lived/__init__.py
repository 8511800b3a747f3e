"""What happened to a plan, as the first part of its page."""

from crossdock.measure.report.lived.content import lived_content
from crossdock.measure.report.lived.days import Days, Lived
from crossdock.measure.report.lived.record import SHOWN, Shown, lived_record

__all__ = ["SHOWN", "Days", "Lived", "Shown", "lived_content", "lived_record"]
