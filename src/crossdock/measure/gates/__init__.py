"""What must hold before a plan is released, checked again without the planners' code."""

from crossdock.measure.gates.fault import GateFault
from crossdock.measure.gates.gates import GATES, not_checked, release_gates

__all__ = ["GATES", "GateFault", "not_checked", "release_gates"]
