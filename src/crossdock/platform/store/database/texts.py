"""Texts that come in from outside, before a database is asked for them."""

from __future__ import annotations


def can_be_kept(text: str) -> bool:
    """Whether both databases could hold ``text``; what they cannot hold they do not have."""
    return "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)
