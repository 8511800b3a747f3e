"""Frames as one blob: the same frames are the same bytes, and come back as they were."""

from __future__ import annotations

import time

import polars as pl
import pytest

from crossdock.model import InputUnusableError
from crossdock.model.packing import packed_frames, unpacked_frames

FRAMES = {"a": pl.DataFrame({"x": [1, 2]}), "b": pl.DataFrame({"y": ["z"]})}


def test_when_frames_are_packed_is_not_in_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = packed_frames(FRAMES, "form-1")
    monkeypatch.setattr(time, "time", lambda: 1_000_000_000.0)
    assert packed_frames(FRAMES, "form-1") == now
    assert time.time() == 1_000_000_000.0


def test_frames_come_back_and_another_form_is_refused() -> None:
    back = unpacked_frames(packed_frames(FRAMES, "form-1"), "form-1")
    assert {name: frame.to_dicts() for name, frame in back.items()} == {
        name: frame.to_dicts() for name, frame in FRAMES.items()
    }
    with pytest.raises(InputUnusableError, match="another version"):
        unpacked_frames(packed_frames(FRAMES, "form-1"), "form-2")
