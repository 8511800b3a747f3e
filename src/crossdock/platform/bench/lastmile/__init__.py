"""Our route planner and its peers side by side: same instances, cores, seconds and checks."""

from crossdock.platform.bench.lastmile.instances import find_instances
from crossdock.platform.bench.lastmile.measure import BenchRow, BenchRun, measure_lastmile
from crossdock.platform.bench.lastmile.solvers import PEERS
from crossdock.platform.bench.lastmile.summary import write_lastmile

__all__ = ["PEERS", "BenchRow", "BenchRun", "find_instances", "measure_lastmile", "write_lastmile"]
