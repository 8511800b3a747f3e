"""JSON files in and out, with errors that say what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import msgspec

from crossdock.model import InputUnusableError, UsageError
from crossdock.platform.store.run_folder import replace_file


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object of a file.

    Raises
    ------
    InputUnusableError
        No such file, no JSON, or something else than an object.
    """
    try:
        content = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise InputUnusableError(
            f"{path} cannot be read: {error.strerror}", remedy="check the path"
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputUnusableError(
            f"{path} is no JSON: {error}", remedy="correct the file at that place"
        ) from error
    if not isinstance(content, dict):
        raise InputUnusableError(
            f"{path} holds no JSON object", remedy="put the content between { and }"
        )
    return cast("dict[str, Any]", content)


def write_json(path: Path, content: object) -> None:
    """Write a file whole, or leave what is there.

    Raises
    ------
    UsageError
        The folder is missing or cannot be written to.
    """
    text = msgspec.json.format(msgspec.json.encode(content), indent=1)
    write_file(path, text + b"\n")


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole, or leave what is there.

    Raises
    ------
    UsageError
        The folder is missing or cannot be written to.
    """
    try:
        replace_file(path, content)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", remedy="name a file in a writable folder"
        ) from error
