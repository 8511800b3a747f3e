"""What must hold before a plan is released, checked again without the planners' code."""

from crossdock.measure.gates.fault import GateFault
from crossdock.measure.gates.gates import GATES, not_checked, release_gates
from crossdock.measure.gates.override import OVERRIDABLE, Overridden, Override, apart

__all__ = [
    "GATES",
    "OVERRIDABLE",
    "GateFault",
    "Overridden",
    "Override",
    "apart",
    "not_checked",
    "release_gates",
]
