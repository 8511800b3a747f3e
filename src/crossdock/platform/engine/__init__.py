"""Where work runs: the processes of this machine, or Ray across many."""

from crossdock.platform.engine.local import LocalEngine
from crossdock.platform.engine.ray import RayEngine
from crossdock.platform.engine.select import ENGINE_KINDS, WorkEngine, open_engine

__all__ = ["ENGINE_KINDS", "LocalEngine", "RayEngine", "WorkEngine", "open_engine"]
