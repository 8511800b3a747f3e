"""What happened to a plan, as the first part of its page."""

from crossdock.measure.report.lived.content import lived_content
from crossdock.measure.report.lived.days import Days, Lived

__all__ = ["Days", "Lived", "lived_content"]
