"""The command line: thin commands over the public face of each room."""

from crossdock.platform.cli.main import main

__all__ = ["main"]
