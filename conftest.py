"""Tests run alike on every machine: a fixed number of generated cases, no clock on slow ones."""

from hypothesis import settings

settings.register_profile("crossdock", derandomize=True, deadline=None, database=None)
settings.load_profile("crossdock")
