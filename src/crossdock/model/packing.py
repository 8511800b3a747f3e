"""Several frames as one blob, such as a state that is kept and taken up again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import polars as pl

from crossdock.model.errors import InputUnusableError

_FORMAT = "format"


def packed_frames(frames: Mapping[str, pl.DataFrame], form: str) -> bytes:
    """``frames`` by name; ``form`` names what they are, with its version.

    The same frames are the same bytes: no time of packing is in them.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(_FORMAT), form)
        for name, frame in frames.items():
            table = io.BytesIO()
            frame.write_ipc(table, compression="zstd")
            archive.writestr(zipfile.ZipInfo(name), table.getvalue())
    return packed.getvalue()


def unpacked_frames(content: bytes, form: str) -> dict[str, pl.DataFrame]:
    """The frames that `packed_frames` packed.

    Raises
    ------
    InputUnusableError
        ``content`` is nothing of the kind, or of another form.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = archive.read(_FORMAT).decode()
            if found != form:
                raise InputUnusableError(
                    f"the saved state is of another version: {found}, not {form}",
                    remedy="start anew",
                )
            return {
                name: pl.read_ipc(io.BytesIO(archive.read(name)))
                for name in archive.namelist()
                if name != _FORMAT
            }
    except (zipfile.BadZipFile, KeyError) as error:
        raise InputUnusableError("this is no saved state", remedy="start anew") from error
