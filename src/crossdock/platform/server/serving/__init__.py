"""The application as a whole, and a process that serves it."""

from crossdock.platform.server.serving.app import create_app
from crossdock.platform.server.serving.serve import drain, get_ready, listening, serve

__all__ = ["create_app", "drain", "get_ready", "listening", "serve"]
