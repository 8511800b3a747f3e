"""Choose an engine by name."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol

from crossdock.model import Engine, UsageError
from crossdock.platform.engine.local import LocalEngine
from crossdock.platform.engine.ray import RayEngine

ENGINE_KINDS = ("local", "ray")


class WorkEngine(Engine, Protocol):
    """An engine with a lifetime: its workers end with its ``with`` block."""

    def __enter__(self) -> WorkEngine:
        """Workers start now or when the first map needs them."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the workers."""
        ...


def open_engine(kind: str, workers: int, *, imports: Sequence[str] = ()) -> WorkEngine:
    """Engine of ``kind`` with ``workers`` workers; use it as a context manager.

    Parameters
    ----------
    kind
        ``local`` (processes of this machine) or ``ray``.
    workers
        How many items run at once; with ``local`` and 1 they run in this process.
    imports
        Modules that local workers import while the caller still reads its input.

    Raises
    ------
    UsageError
        Unknown kind, fewer than one worker, or Ray is not installed.
    """
    if kind not in ENGINE_KINDS:
        raise UsageError(
            f"unknown engine {kind!r}", remedy=f"choose one of: {', '.join(ENGINE_KINDS)}"
        )
    if kind == "ray":
        return RayEngine(workers)
    return LocalEngine(workers, imports=imports)
