"""From a draft plan to papers: gates, a version, and files that appear whole or not at all."""

from crossdock.platform.release.release import ReleaseResult, release_run

__all__ = ["ReleaseResult", "release_run"]
