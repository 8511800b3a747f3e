"""A child process as who started it sees it: start it, hear it, end it with all it started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

_PATIENCE_S = 5.0


class ChildProcess:
    """A process that runs one errand.

    Parameters
    ----------
    program
        Module to run: its ``main`` is `run_errand`.
    errand
        Plain JSON data: what it is to do.
    heard
        Called when the process says something or ends.

    Attributes
    ----------
    stage, share_done
        As last reported.
    found
        Facts that were reported on the way.
    last_words
        What it said in the end: ``failed`` or ``lost``; nothing where all went well.
    """

    def __init__(self, program: str, errand: Mapping[str, Any], heard: Callable[[], None]) -> None:
        self.stage = "starting"
        self.share_done = 0.0
        self.found: dict[str, Any] = {}
        self.last_words: Mapping[str, Any] = {}
        self._heard = heard
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True, name="child-listener")
        self._listener.start()
        with suppress(BrokenPipeError):  # it ended at once; its exit code tells
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(errand) + "\n")
            self._process.stdin.flush()

    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        code = self._process.poll()
        if code is not None and self._listener.is_alive():
            self._strike(signal.SIGKILL)  # what it started and left behind
            self._listener.join(_PATIENCE_S)
        return code

    def end(self) -> None:
        """End it, if it has not ended, with every process that it started."""
        for blow in (signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is None:
                self._strike(blow)
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(_PATIENCE_S)
        self.exit_code()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(BrokenPipeError):
                assert pipe is not None
                pipe.close()

    def _strike(self, blow: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, blow)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            if "stage" in said:
                self.stage, self.share_done = said.pop("stage"), said.pop("share_done")
                self.found |= said
            else:
                self.last_words = said
            self._heard()
        self._process.wait()
        self._heard()
