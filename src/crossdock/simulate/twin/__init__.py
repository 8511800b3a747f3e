"""The twin: a seeded world that plays a released plan and emits what real carriers would."""

from crossdock.simulate.twin.scene import TwinInput
from crossdock.simulate.twin.truth import Truth
from crossdock.simulate.twin.twin import Twin

__all__ = ["Truth", "Twin", "TwinInput"]
