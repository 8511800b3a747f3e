"""Files: what Crossdock reads and what it writes, whole or not at all."""

from crossdock.platform.store.run_folder import RunDraft, RunFolder
from crossdock.platform.store.stage_meter import StageCost, StageMeter

__all__ = ["RunDraft", "RunFolder", "StageCost", "StageMeter"]
