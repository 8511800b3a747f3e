"""A run that is watched: planned while the tower is open already, then played at a chosen speed."""

from crossdock.platform.playing.tower import Watching, serve_run

__all__ = ["Watching", "serve_run"]
