"""How the server writes its log: records that nothing a client sends can forge."""

from __future__ import annotations

import logging
import time

_TIME = "%Y-%m-%dT%H:%M:%SZ"
_UNSEEN = (*range(32), *range(127, 160), 0x2028, 0x2029)
_SHOWN = {code: f"\\x{code:02x}" for code in _UNSEEN}
_INDENT = "  "


class RecordFormatter(logging.Formatter):
    """One line a record, with what is not printable escaped; its traceback follows indented."""

    converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        at = self.formatTime(record, _TIME)
        told = [f"{at} {record.levelname} {record.name}: {record.getMessage()}"]
        if record.exc_info:
            trace = self.formatException(record.exc_info)
            told += [f"{_INDENT}{line}" for line in trace.splitlines()]
        return "\n".join(line.translate(_SHOWN) for line in told)


def write_records() -> None:
    """Write warnings and errors of this process to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(RecordFormatter())
    logging.basicConfig(handlers=[handler])
