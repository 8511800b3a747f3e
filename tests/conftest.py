"""Puts this folder on the import path: rooms share the worlds built in it."""
