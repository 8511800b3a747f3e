"""Work in a process of its own: it keeps who asked responsive, and is ended at once."""

from crossdock.platform.child.errand import Report, run_errand
from crossdock.platform.child.process import ChildProcess

__all__ = ["ChildProcess", "Report", "run_errand"]
