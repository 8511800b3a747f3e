"""What one worker process does: wait for an item, compute its answer, send it back.

Messages to a worker are ``FUNCTION`` and ``ITEM`` with a pickle; each item is answered by one
`Reply`. A worker has one item at a time, so whoever waits for it knows what it worked on.
"""

from __future__ import annotations

import importlib
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import connection, parent_process
from multiprocessing.connection import Connection
from typing import Any

from crossdock.model import CrossdockError
from crossdock.platform.engine.naming import one_line

FUNCTION = b"f"
ITEM = b"i"


@dataclass(frozen=True)
class Reply:
    """A worker's word on one item: its pickled answer, or why there is none."""

    answer: bytes = b""
    cause: str = ""
    remedy: str = ""
    trace: str = ""

    @property
    def failed(self) -> bool:
        """The item has no answer."""
        return bool(self.cause)


def serve(line: Connection[Any, Any], imports: Sequence[str] = ()) -> None:
    """Import ``imports``, then answer items from ``line`` until the other end hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for module in imports:
        importlib.import_module(module)
    function_pickle = b""
    while True:
        try:
            message = line.recv_bytes()
        except EOFError:
            return
        if message[:1] == FUNCTION:
            function_pickle = message[1:]
        else:
            line.send(_answer(function_pickle, message[1:]))


def _end_with_parent() -> None:
    """A worker whose parent was killed would compute for nobody."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _answer(function_pickle: bytes, item_pickle: bytes) -> Reply:
    try:
        function: Callable[[Any], Any] = pickle.loads(function_pickle)
        answer = function(pickle.loads(item_pickle))
        return Reply(answer=pickle.dumps(answer, pickle.HIGHEST_PROTOCOL))
    except Exception as error:  # whatever an item raises is told under the item's name
        remedy = error.remedy if isinstance(error, CrossdockError) else ""
        return Reply(cause=one_line(error), remedy=remedy, trace=traceback.format_exc())
